import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '../platform/errors.ts';
import { examineMedia } from '../platform/media/probe.ts';
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
 * Brings a made file into storage: fetched to a temporary file within its limits, looked at until it is certain that it plays, and only
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
  const folder = await mkdtemp(join(tmpdir(), temporaryPrefixes.output));
  try {
    const path = join(folder, 'output');
    await download(await output.file(), path, output.maxBytes, output.signal);
    output.fetched?.();
    const facts = await probe(path, output.kind);
    const stored = await deps.storage.put(createReadStream(path), {
      maxBytes: output.maxBytes,
      signal: output.signal,
    });
    const poster = output.poster === null ? null : await storePoster(deps, folder, output);
    return { ...facts, ...stored, poster };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function storePoster(
  deps: DeliveryDeps,
  folder: string,
  output: { poster: (() => Promise<ReadableStream<Uint8Array>>) | null; signal: AbortSignal },
): Promise<StoredOutput['poster']> {
  if (output.poster === null) return null;
  const path = join(folder, 'poster');
  await download(await output.poster(), path, max_poster_bytes, output.signal);
  const { contentType } = await probe(path, 'image');
  const stored = await deps.storage.put(createReadStream(path), {
    maxBytes: max_poster_bytes,
    signal: output.signal,
  });
  return { ...stored, contentType };
}

async function probe(
  path: string,
  kind: 'video' | 'image',
): Promise<{ contentType: string; width: number; height: number; durationMs: number | null }> {
  const verdict = await examineMedia(path);
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

async function download(
  stream: ReadableStream<Uint8Array>,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, 'wx');
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        throw new OutputError('output_too_large', `The file is larger than ${maxBytes} bytes.`);
      }
      await file.writeFile(chunk);
    }
    if (bytes === 0) throw new OutputError('output_unplayable', 'The file is empty.');
  } finally {
    await file.close();
  }
}
