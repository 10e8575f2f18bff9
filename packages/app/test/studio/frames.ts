import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createCanvas } from '@napi-rs/canvas';
import { compose } from '../../src/providers/studio/compose.ts';
import { parseStudioRequest, pixelsOf } from '../../src/providers/studio/request.ts';
import type { StudioRequest } from '../../src/providers/studio/request.ts';

export const photo = fileURLToPath(new URL('../../assets/photos/allium-oreophilum.jpg', import.meta.url));

/** The raw pixels of a film at these moments (seconds); its best one where none are named. */
export async function framesOf(request: StudioRequest, times?: readonly number[]): Promise<Buffer[]> {
  const job = parseStudioRequest(request);
  const { width, height } = pixelsOf(job);
  const scene = await compose(job);
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  return (times ?? [scene.stillAt]).map((time) => {
    ctx.reset();
    scene.draw(ctx, time);
    return canvas.data();
  });
}

export const hashOf = (frames: readonly Buffer[]): string => {
  const hash = createHash('sha256');
  for (const frame of frames) hash.update(frame);
  return hash.digest('hex');
};

/** How different two pictures look: the mean distance of their pixels in a coarse grid, 0 to 255. */
export function difference(one: Buffer, two: Buffer, width: number, height: number): number {
  let sum = 0;
  let count = 0;
  for (let y = 4; y < height; y += 16) {
    for (let x = 4; x < width; x += 16) {
      const at = (y * width + x) * 4;
      for (let part = 0; part < 3; part += 1) {
        sum += Math.abs((one[at + part] ?? 0) - (two[at + part] ?? 0));
        count += 1;
      }
    }
  }
  return sum / count;
}
