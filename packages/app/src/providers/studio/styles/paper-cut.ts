import { sheet } from '../draw/canvas.ts';
import type { Canvas, Context } from '../draw/canvas.ts';
import { makeNoise } from '../draw/noise.ts';
import type { Random } from '../random.ts';

/** Fibres and clouds of a heavy paper, grey around white, to be multiplied onto colour. */
export function paperTexture(random: Random): Canvas {
  const size = 384;
  const noise = makeNoise(random);
  return sheet(size, size, (ctx) => {
    const pixels = ctx.createImageData(size, size);
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) {
        const cloud = noise(x / 46, y / 46) * 9;
        const fibre = noise(x / 2.1, y / 7.5, 3) * 13 + noise(x / 8.5, y / 1.9, 8) * 9;
        const value = 240 + cloud + fibre + random.between(-7, 7);
        const at = (y * size + x) * 4;
        pixels.data[at] = value;
        pixels.data[at + 1] = value;
        pixels.data[at + 2] = value - 2;
        pixels.data[at + 3] = 255;
      }
    }
    ctx.putImageData(pixels, 0, 0);
  });
}

/** A rectangle as scissors leave it. */
export function cutEdge(
  ctx: Context,
  random: Random,
  x: number,
  y: number,
  width: number,
  height: number,
  rough: number,
): void {
  const points: [number, number][] = [];
  const side = (ax: number, ay: number, bx: number, by: number): void => {
    const count = Math.max(1, Math.round(Math.hypot(bx - ax, by - ay) / 170));
    for (let i = 0; i < count; i += 1) {
      const share = i / count;
      points.push([
        ax + (bx - ax) * share + random.between(-rough, rough),
        ay + (by - ay) * share + random.between(-rough, rough),
      ]);
    }
  };
  side(x, y, x + width, y);
  side(x + width, y, x + width, y + height);
  side(x + width, y + height, x, y + height);
  side(x, y + height, x, y);
  ctx.beginPath();
  points.forEach(([px, py], i) => (i === 0 ? ctx.moveTo(px, py) : ctx.lineTo(px, py)));
  ctx.closePath();
}

/** One cut sheet: its outline filled, textured, and casting its shadow upwards where it lies on what is behind. */
export function cutSheet(
  width: number,
  height: number,
  unit: number,
  fill: string,
  texture: Canvas,
  outline: (ctx: Context) => void,
  depth = 1,
): Canvas {
  const shape = sheet(width, height, (ctx) => {
    ctx.fillStyle = fill;
    ctx.beginPath();
    outline(ctx);
    ctx.fill();
    ctx.globalCompositeOperation = 'source-atop';
    const lit = ctx.createLinearGradient(0, 0, 0, height);
    lit.addColorStop(0, 'rgba(255,250,235,0.13)');
    lit.addColorStop(0.35, 'rgba(255,250,235,0)');
    lit.addColorStop(1, 'rgba(20,5,25,0.16)');
    ctx.fillStyle = lit;
    ctx.fillRect(0, 0, width, height);
    ctx.globalCompositeOperation = 'multiply';
    ctx.globalAlpha = 0.75;
    const grown = 640 * unit;
    for (let y = 0; y < height; y += grown) {
      for (let x = 0; x < width; x += grown) ctx.drawImage(texture, x, y, grown, grown);
    }
  });
  // Multiplying painted the texture beyond the outline as well: only what the outline covers is kept.
  return sheet(width, height, (ctx) => {
    ctx.shadowColor = `rgba(24,8,24,${(0.34 + 0.06 * depth).toFixed(2)})`;
    ctx.shadowBlur = 15 * depth * unit;
    ctx.shadowOffsetY = -1.5 * depth * unit;
    ctx.shadowOffsetX = 3.5 * depth * unit;
    ctx.fillStyle = fill;
    ctx.beginPath();
    outline(ctx);
    ctx.fill();
    ctx.shadowColor = 'transparent';
    ctx.beginPath();
    outline(ctx);
    ctx.clip();
    ctx.drawImage(shape, 0, 0);
  });
}
