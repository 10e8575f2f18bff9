import type { Context } from '../draw/canvas.ts';
import { css, lighter } from '../draw/color.ts';
import type { Color } from '../draw/color.ts';
import { easeOutExpo, progress } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';
import type { Sprites } from '../styles/film.ts';
import type { FaceName } from '../text/fonts.ts';
import { typeset } from '../text/typeset.ts';
import type { Block } from '../text/typeset.ts';
import type { Setting } from '../text/measure.ts';
import { splitWords } from '../text/words.ts';
import type { Theme } from './card-parts.ts';

/** All points in one size, as large as lets them stand in the room. */
export function setPoints(
  points: readonly string[],
  width: number,
  room: number,
  face: FaceName,
  unit: number,
  common: (text: string) => Pick<Setting, 'direction' | 'language' | 'align'>,
): { blocks: Block[]; height: number; gap: number } {
  if (points.length === 0) return { blocks: [], height: 0, gap: 0 };
  for (let size = 40 * unit; ; size *= 0.94) {
    const gap = size * 0.52;
    const blocks = points.map((point) =>
      typeset(splitWords(point), {
        voice: { face, weight: 520, tracking: -0.012 },
        width,
        height: Number.POSITIVE_INFINITY,
        largest: size,
        leading: 1.26,
        ...common(point),
      }),
    );
    const height = blocks.reduce((sum, block) => sum + block.height, 0) + gap * (points.length - 1);
    if (height <= room || size < 11 * unit) return { blocks, height, gap };
  }
}

export function drawName(
  ctx: Context,
  block: Block,
  { unit, still }: Stage,
  sprites: Sprites,
  x: number,
  y: number,
  ink: string,
  at: number,
  time: number,
): void {
  for (const word of block.words) {
    const begin = at + word.index * 0.07;
    const come = still ? 1 : easeOutExpo(progress(time, begin, begin + 0.7));
    if (come <= 0) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(x - 20 * unit, y + word.y - word.size * 1.05, block.width + 60 * unit, word.size * 1.4);
    ctx.clip();
    sprites.draw(ctx, word, x + word.x, y + word.y + (1 - come) * word.size * 1.2, { look: ink });
    ctx.restore();
  }
}

export function drawMark(
  ctx: Context,
  kind: 'check' | 'number' | 'dot' | 'plus',
  index: number,
  x: number,
  y: number,
  radius: number,
  theme: Theme,
  unit: number,
  sprites: Sprites,
): void {
  if (radius <= 0) return;
  const soft: Color = kind === 'dot' ? theme.accent : lighter(theme.shape, 0);
  ctx.fillStyle = css(kind === 'check' ? theme.accent : soft);
  ctx.beginPath();
  ctx.arc(x, y, kind === 'dot' ? radius * 0.42 : radius, 0, Math.PI * 2);
  ctx.fill();
  ctx.strokeStyle = css(kind === 'check' ? theme.onAccent : theme.ink);
  ctx.lineWidth = 3.4 * unit;
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  ctx.beginPath();
  if (kind === 'check') {
    ctx.moveTo(x - radius * 0.42, y + radius * 0.04);
    ctx.lineTo(x - radius * 0.1, y + radius * 0.36);
    ctx.lineTo(x + radius * 0.46, y - radius * 0.32);
    ctx.stroke();
  } else if (kind === 'plus') {
    ctx.moveTo(x - radius * 0.4, y);
    ctx.lineTo(x + radius * 0.4, y);
    ctx.moveTo(x, y - radius * 0.4);
    ctx.lineTo(x, y + radius * 0.4);
    ctx.stroke();
  } else if (kind === 'number') {
    const block = typeset(splitWords(`${index + 1}`), {
      voice: { face: 'sans', weight: 700 },
      width: radius * 2,
      height: radius * 2,
      largest: radius * 1.15,
      align: 'center',
      direction: 'ltr',
      language: 'en',
    });
    for (const word of block.words)
      sprites.draw(ctx, word, x - radius + word.x, y - block.height / 2 + word.y, { look: css(theme.ink) });
  }
}
