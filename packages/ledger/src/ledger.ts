import type { Ledger } from './api.ts';
import type { LedgerOptions, Queryable } from './types.ts';

export type { Ledger } from './api.ts';

/**
 * A ledger over a database that `migrateLedger` has prepared.
 * @param db a pool, or anything with `query(text, values)`
 */
export declare function createLedger(db: Queryable, options?: LedgerOptions): Ledger;
