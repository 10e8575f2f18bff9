import { open } from 'node:fs/promises';
import sharp from 'sharp';
import type { Sharp } from 'sharp';

// Strangers' files reach four decoders and no other: not SVG, PDF, TIFF, GIF or anything that runs a program.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadHeif'],
});
// Every picture is another one: nothing is gained by keeping them.
sharp.cache(false);

/** More than any phone takes (108 megapixels); a bomb asks for more. */
export const maxPixels = 120_000_000;
const decodeSeconds = 25;

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'heic';

/** What a file is by its first bytes, never by its name; null for everything that isn't one of the formats. */
export async function sniffImage(path: string): Promise<ImageFormat | null> {
  return imageFormat(await readHead(path, head_bytes));
}

const head_bytes = 32;

/** The same of what is in memory: its first bytes, or all of it. */
export function imageFormat(bytes: Buffer): ImageFormat | null {
  const head = bytes.subarray(0, head_bytes);
  if (head.length < 12) return null;
  if (head.readUIntBE(0, 3) === 0xffd8ff) return 'jpeg';
  if (head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]))) return 'png';
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP') return 'webp';
  if (head.toString('latin1', 4, 8) !== 'ftyp') return null;
  const brand = head.toString('latin1', 8, 12);
  if (brand === 'avif' || brand === 'avis') return 'avif';
  if (['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis'].includes(brand)) return 'heic';
  if (brand !== 'mif1' && brand !== 'msf1') return null;
  return head.includes('avif', 12, 'latin1') ? 'avif' : 'heic';
}

/** The first bytes of a file; fewer where it is shorter. */
export async function readHead(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Opens an image for decoding: bounded in pixels and in time, and failing where it is damaged. */
export function decoder(image: string | Buffer): Sharp {
  return sharp(image, {
    failOn: 'error',
    limitInputPixels: maxPixels,
    sequentialRead: true,
    pages: 1,
  }).timeout({
    seconds: decodeSeconds,
  });
}
