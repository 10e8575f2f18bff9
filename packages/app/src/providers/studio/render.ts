import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { compose } from './compose.ts';
import { startEncoder } from './encode.ts';
import { StudioError } from './errors.ts';
import { framesOf, framesPerSecond, parseStudioRequest, pixelsOf } from './request.ts';
import type { StudioJob, StudioRequest } from './request.ts';
import { synthesize } from './sound/synthesize.ts';
import { writeWav } from './sound/wav.ts';
import { seedOf } from './request.ts';

export interface RenderOptions {
  /** Where the MP4 or JPEG shall be. Nothing is seen there before it is whole. */
  readonly outFile: string;
  /** A JPEG of the best moment; videos only. */
  readonly posterFile?: string;
  readonly signal?: AbortSignal;
  /** Never goes back; ends with `framesDone === framesTotal`. */
  readonly onProgress?: (framesDone: number, framesTotal: number) => void;
}

export interface RenderedFile {
  readonly kind: 'video' | 'image';
  readonly path: string;
  readonly posterPath: string | null;
  readonly contentType: 'video/mp4' | 'image/jpeg';
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** 0 for a picture. */
  readonly durationSeconds: number;
  readonly bytes: number;
}

/**
 * Makes a video or a picture, in this process: seconds of one core's work (`startRender` does the same beside it). The same request gives the
 * same frames. Written beside the place it is asked for, synced, and renamed: safe to run again after a kill at any moment.
 * Throws `InvalidInputError` (studio_input_invalid) and `StudioError`.
 */
export async function render(request: StudioRequest, options: RenderOptions): Promise<RenderedFile> {
  const job = parseStudioRequest(request);
  stopIfAborted(options.signal);
  const { width, height } = pixelsOf(job);
  const video = 'seconds' in job;
  const temporary = `${options.outFile}.tmp`;
  const posterPath = video ? (options.posterFile ?? null) : null;
  try {
    if (video) await renderVideo(job, temporary, posterPath, options);
    else await renderPicture(job, temporary, options);
    const bytes = await publish(temporary, options.outFile);
    return {
      kind: video ? 'video' : 'image',
      path: options.outFile,
      posterPath,
      contentType: video ? 'video/mp4' : 'image/jpeg',
      width,
      height,
      frames: framesOf(job),
      durationSeconds: video ? framesOf(job) / framesPerSecond : 0,
      bytes,
    };
  } finally {
    await Promise.all([temporary, `${temporary}.wav`].map((file) => rm(file, { force: true })));
  }
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StudioError('render_aborted', 'The rendering was ended.');
}

async function renderVideo(
  job: StudioJob,
  outFile: string,
  posterFile: string | null,
  { signal, onProgress }: RenderOptions,
): Promise<void> {
  const { width, height } = pixelsOf(job);
  const frames = framesOf(job);
  const scene = await compose(job);
  const soundFile = `${outFile}.wav`;
  await writeWav(soundFile, synthesize(scene.sound, frames / framesPerSecond, seedOf(job)));
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  const encoder = startEncoder({
    width,
    height,
    frames,
    soundFile,
    outFile,
    rich: job.quality === 'pro',
    signal,
  });
  try {
    onProgress?.(0, frames);
    for (let frame = 0; frame < frames; frame += 1) {
      stopIfAborted(signal);
      ctx.reset();
      scene.draw(ctx, frame / framesPerSecond);
      await encoder.write(canvas.data());
      if (frame + 1 < frames) onProgress?.(frame + 1, frames);
    }
    await encoder.finish();
  } catch (error) {
    encoder.kill();
    stopIfAborted(signal);
    throw error;
  }
  if (posterFile) {
    ctx.reset();
    scene.draw(ctx, scene.stillAt);
    await writeSynced(`${posterFile}.tmp`, await canvas.encode('jpeg', 86));
    await rename(`${posterFile}.tmp`, posterFile);
  }
  onProgress?.(frames, frames);
}

async function renderPicture(
  job: StudioJob,
  outFile: string,
  { signal, onProgress }: RenderOptions,
): Promise<void> {
  const { width, height } = pixelsOf(job);
  onProgress?.(0, 1);
  const scene = await compose(job);
  stopIfAborted(signal);
  const canvas = createCanvas(width, height);
  scene.draw(canvas.getContext('2d'), scene.stillAt);
  await writeSynced(outFile, await canvas.encode('jpeg', 92));
  onProgress?.(1, 1);
}

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a whole file visible under its name, for good. Gives its size. */
async function publish(temporary: string, path: string): Promise<number> {
  const file = await open(temporary, 'r+');
  let bytes: number;
  try {
    await file.sync();
    bytes = (await file.stat()).size;
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return bytes;
}
