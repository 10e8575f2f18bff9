import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { readConfig } from '../../src/platform/config.ts';
import type { Environment } from '../../src/platform/config.ts';
import { newId } from '../../src/platform/ids.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { readMigrations } from '../../src/platform/migrations/app-schema.ts';
import { openDatabase } from '../../src/platform/open-database.ts';
import type { OpenDatabase } from '../../src/platform/open-database.ts';
import { ask, temporaryFolder } from './holder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let opened: OpenDatabase[];
let name: string;
let url: string;

beforeEach(async () => {
  folder = temporaryFolder();
  opened = [];
  name = newId('open');
  await ask(inject('adminUrl'), `create database ${name}`);
  const address = new URL(inject('adminUrl'));
  address.pathname = `/${name}`;
  url = address.href;
});

afterEach(async () => {
  for (const database of opened) await database.close();
  await ask(inject('adminUrl'), `drop database ${name} with (force)`);
  folder.remove([join(folder.path, 'data', 'postgres')]);
});

async function open(env: Environment): Promise<OpenDatabase> {
  const config = readConfig({ HOLDFAST_DATA_DIR: join(folder.path, 'data'), ...env });
  const database = await openDatabase({ config });
  opened.push(database);
  return database;
}

const unsafe = { HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes' };
const applied = 'select count(*)::int from holdfast.migration';

test('without DATABASE_URL it brings its own, durable, in which the application logs in as itself', async () => {
  const database = await open({});
  expect(database.kind).toBe('embedded');
  expect(await ask(database.appUrl, 'select session_user::text')).toBe('holdfast_app');
  expect(await ask(database.appUrl, applied)).toBe(readMigrations().length);
  await expect(ask(database.appUrl, 'set role holdfast_owner')).rejects.toThrow(/permission denied/);
  const again = await open({});
  expect(again.appUrl).toBe(database.appUrl);
});

test('with DATABASE_URL alone, its login migrates, and the application steps down to its role', async () => {
  const database = await open({ DATABASE_URL: url, ...unsafe });
  expect(database.kind).toBe('external');
  expect(await ask(database.appUrl, 'select current_user::text')).toBe('holdfast_app');
  await expect(ask(database.appUrl, 'drop table holdfast.migration')).rejects.toThrow(/must be owner/);
});

test('with DATABASE_OWNER_URL too, the application needs no rights of its own', async () => {
  const login = newId('login');
  await ask(inject('adminUrl'), `create role ${login} login password 'secret'`);
  const app = new URL(url);
  app.username = login;
  app.password = 'secret';
  const database = await open({ DATABASE_URL: app.href, DATABASE_OWNER_URL: url, ...unsafe });
  expect(await ask(database.appUrl, applied)).toBe(readMigrations().length);
  await expect(ask(database.appUrl, 'set role holdfast_owner')).rejects.toThrow(/permission denied/);
  await ask(inject('adminUrl'), `revoke holdfast_app from ${login}`);
  await ask(inject('adminUrl'), `drop role ${login}`);
});

test('a login that may not make what is needed is told what to run', async () => {
  const login = newId('login');
  await ask(inject('adminUrl'), `create role ${login} login password 'secret'`);
  const poor = new URL(url);
  poor.username = login;
  poor.password = 'secret';
  await expect(open({ DATABASE_URL: poor.href, ...unsafe })).rejects.toMatchObject({
    code: 'database_rights_missing',
    message: expect.stringContaining(`grant holdfast_owner, holdfast_app to ${login}`),
  });
  await ask(inject('adminUrl'), `drop role ${login}`);
});

test('a server that forgets what it confirmed is refused', async () => {
  await expect(open({ DATABASE_URL: url })).rejects.toMatchObject({
    code: 'postgres_not_durable',
    message: expect.stringMatching(
      /^This Postgres runs with fsync and full_page_writes and synchronous_commit off/,
    ),
  });
});

test('a Postgres that is not there, or not willing, says which variable to look at and shows no password', async () => {
  const closed = 'postgres://holdfast:hunter2@127.0.0.1:1/holdfast';
  const wrong = new URL(url);
  wrong.password = 'hunter2';
  for (const address of [closed, wrong.href]) {
    const failure = (await open({ DATABASE_URL: address }).catch((error: unknown) => error)) as Error;
    expect(failure).toMatchObject({ code: 'database_unreachable' });
    expect(failure.message).toMatch(
      /^The Postgres of DATABASE_URL can't be used \(.+\): start it or correct DATABASE_URL/,
    );
    expect(failure.message).not.toContain('hunter2');
  }
});

test('several processes that start at once migrate once', async () => {
  const ran = await Promise.all([1, 2, 3, 4].map(() => migrate({ ownerUrl: url })));
  const total = ran.flatMap((result) => result.ran);
  expect(total).toEqual(readMigrations().map((migration) => migration.name));
});

test('a database that a newer Holdfast has used is refused', async () => {
  await migrate({ ownerUrl: url });
  await ask(url, `insert into holdfast.migration (name, checksum) values ('9999_from_the_future', '')`);
  await expect(migrate({ ownerUrl: url })).rejects.toMatchObject({
    code: 'schema_newer',
    message:
      'This database has been used by a newer Holdfast (9999_from_the_future): update this one, or restore a backup from before into another database.',
  });
});

test('a migration that was edited after it ran is refused', async () => {
  await migrate({ ownerUrl: url });
  await ask(url, `update holdfast.migration set checksum = 'other' where name = '0001_platform'`);
  await expect(migrate({ ownerUrl: url })).rejects.toMatchObject({ code: 'migration_changed' });
});

test('a migration that fails leaves nothing of itself', async () => {
  await migrate({ ownerUrl: url, only: { migrations: ['0001_platform'], ledger_version: 1000 } });
  // Something in the way of the next one, half way through it.
  await ask(url, 'create table holdfast.person (id text)');
  const before = await ask(
    url,
    `select count(*)::int from pg_class where relnamespace in ('holdfast'::regnamespace, 'auth'::regnamespace)`,
  );
  await expect(migrate({ ownerUrl: url })).rejects.toMatchObject({ code: 'migration_failed' });
  const after = await ask(
    url,
    `select count(*)::int from pg_class where relnamespace in ('holdfast'::regnamespace, 'auth'::regnamespace)`,
  );
  expect(after).toBe(before);
  await ask(url, 'drop table holdfast.person');
  await migrate({ ownerUrl: url });
  expect(await ask(url, applied)).toBe(readMigrations().length);
});

test('connections come back as the application', async () => {
  const database = await open({ DATABASE_URL: url, ...unsafe });
  const client = new pg.Client({ connectionString: database.appUrl });
  await client.connect();
  await client.query('reset role');
  const { rows } = await client.query<{ name: string }>('select current_user::text as name');
  await client.end();
  expect(rows).toEqual([{ name: 'holdfast_app' }]);
});
