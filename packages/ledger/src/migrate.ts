import { readFile, readdir } from 'node:fs/promises';
import { typedError } from './sql-errors.ts';
import type { Queryable } from './types/connecting.ts';

export type MigrateOptions = {
  /** Owns the schema and its tables; created (without login) where it doesn't exist. Default: the connected role. */
  ownerRole?: string;
  /** May call the ledger's functions and read its entries, nothing else; must exist. Default: nobody is granted anything. */
  appRole?: string;
  /** Stops at this version of the schema: for bringing an older backup back before going on. Default: all. */
  upTo?: number;
};

const migrationsFolder = new URL('../sql/migrations/', import.meta.url);

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Brings the schema `ledger` to this package's version, in one statement and thus one transaction. Safe to call from
 * several processes at once, and again.
 * @param db able to create the schema and, where one is named, the owner role
 * @returns the schema's version
 * @throws LedgerError `schema_version` where the database is newer than this package
 */
export async function migrateLedger(db: Queryable, options: MigrateOptions = {}): Promise<number> {
  const names = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(names.map((name) => readFile(new URL(name, migrationsFolder), 'utf8')));
  const steps = names.slice(0, options.upTo).map(
    (name, index) => `
      if not exists (select from ledger.migration where version = ${index + 1}) then
        execute ${literal(files[index] ?? '')};
        insert into ledger.migration (version, name) values (${index + 1}, ${literal(name)});
      end if;`,
  );
  try {
    await db.query(
      `do ${literal(`
      declare
        caller text := current_setting('role');
        newest int;
      begin
        perform pg_advisory_xact_lock(hashtextextended('ledger.migration', 0));
        ${ownerSteps(options.ownerRole)}
        create table if not exists ledger.migration (
          version int primary key, name text not null, applied_at timestamptz not null default now());
        select max(version) into newest from ledger.migration;
        if newest > ${names.length} then
          raise exception using errcode = 'LG014',
            message = format('the ledger''s schema is at version %s, this package knows ${names.length}: update the package', newest);
        end if;
        ${steps.join('')}
        revoke all on all functions in schema ledger from public;
        ${options.appRole === undefined ? '' : `perform ledger.allow(${literal(options.appRole)});`}
        perform set_config('role', caller, true);
      end`)}`,
      [],
    );
  } catch (error) {
    throw typedError(error);
  }
  return Math.min(names.length, options.upTo ?? names.length);
}

function ownerSteps(ownerRole: string | undefined): string {
  if (ownerRole === undefined) {
    return 'create schema if not exists ledger;';
  }
  const owner = identifier(ownerRole);
  return `
        if not exists (select from pg_roles where rolname = ${literal(ownerRole)}) then
          create role ${owner} nologin;
        end if;
        if not pg_has_role(current_user, ${literal(ownerRole)}, 'member') then
          execute format('grant ${owner} to %I', current_user);
        end if;
        create schema if not exists ledger authorization ${owner};
        set local role ${owner};`;
}
