import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ask,
  hasOwnMounts,
  Holder,
  isRoot,
  ownMounts,
  scriptsArePublic,
  somebody,
  temporaryFolder,
} from './holder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let data: string;
let holders: Holder[];

beforeEach(() => {
  folder = temporaryFolder();
  data = join(folder.path, 'data');
  holders = [];
});

afterEach(async () => {
  await Promise.all(holders.map((holder) => holder.end('SIGTERM')));
  folder.remove([join(data, 'postgres')]);
});

function hold(options?: ConstructorParameters<typeof Holder>[1]): Holder {
  const holder = new Holder(data, options);
  holders.push(holder);
  return holder;
}

/** What it says instead of starting. */
async function refusal(options?: ConstructorParameters<typeof Holder>[1]): Promise<[string, string]> {
  const holder = hold(options);
  return [await holder.line('code'), await holder.line('message')];
}

async function makeOnce(): Promise<void> {
  const holder = hold();
  await ask(await holder.line('url'), 'create table kept as select 42 as answer');
  await holder.end();
}

test("a directory with somebody else's files is left alone", async () => {
  mkdirSync(data);
  writeFileSync(join(data, 'thesis.tex'), 'years of work');
  expect(await refusal()).toEqual([
    'data_directory_foreign',
    `${data} holds "thesis.tex", which Holdfast didn't make, so it won't touch it: set HOLDFAST_DATA_DIR to a new or empty directory.`,
  ]);
  expect(readdirSync(data)).toEqual(['thesis.tex']);
});

test("another program's Postgres is left alone", async () => {
  mkdirSync(data);
  writeFileSync(join(data, 'PG_VERSION'), '18\n');
  expect(await refusal()).toEqual([
    'data_directory_foreign',
    `${data} holds another program's Postgres, which Holdfast didn't make, so it won't touch it: set HOLDFAST_DATA_DIR to a new or empty directory.`,
  ]);
});

test('a file in place of the directory', async () => {
  writeFileSync(data, '');
  expect(await refusal()).toEqual([
    'data_directory_foreign',
    `${data} can't be Holdfast's data directory because there is a file in its place: set HOLDFAST_DATA_DIR to a new directory.`,
  ]);
});

test('a cluster of an older major version says how to bring it over, and is not touched', async () => {
  await makeOnce();
  writeFileSync(join(data, 'postgres', 'PG_VERSION'), '17\n');
  expect(await refusal()).toEqual([
    'postgres_other_version',
    `The database in ${data}/postgres belongs to Postgres 17, and this Holdfast brings Postgres 18: make a backup with the Holdfast that wrote it ("holdfast backup <file>") and restore it with this one into a new HOLDFAST_DATA_DIR ("holdfast restore <file>").`,
  ]);
  writeFileSync(join(data, 'postgres', 'PG_VERSION'), '18\n');
  expect(await ask(await hold().line('url'), 'select answer from kept')).toBe(42);
});

test('a cluster from another kind of machine', async () => {
  await makeOnce();
  const file = join(data, 'postgres.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"machine":"[^"]+"/, '"machine":"linux-s390x"'));
  const [code, message] = await refusal();
  expect(code).toBe('postgres_other_machine');
  expect(message).toMatch(
    /was made on linux-s390x and this machine is \S+: make a backup there with "holdfast backup <file>" and restore it here into a new HOLDFAST_DATA_DIR\.$/,
  );
});

test('a cluster that is gone is never replaced by an empty one in silence', async () => {
  await makeOnce();
  renameSync(join(data, 'postgres'), join(folder.path, 'moved'));
  expect(await refusal()).toEqual([
    'postgres_damaged',
    `The database of ${data} was in ${data}/postgres and is gone: put it back, or restore a backup into a new HOLDFAST_DATA_DIR.`,
  ]);
  renameSync(join(folder.path, 'moved'), join(data, 'postgres'));
  rmSync(join(data, 'postgres-password'));
  expect(await refusal()).toEqual([
    'postgres_damaged',
    `The password of the database (${data}/postgres-password) is gone: put it back, or restore a backup into a new HOLDFAST_DATA_DIR.`,
  ]);
});

test('a data directory that was moved as a whole still works', async () => {
  await makeOnce();
  renameSync(data, `${data}-moved`);
  data = `${data}-moved`;
  expect(await ask(await hold().line('url'), 'select answer from kept')).toBe(42);
});

test('an initdb that was killed half way is done again', async () => {
  const holder = hold();
  const isHalfWay = () =>
    readdirSync(folder.path, { recursive: true }).some((path) => /new-.*PG_VERSION$/.test(String(path)));
  await expect.poll(isHalfWay, { timeout: 20_000, interval: 5 }).toBe(true);
  await holder.end('SIGKILL');
  expect(await ask(await hold().line('url'))).toBe(1);
});

const mounted = (script: string) => [...ownMounts, 'sh', '-c', `${script}; exec "$@"`, 'sh'];

test.each(hasOwnMounts ? ['8m', '24m'] : [])('a full disk (%s)', async (size) => {
  const mount = `mkdir -p '${data}' && mount -t tmpfs -o size=${size} tmpfs '${data}'`;
  expect(await refusal({ wrap: mounted(mount) })).toEqual([
    'disk_full',
    expect.stringMatching(
      /^The disk that holds \S+ is full: free at least 200 MB there, or set HOLDFAST_DATA_DIR to a directory on another disk\.$/,
    ),
  ]);
});

test.each(hasOwnMounts ? ['new', 'used'] : [])('a read-only file system (%s)', async (state) => {
  mkdirSync(data);
  writeFileSync(join(data, 'HOLDFAST'), '');
  if (state === 'new') rmSync(join(data, 'HOLDFAST'));
  const mount = `mount --bind '${folder.path}' '${folder.path}' && mount -o remount,ro,bind '${folder.path}'`;
  expect(await refusal({ wrap: mounted(mount) })).toEqual([
    'data_directory_read_only',
    expect.stringMatching(
      /^\S+ is on a read-only file system: set HOLDFAST_DATA_DIR to a directory that can be written\.$/,
    ),
  ]);
});

test.each(isRoot && scriptsArePublic ? ['root'] : [])('a directory of %s for another user', async () => {
  await makeOnce();
  chmodSync(data, 0o755);
  expect(await refusal({ uid: somebody })).toEqual([
    'data_directory_not_writable',
    `Holdfast isn't allowed to write in ${data}: run it as that directory's owner, or set HOLDFAST_DATA_DIR to a directory of yours.`,
  ]);
});

test.each(hasOwnMounts ? ['container'] : [])(
  'a server that runs in another %s on the same volume',
  async () => {
    const first = hold();
    const url = await first.line('url');
    const container = [...ownMounts, '--pid', '--fork', '--mount-proc'];
    expect(await refusal({ wrap: container })).toEqual([
      'data_directory_in_use',
      `Another container or machine works on ${data}: only processes that see one another can share it; give all of them the DATABASE_URL of one Postgres.`,
    ]);
    expect(await ask(url)).toBe(1);
  },
);
