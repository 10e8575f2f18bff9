import { createCanvas } from '@napi-rs/canvas';
import type { Canvas, SKRSContext2D } from '@napi-rs/canvas';
import type { Random } from '../random.ts';
import type { Rgb } from './color.ts';

export type Context = SKRSContext2D;
export type { Canvas };

/** A canvas of whole pixels, drawn once by `paint`. */
export function sheet(width: number, height: number, paint?: (ctx: Context) => void): Canvas {
  const canvas = createCanvas(Math.max(1, Math.ceil(width)), Math.max(1, Math.ceil(height)));
  if (paint) paint(canvas.getContext('2d'));
  return canvas;
}

/** A soft round light, white in the middle and nothing at its rim, to be tinted by what it is drawn with. */
export function glow(size: number, [red, green, blue]: Rgb, core = 0.0, strength = 1): Canvas {
  return sheet(size, size, (ctx) => {
    const gradient = ctx.createRadialGradient(size / 2, size / 2, 0, size / 2, size / 2, size / 2);
    const steps = 14;
    for (let i = 0; i <= steps; i += 1) {
      const at = i / steps;
      const fall = at < core ? 1 : (1 - (at - core) / (1 - core)) ** 2.4;
      gradient.addColorStop(at, `rgba(${red},${green},${blue},${(strength * fall).toFixed(4)})`);
    }
    ctx.fillStyle = gradient;
    ctx.fillRect(0, 0, size, size);
  });
}

/** Film grain: one sheet larger than the frame, laid at another place every few frames, so that flat light doesn't show steps. */
export class Grain {
  readonly #sheet: Canvas;
  readonly #places: { x: number; y: number }[];

  constructor(random: Random, strength: number, width: number, height: number) {
    const size = 256;
    const tile = sheet(size, size, (ctx) => {
      const pixels = ctx.createImageData(size, size);
      for (let i = 0; i < pixels.data.length; i += 4) {
        const value = random.next() + random.next() + random.next() - 1.5;
        const tone = value > 0 ? 255 : 0;
        pixels.data.fill(tone, i, i + 3);
        pixels.data[i + 3] = Math.min(255, Math.abs(value) * 255 * strength);
      }
      ctx.putImageData(pixels, 0, 0);
    });
    this.#sheet = sheet(width + size, height + size, (ctx) => {
      for (let y = 0; y < height + size; y += size) {
        for (let x = 0; x < width + size; x += size) ctx.drawImage(tile, x, y);
      }
    });
    this.#places = Array.from({ length: 24 }, () => ({
      x: random.int(0, size - 1),
      y: random.int(0, size - 1),
    }));
  }

  /** Lays the grain of the `step`th picture. */
  draw(ctx: Context, step: number): void {
    const place = this.#places[step % this.#places.length];
    if (place) ctx.drawImage(this.#sheet, -place.x, -place.y);
  }
}

/** A small picture computed pixel by pixel and stretched softly over the frame: the ground of light and fog. */
export class Field {
  readonly width: number;
  readonly height: number;
  readonly #canvas: Canvas;
  readonly #ctx: Context;
  readonly #pixels: ReturnType<Context['createImageData']>;

  constructor(frameWidth: number, frameHeight: number, shortSide: number) {
    const scale = shortSide / Math.min(frameWidth, frameHeight);
    this.width = Math.round(frameWidth * scale);
    this.height = Math.round(frameHeight * scale);
    this.#canvas = createCanvas(this.width, this.height);
    this.#ctx = this.#canvas.getContext('2d');
    this.#pixels = this.#ctx.createImageData(this.width, this.height);
    this.#pixels.data.fill(255);
  }

  /** `shade` writes red, green and blue (0 to 255) into `out`; x and y run from 0 to 1. */
  paint(shade: (x: number, y: number, out: Float32Array) => void): Canvas {
    const out = new Float32Array(3);
    const data = this.#pixels.data;
    let at = 0;
    for (let y = 0; y < this.height; y += 1) {
      for (let x = 0; x < this.width; x += 1) {
        shade((x + 0.5) / this.width, (y + 0.5) / this.height, out);
        data[at] = out[0] as number;
        data[at + 1] = out[1] as number;
        data[at + 2] = out[2] as number;
        at += 4;
      }
    }
    this.#ctx.putImageData(this.#pixels, 0, 0);
    return this.#canvas;
  }

  draw(ctx: Context, width: number, height: number): void {
    ctx.imageSmoothingEnabled = true;
    ctx.imageSmoothingQuality = 'low';
    ctx.drawImage(this.#canvas, 0, 0, width, height);
  }
}
