import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { newToken } from '../../platform/ids.ts';
import { StorageError } from './errors.ts';
import type { Storage, StoredObject } from './port.ts';

const interrupted_after_ms = 24 * 3_600_000;
const sha256_name = /^[0-9a-f]{64}$/;

/**
 * Objects as files below one folder: `objects/ab/cd/<sha256>`. Written beside, synced, renamed into place and the folder synced: an
 * object that can be seen is whole, also after the power went.
 */
export function createFileStorage(options: { directory: string }): Storage {
  const objects = join(options.directory, 'objects');
  const incoming = join(options.directory, 'incoming');
  let swept: Promise<void> | null = null;
  /** Folders whose own place is on the disk for good: this process has seen to it. */
  const synced = new Set<string>();
  const pathOf = (sha256: string): string | null =>
    sha256_name.test(sha256) ? join(objects, sha256.slice(0, 2), sha256.slice(2, 4), sha256) : null;

  return {
    id: 'file-system',

    async put(content, { maxBytes, signal }) {
      const temporary = join(incoming, newToken());
      try {
        await mkdir(incoming, { recursive: true, mode: 0o700 });
        await (swept ??= removeInterrupted(incoming));
        const stored = await write(temporary, content, maxBytes, signal);
        const path = pathOf(stored.sha256);
        if (path === null) throw new Error('a digest is always a name');
        await moveIntoPlace(temporary, path, synced);
        return stored;
      } catch (error) {
        content.destroy();
        // What went wrong first is what is told; where even this fails, there is nothing to remove.
        await rm(temporary, { force: true }).catch(() => undefined);
        throw asStorageError(error);
      }
    },

    async open(sha256, range) {
      const path = pathOf(sha256);
      const bytes = path === null ? null : await sizeOf(path);
      if (path === null || bytes === null) return null;
      return { stream: createReadStream(path, range ?? {}), bytes };
    },

    async localPath(sha256) {
      const path = pathOf(sha256);
      return path !== null && (await sizeOf(path)) !== null ? path : null;
    },

    async remove(sha256, only) {
      const path = pathOf(sha256);
      if (path === null) return true;
      if (only !== undefined && (await putAt(path)) >= only.putBefore.getTime()) return false;
      await rm(path, { force: true });
      return true;
    },
  };
}

/** Files that a process which was killed didn't finish. Younger ones may be under way. */
async function removeInterrupted(incoming: string): Promise<void> {
  const long_ago = Date.now() - interrupted_after_ms;
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < long_ago) await rm(path, { force: true });
  }
}

async function write(
  path: string,
  content: Readable,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<StoredObject> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new StorageError('object_too_large', `This is larger than ${maxBytes} bytes.`);
      }
      hash.update(chunk);
      await writeAll(file, chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, written);
    written += bytesWritten;
  }
}

/** The same content twice is the same object: replacing it changes nothing. */
async function moveIntoPlace(temporary: string, path: string, synced: Set<string>): Promise<void> {
  const folder = dirname(path);
  const parent = dirname(folder);
  const created = await mkdir(folder, { recursive: true, mode: 0o700 });
  await rename(temporary, path);
  await syncFolder(folder);
  // Another process may have made them a moment ago, and be cut off before it syncs them.
  if (created === undefined && synced.has(folder)) return;
  for (const each of [parent, dirname(parent)]) await syncFolder(each);
  synced.add(folder);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing, and needs none.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    await access(path);
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw asStorageError(error);
  }
}

/** When it was put last, in milliseconds; 0 where it isn't there. */
async function putAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0;
      throw asStorageError(error);
    },
  );
}

function asStorageError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StorageError(
        'storage_full',
        'There is no space left for files: make room, or set STORAGE_DIR to another disk.',
        {
          cause: error,
        },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EIO':
      return new StorageError(
        'storage_unavailable',
        `Files can't be stored (${code}): see to the folder in STORAGE_DIR.`,
        {
          cause: error,
        },
      );
    default:
      return error;
  }
}
