import type { Context } from '../draw/canvas.ts';
import { easeInCubic, easeOutCubic, easeOutExpo, progress } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';
import type { PlacedShot, Sprites } from '../styles/film.ts';
import type { CaptionLook } from './captions.ts';

/** Draws a moment's words as its look has them arrive, word after word at the pace of speech. */
export function drawCaption(
  ctx: Context,
  stage: Stage,
  sprites: Sprites,
  look: CaptionLook,
  { shot, block, x, y }: PlacedShot,
  time: number,
  accent: string,
): void {
  const length = shot.end - shot.start;
  const leave = easeInCubic(progress(time, shot.end - 0.22, shot.end));
  const speaking = Math.min(length * 0.62, shot.characters / 17);
  if (look.plate) {
    const rows = new Map<number, { left: number; right: number; base: number; size: number }>();
    for (const word of block.words) {
      const row = rows.get(word.line);
      rows.set(word.line, {
        left: Math.min(row?.left ?? word.x, word.x),
        right: Math.max(row?.right ?? 0, word.x + word.width),
        base: word.y,
        size: Math.max(row?.size ?? 0, word.size),
      });
    }
    for (const [row, { left, right, base, size }] of rows) {
      const open =
        easeOutExpo(progress(time, shot.start + row * 0.08, shot.start + row * 0.08 + 0.4)) * (1 - leave);
      ctx.fillStyle = look.plate === 'accent' ? accent : look.plate;
      const wide = (right - left + size * 0.64) * open;
      const from =
        shot.words[0]?.direction === 'rtl' ? x + right + size * 0.32 - wide : x + left - size * 0.32;
      ctx.beginPath();
      ctx.roundRect(from, y + base - size * 0.98, wide, size * 1.32, size * 0.2);
      ctx.fill();
    }
  }
  for (const word of block.words) {
    const share = word.index / Math.max(1, block.words.length);
    const begin = shot.start + share * speaking * (look.plate ? 0.4 : 1);
    const come = progress(time, begin, begin + 0.3);
    const ahead = look.karaoke ? 0.38 * easeOutCubic(progress(time, shot.start, shot.start + 0.25)) : 0;
    const alpha = Math.max(ahead, easeOutCubic(come)) * (1 - leave);
    const rise = look.karaoke ? 0 : (1 - easeOutCubic(come)) * 14 * stage.unit;
    sprites.draw(ctx, word, x + word.x, y + word.y + rise - leave * 10 * stage.unit, {
      alpha,
      scale: look.karaoke && come > 0 ? 1 + 0.05 * Math.sin(Math.PI * come) : 1,
    });
  }
}
