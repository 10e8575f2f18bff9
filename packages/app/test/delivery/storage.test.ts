import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileStorage } from '../../src/delivery/storage/file-system.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-storage-'));
});
afterEach(async () => {
  await chmod(directory, 0o700);
  await rm(directory, { recursive: true, force: true });
});

const content = Buffer.from('what was made');
const sha256 = createHash('sha256').update(content).digest('hex');
const stream = (...chunks: Buffer[]): Readable => Readable.from(chunks);

describe('objects are named by their content', () => {
  test('what was put can be opened, whole or in part', async () => {
    const storage = createFileStorage({ directory });
    expect(await storage.put(stream(content), { maxBytes: 100 })).toEqual({ sha256, bytes: content.length });
    const whole = await storage.open(sha256);
    expect(whole?.bytes).toBe(content.length);
    expect(await buffer(whole?.stream ?? stream())).toEqual(content);
    const part = await storage.open(sha256, { start: 5, end: 7 });
    expect((await buffer(part?.stream ?? stream())).toString()).toBe('was');
    expect(await storage.localPath(sha256)).toContain(sha256);
  });

  test('the same content, many times at once, is one object', async () => {
    const storage = createFileStorage({ directory });
    const puts = Array.from({ length: 20 }, () => storage.put(stream(content), { maxBytes: 100 }));
    expect(new Set((await Promise.all(puts)).map((stored) => stored.sha256))).toEqual(new Set([sha256]));
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
    await storage.remove(sha256);
    await storage.remove(sha256);
    expect(await storage.open(sha256)).toBeNull();
  });

  test.each(['../../etc/passwd', '', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(62)}/.`])(
    '%j names nothing',
    async (name) => {
      const storage = createFileStorage({ directory });
      expect(await storage.open(name)).toBeNull();
      expect(await storage.localPath(name)).toBeNull();
    },
  );
});

describe('what can not be stored leaves nothing behind', () => {
  test('too large', async () => {
    const storage = createFileStorage({ directory });
    const put = storage.put(stream(content, content), { maxBytes: 20 });
    await expect(put).rejects.toMatchObject({ code: 'object_too_large' });
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  test('a stream that breaks off', async () => {
    const storage = createFileStorage({ directory });
    const broken = Readable.from(
      (function* chunks() {
        yield content;
        throw new Error('cut off');
      })(),
    );
    await expect(storage.put(broken, { maxBytes: 100 })).rejects.toThrow('cut off');
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  test('aborted', async () => {
    const storage = createFileStorage({ directory });
    const put = storage.put(stream(content), { maxBytes: 100, signal: AbortSignal.abort() });
    await expect(put).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  test('no place to store it: a sentence that says what to do', async () => {
    await writeFile(join(directory, 'file'), '');
    const storage = createFileStorage({ directory: join(directory, 'file') });
    await expect(storage.put(stream(content), { maxBytes: 100 })).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('STORAGE_DIR'),
    });
  });
});

test('what a killed process left half-written is removed a day later, younger files are not', async () => {
  const incoming = join(directory, 'incoming');
  await mkdir(incoming, { recursive: true });
  await writeFile(join(incoming, 'old'), 'half');
  await writeFile(join(incoming, 'young'), 'half');
  const two_days_ago = new Date(Date.now() - 48 * 3_600_000);
  await utimes(join(incoming, 'old'), two_days_ago, two_days_ago);
  await createFileStorage({ directory }).put(stream(content), { maxBytes: 100 });
  expect(await readdir(incoming)).toEqual(['young']);
});
