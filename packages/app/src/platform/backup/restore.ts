import { createLedger } from '@holdfast/ledger';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, normalize, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { migrate } from '../migrate.ts';
import { readMigrations } from '../migrations/app-schema.ts';
import { ownerRole, schemas } from '../migrations/roles.ts';
import type { BackupProgress } from './backup.ts';
import { newer, readBackup } from './format.ts';
import type { BackupEnd, BackupHeader, BackupSection, Frame } from './format.ts';
import { BackupError, damaged } from './problems.ts';
import { copyText, listTables, quoted } from './tables.ts';
import type { Table } from './tables.ts';

export interface RestoreOptions {
  /** A login that may become the owner's role, to a database that nothing of Holdfast's is in. */
  readonly ownerUrl: string;
  readonly file: string;
  /** Where the backup's stored files go, if it has any; without it they are left out. */
  readonly storageDirectory?: string;
  readonly onProgress?: (progress: BackupProgress) => void;
}

export interface RestoreResult {
  /** The moment that the database is back at. */
  readonly madeAt: Date;
  readonly tables: number;
  readonly rows: number;
  readonly files: number;
  /** What the ledger's proof of everything found; `violations` is 0 unless the original had some too. */
  readonly ledger: { readonly accounts: number; readonly operations: bigint; readonly violations: number };
}

/**
 * Brings a backup back into an empty database, brings that to this version, and proves the ledger. The file is read through and
 * checked before anything is touched; if anything fails afterwards, the database is empty again.
 * What was under way at the time of the backup is marked (`holdfast.installation.reconcile_since`) to be compared with the providers.
 * @throws BackupError `backup_damaged`, `backup_newer`, `backup_missing`, `restore_target_not_empty`
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const file = resolve(options.file);
  const { header, sections } = await inspect(file);
  const client = new pg.Client({ connectionString: options.ownerUrl, application_name: 'holdfast restore' });
  await client.connect();
  try {
    await assertEmpty(client);
    try {
      await migrate({ ownerUrl: options.ownerUrl, only: header });
      await refuseNewerLedger(client, header, file);
      const counts = await load(client, file, header, sections, options);
      await migrate({ ownerUrl: options.ownerUrl });
      const ledger = await createLedger(client).verify();
      return { madeAt: new Date(header.made_at), ...counts, ledger };
    } catch (error) {
      await client.query('rollback');
      await client.query('reset role');
      await client.query(`drop schema if exists ${schemas.join(', ')} cascade`);
      throw error;
    }
  } finally {
    await client.end();
  }
}

/** Reads it all once, so that a damaged file is known before the database is touched. */
async function inspect(file: string): Promise<{ header: BackupHeader; sections: number }> {
  let header: BackupHeader | undefined;
  let sections = 0;
  for await (const frame of readBackup(file)) {
    if (frame.kind !== 'record') continue;
    if (frame.record.type === 'header') header = frame.record;
    if (frame.record.type === 'end') sections = frame.record.sections;
  }
  if (!header) throw damaged(file, 'it has no header');
  const known = new Set(readMigrations().map(({ name }) => name));
  const strange = header.migrations.filter((name) => !known.has(name));
  if (strange.length > 0) throw newer(file, `it knows ${strange.join(', ')}`);
  return { header, sections };
}

async function assertEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind = 'r' limit 1`,
    [schemas],
  );
  if (!rows[0]) return;
  throw new BackupError(
    'restore_target_not_empty',
    `The database isn't empty (it has ${rows[0].name}): restore into a new HOLDFAST_DATA_DIR or into a new database.`,
  );
}

async function refuseNewerLedger(client: pg.Client, header: BackupHeader, file: string): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    'select max(version) as version from ledger.migration',
  );
  if (rows[0]?.version !== header.ledger_version)
    throw newer(file, `its ledger is at version ${header.ledger_version}`);
}

