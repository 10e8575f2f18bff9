import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { HoldfastError } from '../errors.ts';

const folder = fileURLToPath(new URL('../../../sql/migrations/', import.meta.url));

export interface Migration {
  /** The file's name without `.sql`: four digits and what it does. They run in its order. */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** The application's migrations, in order. Each domain has a hundred numbers: accounts 0100 to 0199, and so on. */
export function readMigrations(): Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(file))
        throw new Error(`${file} is not a migration's name (0123_what_it_does.sql).`);
      const sql = readFileSync(`${folder}${file}`, 'utf8');
      return { name: file.slice(0, -4), sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/**
 * Runs the migrations that this database hasn't had, each in a transaction of its own together with the note that it ran.
 * @param client connected with the right to become the owner's role; one process at a time
 * @param only the names to run, for bringing an older backup back; default all
 */
export async function migrateApp(
  client: pg.ClientBase,
  migrations: readonly Migration[],
  only?: readonly string[],
): Promise<{ ran: string[] }> {
  await client.query(`
    create table if not exists holdfast.migration (
      name text primary key,
      checksum text not null,
      ran_at timestamptz not null default clock_timestamp()
    )`);
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from holdfast.migration',
  );
  const done = new Map(rows.map((row) => [row.name, row.checksum]));
  refuseStrange(done, migrations);
  const due = migrations.filter(({ name }) => !done.has(name) && (only === undefined || only.includes(name)));
  for (const migration of due) await run(client, migration);
  return { ran: due.map(({ name }) => name) };
}

function refuseStrange(done: ReadonlyMap<string, string>, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  const newer = [...done.keys()].filter((name) => !known.has(name)).sort();
  if (newer.length > 0) throw newerSchema(newer.join(', '));
  const changed = [...done].find(([name, checksum]) => known.get(name) !== checksum)?.[0];
  if (changed === undefined) return;
  throw new HoldfastError(
    'migration_changed',
    `The migration ${changed} has been edited since this database ran it: put the file back as it was and write a new migration.`,
    { migration: changed },
  );
}

export function newerSchema(what: string): HoldfastError {
  return new HoldfastError(
    'schema_newer',
    `This database has been used by a newer Holdfast (${what}): update this one, or restore a backup from before into another database.`,
    { what },
  );
}

async function run(client: pg.ClientBase, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(migration.sql);
    await client.query('insert into holdfast.migration (name, checksum) values ($1, $2)', [
      migration.name,
      migration.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new HoldfastError(
      'migration_failed',
      `The migration ${migration.name} failed and was undone (${(error as Error).message}): nothing of it is left; repair the cause and start again.`,
      { migration: migration.name },
      { cause: error },
    );
  }
}
