import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFileStorage } from '../../src/delivery/storage/file-system.ts';
import { moveStorage } from '../../src/delivery/storage/move.ts';
import { createS3Storage } from '../../src/delivery/storage/s3.ts';
import { newId } from '../../src/platform/ids.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
let directory: string;
let server: ChildProcess;
let endpoint: string;
let s3: ReturnType<typeof createS3Storage>;

const script = (name: string) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));

beforeAll(async () => {
  world = await createWorld();
  directory = await mkdtemp(join(tmpdir(), 'holdfast-s3-'));
  server = spawn(process.execPath, [script('s3-process.ts'), join(directory, 'bucket')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endpoint = await new Promise<string>((resolve, reject) => {
    server.once('exit', () => reject(new Error('the S3 server did not start')));
    if (!server.stdout) throw new Error('it says nothing');
    createInterface({ input: server.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
  });
  s3 = createS3Storage({
    bucket: 'holdfast',
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    cacheDirectory: join(directory, 'cache'),
    spoolDirectory: directory,
  });
});
afterAll(async () => {
  s3.close();
  server.kill();
  await rm(directory, { recursive: true, force: true });
  await world.close();
});

const sha = (content: Buffer) => createHash('sha256').update(content).digest('hex');

test('what is stored is read whole, in ranges, and as a file; it is removed', async () => {
  const content = randomBytes(300_000);
  const stored = await s3.put(Readable.from([content.subarray(0, 1000), content.subarray(1000)]), {
    maxBytes: 1_000_000,
  });
  expect(stored).toEqual({ sha256: sha(content), bytes: content.length });
  const opened = await s3.open(stored.sha256);
  expect(opened?.bytes).toBe(content.length);
  expect((await buffer(opened?.stream ?? Readable.from([]))).equals(content)).toBe(true);
  const part = await s3.open(stored.sha256, { start: 10, end: 19 });
  expect(part?.bytes).toBe(content.length);
  expect((await buffer(part?.stream ?? Readable.from([]))).equals(content.subarray(10, 20))).toBe(true);
  const path = await s3.localPath(stored.sha256);
  expect(sha(await readFile(path ?? ''))).toBe(stored.sha256);
  await s3.remove(stored.sha256);
  await s3.remove(stored.sha256);
  expect(await s3.open(stored.sha256)).toBeNull();
  expect(await s3.open('0'.repeat(64))).toBeNull();
  expect(await s3.open('../../etc/passwd')).toBeNull();
});

test('what is too large, or breaks off, leaves nothing', async () => {
  const large = s3.put(Readable.from([Buffer.alloc(2_000)]), { maxBytes: 1_000 });
  await expect(large).rejects.toMatchObject({ code: 'object_too_large' });
  const broken = new Readable({
    read() {
      this.destroy(new Error('cut'));
    },
  });
  await expect(s3.put(broken, { maxBytes: 1_000 })).rejects.toThrow('cut');
  const left = (await readdir(directory)).filter((name) => name.startsWith('holdfast-ingest-'));
  expect(left).toEqual([]);
});

test('a store that is away says so', async () => {
  const away = createS3Storage({
    bucket: 'holdfast',
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    cacheDirectory: directory,
  });
  await expect(away.open('0'.repeat(64))).rejects.toMatchObject({ code: 'storage_unavailable' });
  away.close();
}, 30_000);

test('200 MB go through with flat memory', async () => {
  const chunk = randomBytes(1_048_576);
  const hash = createHash('sha256');
  let peak = 0;
  const measure = () => {
    const { heapUsed, external } = process.memoryUsage();
    peak = Math.max(peak, heapUsed + external);
  };
  async function* film() {
    for (let part = 0; part < 200; part += 1) {
      chunk.writeUInt32BE(part);
      hash.update(chunk);
      yield Buffer.from(chunk);
    }
  }
  const { heapUsed, external } = process.memoryUsage();
  const before = heapUsed + external;
  const watching = setInterval(measure, 20);
  const stored = await s3.put(Readable.from(film()), { maxBytes: 300 * 1_048_576 });
  clearInterval(watching);
  expect(stored).toEqual({ sha256: hash.digest('hex'), bytes: 200 * 1_048_576 });
  expect((peak - before) / 1_048_576).toBeLessThan(120);
  const opened = await s3.open(stored.sha256);
  expect(opened?.bytes).toBe(stored.bytes);
  opened?.stream.destroy();
}, 120_000);

test('moved to the bucket and back with equal checksums; killed in the middle, it goes on', async () => {
  const files = createFileStorage({ directory: join(directory, 'files') });
  const person = newId('per');
  await world.admin.query('insert into holdfast.person (id) values ($1)', [person]);
  const names: string[] = [];
  for (let number = 0; number < 40; number += 1) {
    const { sha256, bytes } = await files.put(Readable.from([randomBytes(50_000)]), { maxBytes: 100_000 });
    names.push(sha256);
    await world.admin.query(
      `insert into holdfast.upload (id, person_id, sha256, content_type, bytes, width, height)
       values ($1, $2, $3, 'image/jpeg', $4, 1, 1)`,
      [newId('upl'), person, sha256, bytes],
    );
  }
  const child = spawn(
    process.execPath,
    [script('move-process.ts'), world.appUrl, join(directory, 'files'), endpoint],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (!child.stdout) throw new Error('it says nothing');
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'done 7') child.kill('SIGKILL');
  });
  await once(child, 'exit');
  const there = await moveStorage(world.db, { from: files, to: s3 });
  expect(there).toMatchObject({ objects: 40, missing: [], wrong: [] });
  expect(there.present).toBeGreaterThanOrEqual(7);
  expect(there.copied).toBeLessThanOrEqual(33);
  for (const name of names) await files.remove(name);
  const back = await moveStorage(world.db, { from: s3, to: files });
  expect(back).toMatchObject({ objects: 40, copied: 40, missing: [], wrong: [], checksum: there.checksum });
  const again = await moveStorage(world.db, { from: s3, to: files });
  expect(again).toMatchObject({ copied: 0, present: 40, checksum: there.checksum });
  const [first = ''] = names;
  await files.remove(first);
  await s3.remove(first);
  expect(await moveStorage(world.db, { from: files, to: s3 })).toMatchObject({ missing: [first] });
}, 60_000);
