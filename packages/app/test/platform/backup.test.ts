import { createLedger } from '@holdfast/ledger';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { backup } from '../../src/platform/backup/backup.ts';
import { BackupWriter } from '../../src/platform/backup/format.ts';
import { restore } from '../../src/platform/backup/restore.ts';
import { listTables } from '../../src/platform/backup/tables.ts';
import { newId } from '../../src/platform/ids.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { readMigrations } from '../../src/platform/migrations/app-schema.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { ask, temporaryFolder } from './holder.ts';

let world: World;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let target: string;
let targetUrl: string;

beforeEach(async () => {
  world = await createWorld();
  folder = temporaryFolder();
  file = join(folder.path, 'holdfast.backup');
  target = newId('restored');
  await ask(inject('adminUrl'), `create database ${target}`);
  const url = new URL(inject('adminUrl'));
  url.pathname = `/${target}`;
  targetUrl = url.href;
});

afterEach(async () => {
  await world.close();
  await ask(inject('adminUrl'), `drop database ${target} with (force)`);
  folder.remove();
});

/** A person with 100 credits, 30 spent and 20 held; names that would spoil a text format. */
async function live(): Promise<string> {
  const person = newId('per');
  await world.db.query('insert into holdfast.person (id, name) values ($1, $2)', [
    person,
    'tab\t back\\slash\nline "ü" \\.',
  ]);
  const ledger = createLedger(world.db);
  await ledger.openAccount({ account: person });
  await ledger.grant({ account: person, key: 'welcome', amount: 100n });
  const { hold } = await ledger.placeHold({ account: person, key: 'hold 1', amount: 40n, leaseSeconds: 600 });
  await ledger.capture({ account: person, key: 'capture 1', hold: hold.id, amount: 30n });
  await ledger.placeHold({ account: person, key: 'hold 2', amount: 20n, leaseSeconds: 600 });
  return person;
}

