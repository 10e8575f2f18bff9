import { glow, sheet } from '../draw/canvas.ts';
import type { Context } from '../draw/canvas.ts';
import { color, toRgb } from '../draw/color.ts';
import { clamp, mix } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';

export function makeShade({ width, height }: Stage, low: boolean, text: boolean) {
  return sheet(width, height, (ctx) => {
    const gradient = ctx.createLinearGradient(0, low ? height : 0, 0, low ? height * 0.38 : height * 0.6);
    for (const [at, alpha] of [
      [0, 0.78],
      [0.35, 0.5],
      [0.7, 0.16],
      [1, 0],
    ] as const)
      gradient.addColorStop(at, `rgba(5,6,10,${text ? alpha : alpha * 0.3})`);
    ctx.fillStyle = gradient;
    ctx.fillRect(0, 0, width, height);
    const edge = ctx.createRadialGradient(
      width / 2,
      height / 2,
      Math.min(width, height) * 0.4,
      width / 2,
      height / 2,
      Math.hypot(width, height) * 0.56,
    );
    edge.addColorStop(0, 'rgba(0,0,0,0)');
    edge.addColorStop(1, 'rgba(0,0,0,0.42)');
    ctx.fillStyle = edge;
    ctx.fillRect(0, 0, width, height);
  });
}

/** Warm light that wanders in from an edge, and a few motes near the lens. */
export function makeLeaks(stage: Stage, warm: number): (ctx: Context, time: number) => void {
  const { random, width, height, unit, seconds } = stage;
  const one = glow(256, toRgb(color(0.72, 0.19, warm)), 0, 0.6);
  const two = glow(256, toRgb(color(0.62, 0.2, warm - 40)), 0, 0.5);
  const mote = glow(48, toRgb(color(0.95, 0.05, warm)), 0.1);
  const edge = random.sign();
  const motes = Array.from({ length: 22 }, () => ({
    x: random.next(),
    y: random.next(),
    size: random.between(4, 26) * unit,
    speed: random.between(0.3, 1.2),
    phase: random.between(0, 6.3),
  }));
  const scale = 96 / Math.min(width, height);
  const small = sheet(width * scale, height * scale);
  const own = small.getContext('2d');
  return (ctx, time) => {
    const at = time / seconds;
    const size = Math.max(small.width, small.height) * 0.95;
    const x =
      mix(edge > 0 ? 1.05 : -0.05, edge > 0 ? 0.72 : 0.28, 0.5 + 0.5 * Math.sin(at * 4.2)) * small.width;
    own.reset();
    own.fillStyle = '#000';
    own.fillRect(0, 0, small.width, small.height);
    own.globalCompositeOperation = 'lighter';
    own.globalAlpha = 0.5 + 0.3 * Math.sin(time * 1.1);
    own.drawImage(one, x - size / 2, small.height * mix(0.1, 0.45, at) - size / 2, size, size);
    own.globalAlpha = 0.36 + 0.2 * Math.sin(time * 0.8 + 2);
    own.drawImage(two, small.width - x - size / 2, small.height * mix(0.95, 0.7, at) - size / 2, size, size);
    ctx.globalCompositeOperation = 'screen';
    ctx.imageSmoothingQuality = 'low';
    ctx.drawImage(small, 0, 0, width, height);
    for (const { x: mx, y: my, size: ms, speed, phase } of motes) {
      ctx.globalAlpha = (0.25 + 0.25 * Math.sin(time * 1.6 + phase)) * clamp(30 / ms);
      const px = ((mx + 0.02 * speed * Math.sin(time * 0.7 + phase)) % 1) * width;
      const py = ((((my - 0.03 * speed * time) % 1) + 1) % 1) * height;
      ctx.drawImage(mote, px - ms / 2, py - ms / 2, ms, ms);
    }
    ctx.globalAlpha = 1;
    ctx.globalCompositeOperation = 'source-over';
  };
}
