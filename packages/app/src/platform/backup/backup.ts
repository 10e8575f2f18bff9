import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { ownerRole } from '../migrations/roles.ts';
import { backup_format, BackupWriter } from './format.ts';
import type { BackupEnd, BackupHeader } from './format.ts';
import { BackupError } from './problems.ts';
import { copyText, listTables } from './tables.ts';

export interface BackupOptions {
  /** A login that may become the owner's role. */
  readonly ownerUrl: string;
  /** Must not exist yet. */
  readonly file: string;
  /** Also takes the stored uploads and results in this directory; without it only the database is in the backup. */
  readonly storageDirectory?: string;
  readonly onProgress?: (progress: BackupProgress) => void;
}

export interface BackupProgress {
  readonly what: 'table' | 'file';
  readonly name: string;
  readonly done: number;
  readonly total: number;
}

export interface BackupResult {
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  readonly tables: number;
  readonly rows: number;
  /** Stored files in it; 0 where they were not asked for. */
  readonly files: number;
}

/**
 * Writes everything that Holdfast knows into one file: the database as it is at one moment, while servers and workers go on,
 * and, if asked, the stored files. Never in it: jobs of the queue, and the secrets that live in the data directory or the
 * environment. The file has mode 0600 and appears under its name only when it is whole.
 * @throws BackupError `backup_exists`, `disk_full`, `file_not_accessible`, `backup_nothing`
 */
export async function backup(options: BackupOptions): Promise<BackupResult> {
  const file = resolve(options.file);
  if (existsSync(file))
    throw new BackupError('backup_exists', `${file} exists already: name a new file or remove it.`);
  const draft = `${file}.part`;
  await rm(draft, { force: true });
  const writer = new BackupWriter(draft);
  const client = new pg.Client({ connectionString: options.ownerUrl, application_name: 'holdfast backup' });
  try {
    await client.connect();
    await client.query('begin isolation level repeatable read read only');
    await becomeOwner(client);
    const header = await describe(client, options.storageDirectory !== undefined);
    await writer.record(header);
    const counts = { tables: 0, rows: 0, files: 0 };
    const tables = await listTables(client);
    for (const table of tables) {
      options.onProgress?.({
        what: 'table',
        name: `${table.schema}.${table.name}`,
        done: counts.tables,
        total: tables.length,
      });
      const stream = client.query(copyTo(`copy ${copyText(table)} to stdout`));
      const about = {
        type: 'section' as const,
        kind: 'table' as const,
        ...table,
        columns: [...table.columns],
      };
      const { rows } = await writer.section(about, stream as AsyncIterable<Buffer>, () => stream.rowCount);
      counts.tables += 1;
      counts.rows += rows;
    }
    const sequences = await readSequences(client);
    await client.query('commit');
    if (options.storageDirectory !== undefined) {
      counts.files = await writeFiles(writer, resolve(options.storageDirectory), options.onProgress);
    }
    await writer.record({ type: 'end', sections: counts.tables + counts.files, sequences });
    await writer.finish();
    await rename(draft, file);
    return { file, bytes: (await stat(file)).size, ...counts };
  } catch (error) {
    await writer.abandon();
    await rm(draft, { force: true });
    throw error;
  } finally {
    await client.end();
  }
}

async function becomeOwner(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(
    `select to_regclass('holdfast.migration') is not null as found`,
  );
  if (!rows[0]?.found) {
    throw new BackupError(
      'backup_nothing',
      "This database isn't one of Holdfast's yet: there is nothing to back up.",
    );
  }
  await client.query(`set local role ${ownerRole}`);
  await client.query(`set local datestyle = 'ISO, YMD'`);
}

async function describe(client: pg.Client, includesFiles: boolean): Promise<BackupHeader> {
  const { rows } = await client.query<{
    made_at: Date;
    server: string;
    ledger: number;
    migrations: string[];
  }>(`
    select clock_timestamp() as made_at, current_setting('server_version') as server,
      (select max(version) from ledger.migration) as ledger,
      (select array_agg(name order by name) from holdfast.migration) as migrations`);
  const row = rows[0];
  if (!row) throw new Error('A select without from has one row.');
  return {
    type: 'header',
    format: backup_format,
    made_at: row.made_at.toISOString(),
    holdfast_version: holdfastVersion(),
    server_version: row.server,
    migrations: row.migrations,
    ledger_version: row.ledger,
    includes_files: includesFiles,
  };
}

function holdfastVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Read after the tables: sequences know no moments, and one that is ahead of its table does no harm. */
async function readSequences(client: pg.Client): Promise<BackupEnd['sequences']> {
  const { rows } = await client.query<BackupEnd['sequences'][number]>(`
    select schemaname as schema, sequencename as name, last_value::text as value from pg_sequences
    where schemaname in ('ledger', 'holdfast', 'auth') and last_value is not null order by 1, 2`);
  return rows;
}

async function writeFiles(
  writer: BackupWriter,
  directory: string,
  onProgress: BackupOptions['onProgress'],
): Promise<number> {
  if (!existsSync(directory)) return 0;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  let done = 0;
  for (const path of paths) {
    const name = relative(directory, path).split(sep).join('/');
    onProgress?.({ what: 'file', name, done, total: paths.length });
    // One that was a draft a moment ago may be gone.
    if (!existsSync(path)) continue;
    await writer.section(
      { type: 'section', kind: 'file', path: name },
      createReadStream(path) as AsyncIterable<Buffer>,
      () => 1,
    );
    done += 1;
  }
  return done;
}
