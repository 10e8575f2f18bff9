import { open, stat } from 'node:fs/promises';
import { FilePathSource, EncodedPacketSink, Input, MP4, QTFF, WEBM } from 'mediabunny';
import type { InputVideoTrack } from 'mediabunny';
import { decoder, imageFormat, sniffImage } from './image-decoder.ts';

export interface VideoFacts {
  readonly kind: 'video';
  readonly contentType: 'video/mp4' | 'video/webm' | 'video/quicktime';
  /** As shown, turned upright. */
  readonly width: number;
  readonly height: number;
  /** Of the picture track, from its frames: sound that runs on by a few samples isn't counted. */
  readonly durationMs: number;
  readonly frames: number;
  readonly videoCodec: string;
  /** Null where there is no sound. */
  readonly audioCodec: string | null;
  /** Its index stands before its pictures, so that it plays while it loads; always true for WebM. */
  readonly faststart: boolean;
}

export interface ImageFacts {
  readonly kind: 'image';
  readonly contentType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/avif';
  readonly width: number;
  readonly height: number;
  readonly durationMs: null;
}

export type MediaFacts = VideoFacts | ImageFacts;

/** Why a file is not one that plays. */
export interface Refusal {
  readonly plays: false;
  readonly code: 'not_media' | 'truncated' | 'damaged' | 'no_picture' | 'too_long';
  readonly reason: string;
}

/** The most frames that are looked at: an hour at 60 a second. */
const maxFrames = 216_000;

/** What an untrusted file is, where it is a video or a picture that plays to its end; null otherwise. */
export async function probeMedia(path: string): Promise<MediaFacts | null> {
  const verdict = await examineMedia(path);
  return verdict.plays ? verdict.facts : null;
}

/**
 * Looks at an untrusted file without any native video decoder: its index is read, and every frame is fetched and walked through, so that a
 * file that is cut off, or whose frames are not where its index says, is refused with the reason. Pictures are decoded whole.
 */
export async function examineMedia(path: string): Promise<{ plays: true; facts: MediaFacts } | Refusal> {
  if ((await stat(path)).size === 0) return refuse('not_media', 'The file is empty.');
  const format = await sniffImage(path);
  if (format !== null) return examineImage(path, format);
  const input = new Input({ source: new FilePathSource(path), formats: [MP4, QTFF, WEBM] });
  try {
    if (!(await input.canRead())) return refuse('not_media', 'The file is no MP4, MOV or WebM.');
    return await examineVideo(path, input);
  } catch (error) {
    return refuse('damaged', `The file can't be read: ${error instanceof Error ? error.message : 'unknown'}`);
  } finally {
    input.dispose();
  }
}

/** The same of a picture that is in memory; null where it is none. */
export async function examinePicture(
  bytes: Buffer,
): Promise<{ plays: true; facts: ImageFacts } | Refusal | null> {
  const format = imageFormat(bytes);
  return format === null ? null : examineImage(bytes, format);
}

const refuse = (code: Refusal['code'], reason: string): Refusal => ({ plays: false, code, reason });

async function examineImage(
  image: string | Buffer,
  format: string,
): Promise<{ plays: true; facts: ImageFacts } | Refusal> {
  if (format === 'heic') return refuse('not_media', 'HEIC pictures are not supported.');
  try {
    const facts = await decoder(image).metadata();
    await decoder(image).resize(8, 8, { fit: 'fill' }).raw().toBuffer();
    const { width, height } = facts.autoOrient;
    const contentType = `image/${format}` as ImageFacts['contentType'];
    return { plays: true, facts: { kind: 'image', contentType, width, height, durationMs: null } };
  } catch (error) {
    return refuse(
      'truncated',
      `The picture can't be decoded: ${error instanceof Error ? error.message : 'unknown'}`,
    );
  }
}

