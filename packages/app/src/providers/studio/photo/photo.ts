import { readFile } from 'node:fs/promises';
import { loadImage } from '@napi-rs/canvas';
import { sheet } from '../draw/canvas.ts';
import type { Canvas } from '../draw/canvas.ts';
import { clamp, smooth } from '../draw/easing.ts';
import { StudioError } from '../errors.ts';

/** A photograph and what can be told of it at a glance. */
export interface Photo {
  readonly picture: Canvas;
  readonly width: number;
  readonly height: number;
  /** Where the eye goes, as parts of width and height. */
  readonly focus: { readonly x: number; readonly y: number };
  /** White where the subject is, clear elsewhere; small, with soft edges. */
  readonly subject: Canvas;
  /** The box of the subject with its soft edges, as parts of width and height. */
  readonly bounds: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
  /** Mean hue (degrees), colourfulness and lightness (0 to 1). */
  readonly tone: { readonly hue: number; readonly chroma: number; readonly light: number };
}

/** Opens a photograph that has been through the upload door. Throws `StudioError` photo_unreadable. */
export async function openPhoto(path: string): Promise<Photo> {
  let picture: Canvas;
  try {
    const image = await loadImage(await readFile(path));
    picture = sheet(image.width, image.height, (ctx) => ctx.drawImage(image, 0, 0));
  } catch (error) {
    throw new StudioError('photo_unreadable', "The photo can't be opened.", { cause: error });
  }
  return { picture, width: picture.width, height: picture.height, ...study(picture) };
}

const side = 96;

/** Looks at a small copy: what differs from its borders, and is near the middle, is the subject. */
function study(picture: Canvas): Pick<Photo, 'focus' | 'subject' | 'bounds' | 'tone'> {
  const small = sheet(side, side, (ctx) => {
    ctx.imageSmoothingQuality = 'high';
    ctx.drawImage(picture, 0, 0, side, side);
  });
  const { data } = small.getContext('2d').getImageData(0, 0, side, side);
  const border: number[] = [];
  for (let i = 0; i < side; i += 5) border.push(i, i * side, i * side + side - 1, (side - 1) * side + i);
  const distance = (one: number, two: number): number =>
    Math.hypot(
      (data[one * 4] as number) - (data[two * 4] as number),
      (data[one * 4 + 1] as number) - (data[two * 4 + 1] as number),
      (data[one * 4 + 2] as number) - (data[two * 4 + 2] as number),
    );
  let strength = new Float32Array(side * side);
  for (let at = 0; at < side * side; at += 1) {
    const near = border.map((other) => distance(at, other)).sort((one, two) => one - two);
    const apart =
      near.slice(0, Math.ceil(near.length * 0.3)).reduce((sum, value) => sum + value, 0) /
      (near.length * 0.3);
    const x = (at % side) / side - 0.5;
    const y = Math.floor(at / side) / side - 0.5;
    strength[at] = apart * Math.exp(-(x * x + y * y) * 2.6);
  }
  for (let pass = 0; pass < 3; pass += 1) strength = blur(strength);
  const sorted = [...strength].sort((one, two) => one - two);
  const high = sorted[Math.floor(sorted.length * 0.97)] ?? 1;
  const low = sorted[Math.floor(sorted.length * 0.5)] ?? 0;
  let total = 0;
  let fx = 0;
  let fy = 0;
  let [left, top, right, bottom] = [side, side, 0, 0];
  const subject = sheet(side, side, (ctx) => {
    const pixels = ctx.createImageData(side, side);
    for (let at = 0; at < side * side; at += 1) {
      const share = smooth(0.18, 0.62, ((strength[at] as number) - low) / Math.max(1, high - low));
      pixels.data.set([255, 255, 255, Math.round(share * 255)], at * 4);
      if (share > 0) {
        left = Math.min(left, at % side);
        right = Math.max(right, (at % side) + 1);
        top = Math.min(top, Math.floor(at / side));
        bottom = Math.max(bottom, Math.floor(at / side) + 1);
      }
      total += share;
      fx += share * ((at % side) + 0.5);
      fy += share * (Math.floor(at / side) + 0.5);
    }
    ctx.putImageData(pixels, 0, 0);
  });
  const focus = total > 1 ? { x: fx / total / side, y: fy / total / side } : { x: 0.5, y: 0.5 };
  // One cell more on each side: stretching softens across it.
  [left, top, right, bottom] = [
    Math.max(0, left - 1),
    Math.max(0, top - 1),
    Math.min(side, right + 1),
    Math.min(side, bottom + 1),
  ];
  const bounds =
    right > left && bottom > top
      ? { x: left / side, y: top / side, width: (right - left) / side, height: (bottom - top) / side }
      : { x: 0, y: 0, width: 1, height: 1 };
  return { subject, bounds, focus, tone: toneOf(data) };
}

function blur(source: Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(side * side);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      let sum = 0;
      let count = 0;
      for (let dy = -2; dy <= 2; dy += 1) {
        for (let dx = -2; dx <= 2; dx += 1) {
          if (x + dx < 0 || y + dy < 0 || x + dx >= side || y + dy >= side) continue;
          sum += source[(y + dy) * side + x + dx] as number;
          count += 1;
        }
      }
      out[y * side + x] = sum / count;
    }
  }
  return out;
}

function toneOf(data: Uint8ClampedArray): Photo['tone'] {
  let a = 0;
  let b = 0;
  let light = 0;
  let colourful = 0;
  const count = data.length / 4;
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue] = [data[i] as number, data[i + 1] as number, data[i + 2] as number].map(
      (x) => x / 255,
    ) as [number, number, number];
    const alpha = red - (green + blue) / 2;
    const beta = (Math.sqrt(3) / 2) * (green - blue);
    a += alpha * Math.hypot(alpha, beta);
    b += beta * Math.hypot(alpha, beta);
    colourful += Math.hypot(alpha, beta);
    light += 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
  // Hues of light are turned to those of the eye's colour circle, near enough for choosing companions.
  const hue = ((Math.atan2(b, a) * 180) / Math.PI + 360 + 28) % 360;
  return { hue, chroma: clamp(colourful / count), light: light / count };
}

/** The part of a photo that fills a box of this shape with its focus as near the middle as the edges allow. `zoom` above 1 goes closer. */
export function cover(
  photo: Photo,
  width: number,
  height: number,
  zoom = 1,
): { x: number; y: number; width: number; height: number } {
  const scale = Math.max(width / photo.width, height / photo.height) * zoom;
  const w = width / scale;
  const h = height / scale;
  return {
    x: clamp(photo.focus.x * photo.width - w / 2, 0, photo.width - w),
    y: clamp(photo.focus.y * photo.height - h / 2, 0, photo.height - h),
    width: w,
    height: h,
  };
}
