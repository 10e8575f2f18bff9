import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../src/platform/media/ffmpeg-path.ts';

const made = new Map<string, Promise<Buffer>>();

/** A real H.264 film of exactly so many seconds (in thirtieths), small. */
export function film(seconds: number): Promise<Buffer> {
  const source = `-f lavfi -i color=c=teal:s=90x160:r=30:d=${seconds}`;
  const frames = Math.round(seconds * 30);
  return once(`${source} -frames:v ${frames} -c:v libx264 -pix_fmt yuv420p -movflags +faststart -f mp4`);
}

/** A real JPEG. */
export function picture(): Promise<Buffer> {
  return once('-f lavfi -i color=c=orange:s=120x90:d=1 -frames:v 1 -f mjpeg');
}

function once(args: string): Promise<Buffer> {
  const known = made.get(args);
  if (known) return known;
  const making = make(args.split(' '));
  made.set(args, making);
  return making;
}

async function make(args: readonly string[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-media-'));
  try {
    const path = join(folder, 'made');
    await promisify(execFile)(findFfmpeg(), ['-v', 'error', '-y', ...args, path]);
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
