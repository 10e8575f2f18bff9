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

/** Film grain: tiles that are laid at another offset every few frames, so that flat light doesn't show steps. */
export class Grain {
  readonly #tiles: Canvas[];
  readonly #offsets: { x: number; y: number; tile: number }[];
  readonly #size: number;

  constructor(random: Random, strength: number, size = 256, coarse = 1) {
    this.#size = size * coarse;
    this.#tiles = [0, 1].map(() => {
      const fine = sheet(size, size, (ctx) => {
        const pixels = ctx.createImageData(size, size);
        for (let i = 0; i < pixels.data.length; i += 4) {
          const value = random.next() + random.next() + random.next() - 1.5;
          const tone = value > 0 ? 255 : 0;
          pixels.data[i] = tone;
          pixels.data[i + 1] = tone;
          pixels.data[i + 2] = tone;
          pixels.data[i + 3] = Math.min(255, Math.abs(value) * 255 * strength);
        }
        ctx.putImageData(pixels, 0, 0);
      });
      return coarse === 1
        ? fine
        : sheet(this.#size, this.#size, (ctx) => ctx.drawImage(fine, 0, 0, this.#size, this.#size));
    });
    this.#offsets = Array.from({ length: 24 }, () => ({
      x: random.int(0, this.#size - 1),
      y: random.int(0, this.#size - 1),
      tile: random.int(0, 1),
    }));
  }

  draw(ctx: Context, width: number, height: number, step: number): void {
    const offset = this.#offsets[step % this.#offsets.length];
    const tile = offset && this.#tiles[offset.tile];
    if (!offset || !tile) return;
    for (let y = -offset.y; y < height; y += this.#size) {
      for (let x = -offset.x; x < width; x += this.#size) ctx.drawImage(tile, x, y);
    }
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
    ctx.imageSmoothingQuality = 'medium';
    ctx.drawImage(this.#canvas, 0, 0, width, height);
  }
}
