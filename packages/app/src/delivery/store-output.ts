import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { HoldfastError } from '../platform/errors.ts';
import { imageFormat } from '../platform/media/image-decoder.ts';
import { examineMedia, examinePicture } from '../platform/media/probe.ts';
import type { DeliveryDeps } from './deps.ts';
import { temporaryPrefixes } from './remove-interrupted.ts';

export interface StoredOutput {
  readonly sha256: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  /** Of the picture track, as measured; null for images. */
  readonly durationMs: number | null;
  readonly poster: { readonly sha256: string; readonly bytes: number; readonly contentType: string } | null;
}

/** `output_unplayable`, `output_too_large`: what was fetched can't be handed to anyone. */
export class OutputError extends HoldfastError {}

const max_poster_bytes = 20 * 1024 * 1024;

/**
 * Brings a made file into storage: fetched within its limits (a small picture into memory, anything else to a temporary file), looked at until it is certain that it plays, and only
 * then stored by its content. Nothing is left behind when it throws; a stored object that nobody refers to does no harm.
 * @throws OutputError, StorageError, and whatever `file` throws
 */
export async function storeOutput(
  deps: DeliveryDeps,
  output: {
    kind: 'video' | 'image';
    maxBytes: number;
    signal: AbortSignal;
    file: () => Promise<ReadableStream<Uint8Array>>;
    poster: (() => Promise<ReadableStream<Uint8Array>>) | null;
    fetched?: () => void;
  },
): Promise<StoredOutput> {
  const fetched = await fetchFile(await output.file(), output.maxBytes, output.signal);
  try {
    output.fetched?.();
    const facts = await probe(fetched, output.kind);
    const stored = await put(deps, fetched, output);
    const poster = output.poster === null ? null : await storePoster(deps, output.poster, output.signal);
    return { ...facts, ...stored, poster };
  } finally {
    await fetched.remove();
  }
}

async function storePoster(
  deps: DeliveryDeps,
  poster: () => Promise<ReadableStream<Uint8Array>>,
  signal: AbortSignal,
): Promise<StoredOutput['poster']> {
  const fetched = await fetchFile(await poster(), max_poster_bytes, signal);
  try {
    const { contentType } = await probe(fetched, 'image');
    return { ...(await put(deps, fetched, { maxBytes: max_poster_bytes, signal })), contentType };
  } finally {
    await fetched.remove();
  }
}

function put(deps: DeliveryDeps, fetched: Fetched, limits: { maxBytes: number; signal: AbortSignal }) {
  const content =
    fetched.picture === null ? createReadStream(fetched.path) : Readable.from([fetched.picture]);
  return deps.storage.put(content, { maxBytes: limits.maxBytes, signal: limits.signal });
}

async function probe(
  fetched: Fetched,
  kind: 'video' | 'image',
): Promise<{ contentType: string; width: number; height: number; durationMs: number | null }> {
  const verdict =
    fetched.picture === null
      ? await examineMedia(fetched.path)
      : ((await examinePicture(fetched.picture)) ?? notAPicture);
  if (!verdict.plays) throw new OutputError('output_unplayable', verdict.reason);
  const { facts } = verdict;
  if (facts.kind !== kind) {
    throw new OutputError(
      'output_unplayable',
      `The file is of kind ${facts.kind}, and ${kind} was asked for.`,
    );
  }
  const { contentType, width, height, durationMs } = facts;
  return { contentType, width, height, durationMs };
}

const notAPicture = { plays: false, reason: 'The file is no picture.' } as const;

/** A small picture stays in memory: most of what it would cost is what files cost. Everything else is a file of its own. */
type Fetched = { remove(): Promise<void> } & (
  | { readonly picture: Buffer }
  | { readonly picture: null; readonly path: string }
);

const most_in_memory = 512 * 1024;
const nothing = (): Promise<void> => Promise.resolve();

async function fetchFile(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Fetched> {
  const held: Uint8Array[] = [];
  let bytes = 0;
  let file: FileHandle | null = null;
  let folder: string | null = null;
  const remove = async (): Promise<void> => {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  };
  const spill = async (): Promise<string> => {
    folder = await mkdtemp(join(tmpdir(), temporaryPrefixes.output));
    const path = join(folder, 'output');
    file = await open(path, 'wx');
    for (const chunk of held) await file.writeFile(chunk);
    return path;
  };
  try {
    let path: string | null = null;
    for await (const chunk of stream) {
      signal.throwIfAborted();
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        throw new OutputError('output_too_large', `The file is larger than ${maxBytes} bytes.`);
      }
      if (path === null) held.push(chunk);
      else await (file as FileHandle | null)?.writeFile(chunk);
      if (path === null && bytes > most_in_memory) path = await spill();
    }
    if (bytes === 0) throw new OutputError('output_unplayable', 'The file is empty.');
    if (path === null) {
      const whole = Buffer.concat(held);
      if (imageFormat(whole) !== null) return { picture: whole, remove: nothing };
      path = await spill();
    }
    return { picture: null, path, remove };
  } catch (error) {
    await (file as FileHandle | null)?.close();
    file = null;
    await remove();
    throw error;
  } finally {
    await (file as FileHandle | null)?.close();
  }
}
