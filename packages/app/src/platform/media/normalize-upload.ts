import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { InvalidInputError } from '../errors.ts';
import { decoder, maxPixels, sniffImage } from './image-decoder.ts';

export interface NormalizedUpload {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** Hex, of the new file. */
  readonly sha256: string;
  readonly contentType: 'image/jpeg';
}

export interface NormalizeOptions {
  /** A file, or the bytes as they arrive. */
  readonly source: string | Readable;
  /** Where the new file shall be; beside it, temporary files come and go. */
  readonly outFile: string;
  /** Of the file as sent; 25 MB unless said otherwise. */
  readonly maxBytes?: number;
  /** The longer side of the new file; 2560 unless said otherwise. Larger pictures are scaled down. */
  readonly maxSide?: number;
}

const smallestSide = 16;

/**
 * The door for a stranger's photo: nothing else decodes what was sent. It is decoded here in full and written anew as a JPEG: upright, in
 * sRGB, on white, without its metadata. Its name and declared type are never looked at. Nothing is left behind where it throws.
 *
 * Throws `InvalidInputError`: upload_empty, upload_not_an_image, upload_format_unsupported, upload_too_large (bytes, or pixels: a bomb),
 * upload_too_small, upload_animated, upload_truncated (cut off or damaged).
 */
export async function normalizeUpload(options: NormalizeOptions): Promise<NormalizedUpload> {
  const { source, outFile, maxBytes = 25 * 1024 * 1024, maxSide = 2560 } = options;
  const received = `${outFile}.upload`;
  const written = `${outFile}.tmp`;
  try {
    const path = typeof source === 'string' ? source : received;
    if (typeof source !== 'string') await receive(source, received, maxBytes);
    await check(path, maxBytes);
    const { width, height } = await reencode(path, written, maxSide);
    const { sha256, bytes } = await sync(written);
    await rename(written, outFile);
    return { path: outFile, width, height, bytes, sha256, contentType: 'image/jpeg' };
  } finally {
    await Promise.all([received, written].map((file) => rm(file, { force: true })));
  }
}

function tooLarge(maxBytes: number): InvalidInputError {
  return new InvalidInputError(
    'upload_too_large',
    `The photo is larger than ${Math.floor(maxBytes / 1_048_576)} MB.`,
    {
      max_bytes: maxBytes,
    },
  );
}

async function receive(source: Readable, path: string, maxBytes: number): Promise<void> {
  let bytes = 0;
  await pipeline(
    source,
    async function* limit(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw tooLarge(maxBytes);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'w' }),
  );
}

async function check(path: string, maxBytes: number): Promise<void> {
  const { size } = await stat(path);
  if (size === 0) throw new InvalidInputError('upload_empty', 'The file is empty.');
  if (size > maxBytes) throw tooLarge(maxBytes);
  const format = await sniffImage(path);
  if (format === null) {
    throw new InvalidInputError('upload_not_an_image', 'The file is not a JPEG, PNG, WebP or AVIF picture.');
  }
  if (format === 'heic') {
    throw new InvalidInputError(
      'upload_format_unsupported',
      'HEIC photos can’t be opened here. Save it as a JPEG and send that.',
      { format },
    );
  }
  const facts = await decoder(path)
    .metadata()
    .catch((error: unknown) => {
      throw asInputError(error);
    });
  if ((facts.pages ?? 1) > 1) {
    throw new InvalidInputError('upload_animated', 'The picture moves. Send one that stands still.');
  }
  if (facts.width * facts.height > maxPixels) throw tooManyPixels();
  if (facts.width < smallestSide || facts.height < smallestSide) {
    throw new InvalidInputError(
      'upload_too_small',
      `The picture is smaller than ${smallestSide} pixels a side.`,
      {
        min_side: smallestSide,
      },
    );
  }
}

async function reencode(
  path: string,
  outFile: string,
  maxSide: number,
): Promise<{ width: number; height: number }> {
  try {
    const { width, height } = await decoder(path)
      .autoOrient()
      .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColorspace('srgb')
      .jpeg({ quality: 88, chromaSubsampling: '4:4:4' })
      .toFile(outFile);
    return { width, height };
  } catch (error) {
    throw asInputError(error);
  }
}

const tooManyPixels = (): InvalidInputError =>
  new InvalidInputError(
    'upload_too_large',
    `The picture has more than ${maxPixels / 1_000_000} million pixels.`,
    { max_pixels: maxPixels },
  );

/** The decoder tells its reasons in words only; whatever it can't read is damaged, unless it is too large. */
function asInputError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ('code' in error && typeof error.code === 'string') return error; // the disk's, not the picture's
  if (/pixel limit/i.test(error.message)) return tooManyPixels();
  if (/timeout/i.test(error.message)) {
    return new InvalidInputError('upload_too_large', 'The picture takes too long to open.');
  }
  return new InvalidInputError(
    'upload_truncated',
    'The picture is cut off or damaged: it can’t be opened whole.',
  );
}

async function sync(path: string): Promise<{ sha256: string; bytes: number }> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
