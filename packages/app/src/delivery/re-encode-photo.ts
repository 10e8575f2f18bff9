import sharp from 'sharp';
import { InvalidInputError } from '../platform/errors.ts';

export interface EncodedPhoto {
  readonly data: Buffer;
  readonly contentType: 'image/jpeg' | 'image/png';
  readonly width: number;
  readonly height: number;
}

/** A phone's 48 megapixels are fine, twice over; a decompression bomb is not. */
const max_pixels = 110_000_000;
/** What any template can use; larger photos are scaled down. */
const longest_side = 2_560;

/**
 * Decodes a photo of unknown origin once, within limits, and writes it anew: upright, in sRGB, scaled down, without metadata. Nothing else ever
 * decodes what a person sent.
 * @throws InvalidInputError `upload_not_an_image`, `upload_too_many_pixels`
 */
export async function reEncodePhoto(bytes: Buffer): Promise<EncodedPhoto> {
  const source = sharp(bytes, { limitInputPixels: max_pixels, failOn: 'truncated', animated: false });
  const about = await source.metadata().catch((error: unknown) => {
    throw refusalOf(error);
  });
  if (!['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif'].includes(about.format)) throw notAnImage();
  if (about.width * about.height > max_pixels) throw tooManyPixels();
  const upright = source
    .rotate()
    .resize({ width: longest_side, height: longest_side, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb');
  const encoded = about.hasAlpha ? upright.png() : upright.jpeg({ quality: 92, mozjpeg: false });
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true }).catch((error: unknown) => {
    throw refusalOf(error);
  });
  return {
    data,
    contentType: about.hasAlpha ? 'image/png' : 'image/jpeg',
    width: info.width,
    height: info.height,
  };
}

function refusalOf(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  return /pixel limit/i.test(message) ? tooManyPixels() : notAnImage();
}

function notAnImage(): InvalidInputError {
  return new InvalidInputError(
    'upload_not_an_image',
    'This file is not a photo that can be read: send a JPEG, PNG or WebP.',
    { field: 'file' },
  );
}

function tooManyPixels(): InvalidInputError {
  return new InvalidInputError(
    'upload_too_many_pixels',
    'This picture has too many pixels: send one of at most 100 megapixels.',
    { field: 'file' },
  );
}
