import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFileStorage } from '../../src/delivery/storage/file-system.ts';
import { createS3Storage } from '../../src/delivery/storage/s3.ts';
import type { Storage } from '../../src/delivery/storage/port.ts';
import { newId } from '../../src/platform/ids.ts';
import { commandLine, runCli } from '../cli/run-cli.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { s3Keys, startS3Server } from './support/s3-server.ts';
import type { S3Server } from './support/s3-server.ts';

let world: World;
let directory: string;
let server: S3Server;
let s3: Storage & { close(): void };
let files: Storage;
let env: Record<string, string>;
const names: string[] = [];
const all = 80;

beforeAll(async () => {
  world = await createWorld();
  directory = await mkdtemp(join(tmpdir(), 'holdfast-move-'));
  server = await startS3Server(join(directory, 'bucket'));
  files = createFileStorage({ directory: join(directory, 'files') });
  s3 = createS3Storage({
    bucket: 'holdfast',
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: s3Keys,
    cacheDirectory: join(directory, 'cache'),
  });
  env = {
    DATABASE_URL: world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes',
    STORAGE_DIR: join(directory, 'files'),
    S3_BUCKET: 'holdfast',
    S3_ENDPOINT: server.endpoint,
    S3_ACCESS_KEY_ID: s3Keys.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
  };
  const person = newId('per');
  await world.admin.query('insert into holdfast.person (id) values ($1)', [person]);
  for (let number = 0; number < all; number += 1) {
    const { sha256, bytes } = await files.put(Readable.from([randomBytes(50_000)]), { maxBytes: 100_000 });
    names.push(sha256);
    await world.admin.query(
      `insert into holdfast.upload (id, person_id, sha256, content_type, bytes, width, height)
       values ($1, $2, $3, 'image/jpeg', $4, 1, 1)`,
      [newId('upl'), person, sha256, bytes],
    );
  }
});
afterAll(async () => {
  s3.close();
  server.close();
  await rm(directory, { recursive: true, force: true });
  await world.close();
});

interface Report {
  readonly objects: number;
  readonly copied: number;
  readonly present: number;
  readonly missing: string[];
  readonly wrong: string[];
  readonly checksum: string;
}

async function move(to: string): Promise<{ code: number | null; report: Report }> {
  const { code, stdout } = await runCli(['storage', 'move', to, '--json'], env);
  return { code, report: JSON.parse(stdout) as Report };
}

const digestIn = async (storage: Storage, name: string) => {
  const opened = await storage.open(name);
  const content = await buffer(opened?.stream ?? Readable.from([]));
  return createHash('sha256').update(content).digest('hex');
};

test('killed in the middle it goes on; there and back every checksum is the same', async () => {
  const child = spawn(process.execPath, [commandLine, 'storage', 'move', 's3'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  await expect.poll(() => server.count(), { interval: 5, timeout: 100_000 }).toBeGreaterThan(5);
  child.kill('SIGKILL');
  await ended;
  const before = await server.count();
  expect(before).toBeLessThan(all);

  const there = await move('s3');
  expect(there.code).toBe(0);
  expect(there.report).toMatchObject({ objects: all, missing: [], wrong: [] });
  expect(there.report.present).toBeGreaterThan(4);
  expect(there.report.present + there.report.copied).toBe(all);
  expect(await server.count()).toBe(all);
  for (const name of names) expect(await digestIn(s3, name)).toBe(name);

  for (const name of names) await files.remove(name);
  const back = await move('file-system');
  expect(back.code).toBe(0);
  expect(back.report).toMatchObject({ copied: all, missing: [], wrong: [], checksum: there.report.checksum });
  for (const name of names) expect(await digestIn(files, name)).toBe(name);
}, 240_000);

test('what is damaged where it was is said, and is not taken for the file; what is damaged where it goes is mended', async () => {
  const [damaged = '', mended = '', missing = ''] = names;
  const path = (name: string) =>
    join(directory, 'files', 'objects', name.slice(0, 2), name.slice(2, 4), name);
  await writeFile(path(damaged), 'something else');
  await s3.remove(damaged);
  await files.remove(missing);
  await s3.remove(missing);
  const { code, report } = await move('s3');
  expect(code).toBe(1);
  expect(report).toMatchObject({ objects: all, missing: [missing], wrong: [damaged] });
  expect(await s3.open(damaged)).toBeNull();

  await writeFile(path(mended), 'something else');
  const back = await move('file-system');
  expect(back.code).toBe(1);
  expect(back.report.copied).toBe(1);
  expect(await digestIn(files, mended)).toBe(mended);
}, 240_000);

test('without a bucket, or to somewhere that there is not, it says what to do', async () => {
  const { S3_BUCKET: _unset, ...without } = env;
  const unset = await runCli(['storage', 'move', 's3'], without);
  expect([unset.code, unset.stderr]).toEqual([1, expect.stringContaining('Set S3_BUCKET')]);
  const nowhere = await runCli(['storage', 'move', 'moon'], env);
  expect([nowhere.code, nowhere.stderr]).toEqual([
    2,
    expect.stringContaining('Allowed choices are s3, file-system'),
  ]);
}, 120_000);