async function contents(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const found: Record<string, string> = {};
  for (const { schema, name, columns } of await listTables(client)) {
    const { rows } = await client.query<{ all: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as all
       from (select ${columns.join(', ')} from ${schema}.${name}) t`,
    );
    found[`${schema}.${name}`] = rows[0]?.all ?? '';
  }
  await client.end();
  return found;
}

test('everything comes back, is proven, and goes on', async () => {
  const person = await live();
  const before = await contents(world.adminUrl);
  const made = await backup({ ownerUrl: world.adminUrl, file });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(made).toMatchObject({
    file,
    bytes: statSync(file).size,
    tables: Object.keys(before).length,
    files: 0,
  });
  const back = await restore({ ownerUrl: targetUrl, file });
  expect(back).toMatchObject({ tables: made.tables, rows: made.rows, files: 0 });
  expect(back.ledger).toMatchObject({ accounts: 1, operations: 5n, violations: 0 });
  const after = await contents(targetUrl);
  expect({ ...after, 'holdfast.installation': '' }).toEqual({ ...before, 'holdfast.installation': '' });
  expect(await ask(targetUrl, 'select reconcile_since from holdfast.installation')).toEqual(back.madeAt);
  // As the application, whose rights must have come back as well: the key is known, and new rows get new numbers.
  const app = new pg.Pool({
    connectionString: `${targetUrl}?options=${encodeURIComponent('-c role=holdfast_app')}`,
  });
  const ledger = createLedger(app);
  expect(await ledger.grant({ account: person, key: 'welcome', amount: 100n })).toMatchObject({
    replayed: true,
  });
  await ledger.openAccount({ account: 'another' });
  expect(await ledger.grant({ account: 'another', key: 'one', amount: 5n })).toMatchObject({
    replayed: false,
  });
  expect(await ledger.verify()).toMatchObject({ accounts: 2, violations: 0 });
  await expect(app.query(`update ledger.operation set amount = 1`)).rejects.toThrow(/permission denied/);
  await app.end();
  await expect(ask(targetUrl, 'update ledger.operation set amount = 1')).rejects.toThrow(/never changed/);
});

test('it is one moment, although others go on writing', async () => {
  const people = await Promise.all([live(), live(), live()]);
  const ledger = createLedger(world.db);
  const writing = { on: true };
  const writers = people.map(async (account) => {
    for (let i = 0; writing.on && i < 500; i += 1)
      await ledger.grant({ account, key: `more ${i}`, amount: 1n });
  });
  await backup({ ownerUrl: world.adminUrl, file });
  writing.on = false;
  await Promise.all(writers);
  const back = await restore({ ownerUrl: targetUrl, file });
  expect(back.ledger).toMatchObject({ accounts: 3, violations: 0 });
});

test('stored files are in it where asked for, and come back where asked for', async () => {
  await live();
  const storage = join(folder.path, 'storage');
  mkdirSync(join(storage, 'ab/cd'), { recursive: true });
  const video = Buffer.alloc(3_000_000, 'frame');
  writeFileSync(join(storage, 'ab/cd/video.mp4'), video);
  writeFileSync(join(storage, 'empty'), '');
  const made = await backup({ ownerUrl: world.adminUrl, file, storageDirectory: storage });
  expect(made.files).toBe(2);
  const elsewhere = join(folder.path, 'elsewhere');
  const back = await restore({ ownerUrl: targetUrl, file, storageDirectory: elsewhere });
  expect(back.files).toBe(2);
  expect(readFileSync(join(elsewhere, 'ab/cd/video.mp4')).equals(video)).toBe(true);
  expect(readdirSync(elsewhere).sort()).toEqual(['ab', 'empty']);
});

test('a backup from before the last migrations is brought to this version', async () => {
  const old = newId('old');
  await ask(inject('adminUrl'), `create database ${old}`);
  const url = new URL(targetUrl);
  url.pathname = `/${old}`;
  const migrations = readMigrations()
    .map(({ name }) => name)
    .filter((name) => name < '0101');
  await migrate({ ownerUrl: url.href, only: { migrations, ledger_version: 1000 } });
  const person = newId('per');
  await ask(url.href, `insert into holdfast.person (id) values ('${person}')`);
  await backup({ ownerUrl: url.href, file });
  await ask(inject('adminUrl'), `drop database ${old} with (force)`);
  await restore({ ownerUrl: targetUrl, file });
  expect(await ask(targetUrl, 'select id from holdfast.person')).toBe(person);
  expect(await ask(targetUrl, 'select count(*)::int from holdfast.migration')).toBe(readMigrations().length);
});

const tablesLeft = `select count(*)::int from pg_class where relnamespace::regnamespace::text in ('ledger', 'holdfast', 'auth', 'pgboss')`;

test.each([
  ['a byte changed in the middle', (whole: Buffer) => flip(whole, Math.floor(whole.length / 2))],
  ['a byte changed near the end', (whole: Buffer) => flip(whole, whole.length - 20)],
  ['cut in half', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
  ['nothing in it', () => Buffer.alloc(0)],
  ['another kind of file', () => Buffer.from('not a backup at all')],
  ['another kind of gzip', () => gzipSync('not a backup at all')],
  [
    'data changed and packed again',
    (whole: Buffer) => gzipSync(overwritten(gunzipSync(whole), 'back\\\\slash', 'BACK\\\\slash')),
  ],
  [
    'rows taken out and packed again',
    (whole: Buffer) => gzipSync(overwritten(gunzipSync(whole), '"rows":1,', '"rows":7,')),
  ],
  ['the end taken off and packed again', (whole: Buffer) => gzipSync(gunzipSync(whole).subarray(0, -100))],
])('a damaged file is refused before anything is touched: %s', async (_, spoil) => {
  await live();
  await backup({ ownerUrl: world.adminUrl, file });
  writeFileSync(file, spoil(readFileSync(file)));
  await expect(restore({ ownerUrl: targetUrl, file })).rejects.toMatchObject({
    code: 'backup_damaged',
    message: expect.stringMatching(
      / is damaged \(.+\): use another copy of this backup, or an earlier one\.$/,
    ),
  });
  expect(await ask(targetUrl, tablesLeft)).toBe(0);
});

function flip(whole: Buffer, at: number): Buffer {
  const copy = Buffer.from(whole);
  copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
  return copy;
}

/** Written over what stands there, from where `from` begins: lengths stay as the file says. */
function overwritten(whole: Buffer, from: string, to: string): Buffer {
  const at = whole.indexOf(from);
  if (at < 0) throw new Error(`There is no ${from}.`);
  const copy = Buffer.from(whole);
  copy.write(to, at);
  return copy;
}

test.each([
  ['another format', '"format":1', '"format":2', 'its format is 2'],
  ['another ledger', '"ledger_version":', '"ledger_version":9', 'its ledger is at version 9'],
  ['another migration', '"0001_platform"', '"0999_platform"', 'it knows 0999_platform'],
])('a newer Holdfast wrote it: %s', async (_, from, to, why) => {
  await backup({ ownerUrl: world.adminUrl, file });
  writeFileSync(file, gzipSync(overwritten(gunzipSync(readFileSync(file)), from, to)));
  await expect(restore({ ownerUrl: targetUrl, file })).rejects.toMatchObject({
    code: 'backup_newer',
    message: expect.stringContaining(`${file} was made by a newer Holdfast (${why}`),
  });
});

test('a database that is not empty is left as it is', async () => {
  await live();
  await backup({ ownerUrl: world.adminUrl, file });
  const before = await contents(world.adminUrl);
  await expect(restore({ ownerUrl: world.adminUrl, file })).rejects.toMatchObject({
    code: 'restore_target_not_empty',
  });
  expect(await contents(world.adminUrl)).toEqual(before);
});

test('files that are there, or are not, are named', async () => {
  writeFileSync(file, 'something');
  await expect(backup({ ownerUrl: world.adminUrl, file })).rejects.toMatchObject({ code: 'backup_exists' });
  expect(readFileSync(file, 'utf8')).toBe('something');
  const missing = join(folder.path, 'missing');
  await expect(restore({ ownerUrl: targetUrl, file: missing })).rejects.toMatchObject({
    code: 'backup_missing',
  });
  await expect(restore({ ownerUrl: targetUrl, file: folder.path })).rejects.toMatchObject({
    code: 'backup_missing',
  });
  const nowhere = join(folder.path, 'no/such/folder/x');
  await expect(backup({ ownerUrl: world.adminUrl, file: nowhere })).rejects.toMatchObject({
    code: 'backup_missing',
  });
  await expect(backup({ ownerUrl: targetUrl, file: missing })).rejects.toMatchObject({
    code: 'backup_nothing',
  });
  expect(readdirSync(folder.path)).toEqual(['holdfast.backup']);
});

test('a stored file never lands outside its directory', async () => {
  const writer = new BackupWriter(file);
  await writer.record({
    type: 'header',
    format: 1,
    made_at: new Date().toISOString(),
    holdfast_version: '0',
    server_version: '18',
    migrations: readMigrations().map(({ name }) => name),
    ledger_version: Number(await ask(world.adminUrl, 'select max(version) from ledger.migration')),
    includes_files: true,
  });
  const data = (async function* () {
    yield Buffer.from('evil');
  })();
  await writer.section({ type: 'section', kind: 'file', path: '../evil' }, data, () => 1);
  await writer.record({ type: 'end', sections: 1, sequences: [] });
  await writer.finish();
  const storageDirectory = join(folder.path, 'storage');
  await expect(restore({ ownerUrl: targetUrl, file, storageDirectory })).rejects.toMatchObject({
    code: 'backup_damaged',
  });
  expect(readdirSync(folder.path)).toEqual(['holdfast.backup']);
});