async function load(
  client: pg.Client,
  file: string,
  header: BackupHeader,
  total: number,
  options: RestoreOptions,
): Promise<{ tables: number; rows: number; files: number }> {
  const counts = { tables: 0, rows: 0, files: 0 };
  await client.query('begin');
  await client.query(`set local role ${ownerRole}`);
  await client.query(`set local datestyle = 'ISO, YMD'`);
  const tables = await listTables(client);
  await disarm(client, tables);
  const frames = readBackup(file);
  for await (const frame of frames) {
    if (frame.kind !== 'record') continue;
    const { record } = frame;
    if (record.type === 'section') {
      const name = record.kind === 'table' ? `${record.schema}.${record.name}` : record.path;
      options.onProgress?.({ what: record.kind, name, done: counts.tables + counts.files, total });
      if (record.kind === 'table') {
        counts.rows += await loadTable(client, frames, record, tables, file);
        counts.tables += 1;
      } else counts.files += await loadFile(frames, record.path, options.storageDirectory, file);
    } else if (record.type === 'end') await setSequences(client, record);
  }
  for (const { schema, name } of tables)
    await client.query(`alter table ${quoted(schema, name)} enable trigger user`);
  await client.query(
    'update holdfast.installation set restored_at = clock_timestamp(), reconcile_since = $1',
    [header.made_at],
  );
  await client.query('commit');
  return counts;
}

/** Rules about changing rows don't hold while they are put back; and what the migrations wrote gives way to what was there. */
async function disarm(client: pg.Client, tables: readonly Table[]): Promise<void> {
  for (const { schema, name } of tables)
    await client.query(`alter table ${quoted(schema, name)} disable trigger user`);
  await client.query(`truncate ${tables.map(({ schema, name }) => quoted(schema, name)).join(', ')}`);
}

async function loadTable(
  client: pg.Client,
  frames: AsyncGenerator<Frame>,
  section: Extract<BackupSection, { kind: 'table' }>,
  tables: readonly Table[],
  file: string,
): Promise<number> {
  const known = tables.find(({ schema, name }) => schema === section.schema && name === section.name);
  if (!known || section.columns.some((column) => !known.columns.includes(column))) {
    throw damaged(file, `${section.schema}.${section.name} is not as its version had it`);
  }
  const stream = client.query(copyFrom(`copy ${copyText(section)} from stdin`));
  const done = finished(stream);
  for (;;) {
    const frame = await nextFrame(frames, file);
    if (frame.kind === 'data') {
      if (!stream.write(frame.data)) await Promise.race([once(stream, 'drain'), done]);
      continue;
    }
    stream.end();
    await done;
    if (frame.record.type !== 'section_end' || frame.record.rows !== stream.rowCount) {
      throw damaged(file, `${section.name} has another number of rows than it says`);
    }
    return stream.rowCount;
  }
}

async function loadFile(
  frames: AsyncGenerator<Frame>,
  path: string,
  storageDirectory: string | undefined,
  file: string,
): Promise<number> {
  const inside = normalize(path);
  if (inside.startsWith('..') || inside.startsWith('/'))
    throw damaged(file, 'a stored file leads out of its directory');
  const target = storageDirectory === undefined ? undefined : join(resolve(storageDirectory), inside);
  if (target !== undefined) await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const draft = `${target}.restoring`;
  const stream = target === undefined ? undefined : createWriteStream(draft, { mode: 0o600 });
  try {
    for (;;) {
      const frame = await nextFrame(frames, file);
      if (frame.kind === 'record') break;
      if (stream && !stream.write(frame.data)) await once(stream, 'drain');
    }
    if (!stream || target === undefined) return 0;
    stream.end();
    await finished(stream);
    await rename(draft, target);
    return 1;
  } catch (error) {
    stream?.destroy();
    if (stream) await rm(draft, { force: true });
    throw error;
  }
}

async function nextFrame(frames: AsyncGenerator<Frame>, file: string): Promise<Frame> {
  const next = await frames.next();
  if (next.done) throw damaged(file, 'it ends too early');
  return next.value;
}

async function setSequences(client: pg.Client, end: BackupEnd): Promise<void> {
  for (const { schema, name, value } of end.sequences) {
    await client.query('select setval($1::regclass, $2::bigint)', [quoted(schema, name), value]);
  }
}
