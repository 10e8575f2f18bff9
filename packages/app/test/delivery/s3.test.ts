import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createS3Storage } from '../../src/delivery/storage/s3.ts';
import { s3Keys, startS3Server } from './support/s3-server.ts';
import type { S3Server } from './support/s3-server.ts';

let directory: string;
let server: S3Server;
let s3: ReturnType<typeof createS3Storage>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-s3-'));
  server = await startS3Server(join(directory, 'bucket'));
  s3 = createS3Storage({
    bucket: 'holdfast',
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: s3Keys,
    cacheDirectory: join(directory, 'cache'),
    spoolDirectory: directory,
  });
});
afterAll(async () => {
  s3.close();
  server.close();
  await rm(directory, { recursive: true, force: true });
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
