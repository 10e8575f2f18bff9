import { open, stat } from 'node:fs/promises';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import type { InputVideoTrack } from 'mediabunny';
import sharp from 'sharp';

export interface MediaFacts {
  readonly kind: 'video' | 'image';
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  /** Of the picture track; null for images. */
  readonly durationMs: number | null;
}

/** Larger pictures are refused before they are decoded. */
const max_pixels = 120_000_000;

const image_types: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
};

const video_types: Readonly<Record<string, string>> = {
  'video/mp4': 'video/mp4',
  'video/webm': 'video/webm',
  'video/quicktime': 'video/quicktime',
};

/**
 * What a file really is, from its content alone: a film whose picture track can be read to its last packet, or a picture that
 * decodes. Null where it is neither.
 */
export async function probeMedia(path: string): Promise<MediaFacts | null> {
  return (await startsLikeFilm(path)) ? probeFilm(path) : probePicture(path);
}

/** ISO media (`ftyp` at byte 4) or Matroska: told by their first bytes, so that no decoder guesses. */
async function startsLikeFilm(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(12);
    await file.read(head, 0, 12, 0);
    if (head.readUInt32BE(0) === 0x1a_45_df_a3) return true;
    const brand = head.toString('latin1', 8, 12);
    return head.toString('latin1', 4, 8) === 'ftyp' && !/^(avif|avis|heic|heix|mif1)$/.test(brand);
  } finally {
    await file.close();
  }
}

async function probeFilm(path: string): Promise<MediaFacts | null> {
  using input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  try {
    const type = (await input.getMimeType()).split(';')[0]?.trim() ?? '';
    const contentType = video_types[type];
    const track = await input.getPrimaryVideoTrack();
    if (contentType === undefined || track === null || (await track.getCodec()) === null) return null;
    const durationMs = await wholeDuration(track, (await stat(path)).size);
    if (durationMs === null) return null;
    const [width, height] = await Promise.all([track.getDisplayWidth(), track.getDisplayHeight()]);
    return { kind: 'video', contentType, width, height, durationMs };
  } catch {
    // Whatever a reader stumbles over in an untrusted file means the same: nobody can play it.
    return null;
  }
}

/** To the end of the last packet, in milliseconds; null where a packet that the index promises isn't in the file. */
async function wholeDuration(track: InputVideoTrack, fileBytes: number): Promise<number | null> {
  const sink = new EncodedPacketSink(track);
  let end = 0;
  let start = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
    start = Math.min(start, packet.timestamp);
    end = Math.max(end, packet.timestamp + packet.duration);
    bytes += packet.byteLength;
  }
  const first = await sink.getFirstPacket();
  const last = await sink.getPacket(Number.POSITIVE_INFINITY);
  if (first === null || last === null || bytes > fileBytes) return null;
  if (last.data.byteLength === 0 || last.data.byteLength !== last.byteLength) return null;
  const milliseconds = Math.round((end - Math.max(0, start)) * 1000);
  return milliseconds > 0 ? milliseconds : null;
}

async function probePicture(path: string): Promise<MediaFacts | null> {
  try {
    const picture = sharp(path, { limitInputPixels: max_pixels, failOn: 'truncated' });
    const { format, width, height } = await picture.metadata();
    const contentType = image_types[format];
    if (contentType === undefined) return null;
    // Decodes all of it: a header alone proves nothing.
    await picture.stats();
    return { kind: 'image', contentType, width, height, durationMs: null };
  } catch {
    // As above: a picture that doesn't decode is none.
    return null;
  }
}
