import { loadImage } from '@napi-rs/canvas';
import type { Canvas } from '@napi-rs/canvas';
import { sheet } from '../draw/canvas.ts';
import { StudioError } from '../errors.ts';
import { readFile } from 'node:fs/promises';

/** Opens a photograph that has been through the upload door. Throws `StudioError` photo_unreadable. */
export async function openPhoto(path: string): Promise<Canvas> {
  try {
    const image = await loadImage(await readFile(path));
    return sheet(image.width, image.height, (ctx) => ctx.drawImage(image, 0, 0));
  } catch (error) {
    throw new StudioError('photo_unreadable', "The photo can't be opened.", { cause: error });
  }
}
