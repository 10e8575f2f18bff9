import type { Queryable } from './types.ts';

export type MigrateOptions = {
  /** Owns the schema and its tables; created (without login) where it doesn't exist. Default: the connected role. */
  ownerRole?: string;
  /** May call the ledger's functions and read its views, nothing else; must exist. Default: nobody is granted anything. */
  appRole?: string;
};

/**
 * Brings the schema `ledger` to this package's version. Safe to call from several processes at once, and again.
 * @param db one connection (not a pool), able to create the schema and, where needed, to become the owner role
 * @returns the schema's version
 * @throws LedgerError `schema_version` where the database is newer than this package
 */
export declare function migrateLedger(db: Queryable, options?: MigrateOptions): Promise<number>;
