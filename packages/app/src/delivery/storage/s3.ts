import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, HeadObjectCommand, S3Client, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { newToken } from '../../platform/ids.ts';
import { temporaryPrefixes } from '../remove-interrupted.ts';
import { StorageError } from './errors.ts';
import type { Storage, StoredObject } from './port.ts';

export interface S3StorageOptions {
  readonly bucket: string;
  /** Unset: AWS's own. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Unset: as the SDK finds them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Where objects lie for tools that need a file. */
  readonly cacheDirectory: string;
  /** Where streams are written while they are read. Default: the system's folder for such. */
  readonly spoolDirectory?: string;
}

const sha256_name = /^[0-9a-f]{64}$/;
const part_bytes = 8 * 1_048_576;
/** Parts under way at once: these and no more are in memory. */
const parts_abreast = 3;
const cached_ms = 6 * 3_600_000;
const lately_ms = 1_800_000;

/** Objects in a bucket of S3, R2 or MinIO: `objects/ab/cd/<sha256>`. What a stream is called is known when it has been read, so it goes through a file. */
export function createS3Storage(options: S3StorageOptions): Storage & { close(): void } {
  const { bucket, cacheDirectory } = options;
  const client = new S3Client({
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    // Other stores than AWS's own don't know the newer ones; what is stored is named by its SHA-256 anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const keyOf = (sha256: string): string | null =>
    sha256_name.test(sha256) ? `objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}` : null;

  async function lookAt(key: string): Promise<{ bytes: number; putAt: number } | null> {
    try {
      const { ContentLength, LastModified } = await client.send(
        new HeadObjectCommand({ Bucket: bucket, Key: key }),
      );
      return { bytes: ContentLength ?? 0, putAt: LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (isMissing(error)) return null;
      throw asStorageError(error);
    }
  }

  async function upload(path: string, stored: StoredObject, signal: AbortSignal | undefined): Promise<void> {
    const key = keyOf(stored.sha256);
    if (key === null) throw new Error('a digest is always a name');
    const known = await lookAt(key);
    // What has been there for long is put anew, so that whoever removes what is old sees that it is wanted again.
    if (known?.bytes === stored.bytes && known.putAt > Date.now() - lately_ms) return;
    const sending = new Upload({
      client,
      queueSize: parts_abreast,
      partSize: part_bytes,
      leavePartsOnError: false,
      params: { Bucket: bucket, Key: key, Body: createReadStream(path), Metadata: { sha256: stored.sha256 } },
    });
    const abort = (): void => void sending.abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await sending.done();
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    const there = await lookAt(key);
    if (there?.bytes !== stored.bytes) {
      throw new StorageError(
        'storage_unavailable',
        `The store has ${there?.bytes ?? 'no'} bytes of an object of ${stored.bytes}.`,
      );
    }
  }

  return {
    id: 's3',

    async put(content, { maxBytes, signal }) {
      const folder = await mkdtemp(join(options.spoolDirectory ?? tmpdir(), temporaryPrefixes.output));
      try {
        const path = join(folder, 'object');
        const stored = await spool(content, path, maxBytes, signal);
        await upload(path, stored, signal);
        return stored;
      } catch (error) {
        content.destroy();
        throw asStorageError(error);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },

    async open(sha256, range) {
      const key = keyOf(sha256);
      if (key === null) return null;
      try {
        const answer = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: key,
            ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` }),
          }),
        );
        const bytes = Number(/\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1] ?? answer.ContentLength ?? 0);
        if (!(answer.Body instanceof Readable)) throw new Error('the store sent no stream');
        return { stream: answer.Body, bytes };
      } catch (error) {
        if (isMissing(error)) return null;
        throw asStorageError(error);
      }
    },

    async localPath(sha256) {
      const opened = sha256_name.test(sha256) ? await this.open(sha256) : null;
      if (opened === null) return null;
      await mkdir(cacheDirectory, { recursive: true, mode: 0o700 });
      const path = join(cacheDirectory, sha256);
      const known = await stat(path).catch(() => null);
      if (known?.size === opened.bytes) {
        opened.stream.destroy();
        return path;
      }
      await forgetOld(cacheDirectory);
      const incoming = join(cacheDirectory, `${newToken()}.incoming`);
      const stored = await spool(opened.stream, incoming, opened.bytes, undefined);
      if (stored.sha256 !== sha256) {
        await rm(incoming, { force: true });
        throw new StorageError('storage_unavailable', `What the store has as ${sha256} is something else.`);
      }
      await rename(incoming, path);
      return path;
    },

    async remove(sha256, only) {
      const key = keyOf(sha256);
      if (key === null) return true;
      if (only !== undefined && ((await lookAt(key))?.putAt ?? 0) >= only.putBefore.getTime()) return false;
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      } catch (error) {
        if (!isMissing(error)) throw asStorageError(error);
      }
      return true;
    },

    close: () => client.destroy(),
  };
}

/** Into a file, within its limit, and what it is called. */
async function spool(
  content: Readable,
  path: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<StoredObject> {
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        done(new StorageError('object_too_large', `This is larger than ${maxBytes} bytes.`));
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(
    content,
    measure,
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
    signal === undefined ? {} : { signal },
  );
  return { sha256: hash.digest('hex'), bytes };
}

async function forgetOld(directory: string): Promise<void> {
  const long_ago = Date.now() - cached_ms;
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const known = await stat(path).catch(() => null);
    if (known !== null && known.atimeMs < long_ago && known.mtimeMs < long_ago)
      await rm(path, { force: true });
  }
}

function isMissing(error: unknown): boolean {
  const { name, $metadata: facts } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name === 'NoSuchKey' || name === 'NotFound' || facts?.httpStatusCode === 404;
}

function asStorageError(error: unknown): unknown {
  if (error instanceof StorageError || (error as Error | null)?.name === 'AbortError') return error;
  const {
    code,
    name,
    $metadata: facts,
  } = error as {
    code?: string;
    name?: string;
    $metadata?: { httpStatusCode?: number };
  };
  if (code === 'ENOSPC') {
    return new StorageError('storage_full', 'There is no space left for temporary files.', { cause: error });
  }
  if (facts !== undefined || /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|Timeout/.test(`${code} ${name}`)) {
    return new StorageError(
      'storage_unavailable',
      `The object store did not do it (${name ?? code ?? 'unknown'}): see to S3_BUCKET and its keys.`,
      { cause: error },
    );
  }
  return error;
}