async function examineVideo(
  path: string,
  input: Input,
): Promise<{ plays: true; facts: VideoFacts } | Refusal> {
  const track = await input.getPrimaryVideoTrack();
  if (!track) return refuse('no_picture', 'The file has no picture track.');
  const codec = track.codec;
  if (codec === null) return refuse('no_picture', 'The picture track is of no known codec.');
  const contentType = (await input.getMimeType()).split(';')[0] as VideoFacts['contentType'];
  const boxes = contentType === 'video/webm' ? { indexFirst: true, whole: true } : await readBoxes(path);
  if (!boxes.whole) return refuse('truncated', 'The file ends before its last part does.');
  const walked = await walk(track, codec);
  if ('plays' in walked) return walked;
  const width = track.displayWidth;
  const height = track.displayHeight;
  if (width < 1 || height < 1) return refuse('damaged', 'The pictures have no size.');
  const sound = await input.getPrimaryAudioTrack();
  return {
    plays: true,
    facts: {
      kind: 'video',
      contentType,
      width,
      height,
      durationMs: Math.round(walked.seconds * 1000),
      frames: walked.frames,
      videoCodec: codec,
      audioCodec: sound ? (sound.codec ?? 'unknown') : null,
      faststart: boxes.indexFirst,
    },
  };
}

async function walk(
  track: InputVideoTrack,
  codec: string,
): Promise<{ seconds: number; frames: number } | Refusal> {
  const sink = new EncodedPacketSink(track);
  let frames = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for await (const packet of sink.packets()) {
    if (frames === 0 && packet.type !== 'key')
      return refuse('damaged', 'The film does not begin with a whole picture.');
    if (packet.data.byteLength === 0) return refuse('truncated', `Frame ${frames} is missing.`);
    if (packet.data.byteLength !== packet.byteLength)
      return refuse('truncated', `Frame ${frames} is cut off.`);
    if (codec === 'avc' && !isWholeAvcFrame(packet.data))
      return refuse('damaged', `Frame ${frames} is not what it should be.`);
    first = Math.min(first, packet.timestamp);
    last = Math.max(last, packet.timestamp + packet.duration);
    frames += 1;
    if (frames > maxFrames) return refuse('too_long', `The film has more than ${maxFrames} frames.`);
  }
  let promised = 0;
  for await (const _ of sink.packets(undefined, undefined, { metadataOnly: true })) {
    promised += 1;
    if (promised > maxFrames) break;
  }
  if (frames < promised) return refuse('truncated', `Only ${frames} of ${promised} frames are there.`);
  if (frames === 0 || !(last > first)) return refuse('damaged', 'The film has no frames.');
  return { seconds: last - first, frames };
}

/** Whether a frame is a chain of units, each as long as it says, with a picture among them. */
function isWholeAvcFrame(data: Uint8Array): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  let picture = false;
  while (at + 5 <= data.byteLength) {
    const length = view.getUint32(at);
    const header = view.getUint8(at + 4);
    if (length === 0 || (header & 0x80) !== 0) return false;
    const type = header & 31;
    if (type >= 1 && type <= 5) picture = true;
    at += 4 + length;
  }
  return at === data.byteLength && picture;
}

/** Walks the outer boxes of an MP4: does `moov` come before `mdat`, and does every box end inside the file? */
async function readBoxes(path: string): Promise<{ indexFirst: boolean; whole: boolean }> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(16);
    const { size } = await file.stat();
    let at = 0;
    let indexFirst: boolean | null = null;
    for (let boxes = 0; boxes < 4096 && at + 8 <= size; boxes += 1) {
      await file.read(head, 0, 16, at);
      const kind = head.toString('latin1', 4, 8);
      if (kind === 'moov') indexFirst ??= true;
      if (kind === 'mdat') indexFirst ??= false;
      const length = head.readUInt32BE(0);
      const step = length === 0 ? size - at : length === 1 ? Number(head.readBigUInt64BE(8)) : length;
      if (step < 8) return { indexFirst: indexFirst ?? false, whole: false };
      at += step;
    }
    return { indexFirst: indexFirst ?? false, whole: at === size };
  } finally {
    await file.close();
  }
}
