import { sheet } from '../draw/canvas.ts';
import type { Canvas, Context } from '../draw/canvas.ts';
import { clamp } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';
import { writeScript, writeStill } from '../text/script.ts';
import type { Script, ScriptPlan, Shot } from '../text/script.ts';
import type { Block, SetWord } from '../text/typeset.ts';
import { drawWord } from '../text/typeset.ts';

/** A moment whose words are set and stand at their place in the frame. */
export interface PlacedShot {
  readonly shot: Shot;
  readonly block: Block;
  readonly x: number;
  readonly y: number;
}

export function scriptFor(
  stage: Stage,
  text: string | readonly string[],
  plan: Omit<ScriptPlan, 'seconds'>,
): Script {
  return stage.still ? writeStill(text) : writeScript(text, { ...plan, seconds: stage.seconds });
}

/** The moment at which a film is best shown as a picture: late in its finale, or in the shot that says most. */
export function bestMoment(stage: Stage, shots: readonly Shot[]): number {
  if (stage.still) return 3.3;
  const finale = shots.find((shot) => shot.finale);
  const best = finale ?? [...shots].sort((one, two) => two.characters - one.characters)[0];
  if (!best) return stage.seconds / 2;
  const end = best === shots.at(-1) ? best.end : best.end - 0.5;
  return clamp(best.start + (end - best.start) * 0.8, 0, stage.seconds - 0.04);
}

/** Words drawn once and moved as pictures: they glide without the jitter of letters that snap to pixels. */
export class Sprites {
  readonly #pictures = new Map<string, { canvas: Canvas; pad: number }>();
  readonly #paint: (ctx: Context, word: SetWord, look: string) => void;

  /** `paint` draws a word whose baseline starts at the origin; the fill style is its own. */
  constructor(paint: (ctx: Context, word: SetWord, look: string) => void) {
    this.#paint = paint;
  }

  /** Draws the word with its top left where it is set, moved by dx and dy, and turned or scaled about its middle. */
  draw(
    ctx: Context,
    word: SetWord,
    x: number,
    y: number,
    {
      look = '',
      alpha = 1,
      scale = 1,
      turn = 0,
    }: { look?: string; alpha?: number; scale?: number; turn?: number } = {},
  ): void {
    if (alpha <= 0.004 || scale <= 0.004) return;
    const key = `${look}|${word.font}|${word.spacing}|${word.text}`;
    let picture = this.#pictures.get(key);
    if (!picture) {
      const pad = Math.ceil(word.size * 0.3 + 4);
      const canvas = sheet(word.width + pad * 2, word.ascent + word.descent + pad * 2, (own) => {
        own.translate(pad, pad + word.ascent);
        this.#paint(own, word, look);
      });
      picture = { canvas, pad };
      this.#pictures.set(key, picture);
    }
    const { canvas, pad } = picture;
    ctx.globalAlpha = clamp(alpha);
    if (scale === 1 && turn === 0) {
      ctx.drawImage(canvas, x - pad, y - word.ascent - pad);
    } else {
      ctx.save();
      const middle = y - word.size * 0.34;
      ctx.translate(x + word.width / 2, middle);
      ctx.rotate(turn);
      ctx.scale(scale, scale);
      ctx.drawImage(canvas, -word.width / 2 - pad, y - middle - word.ascent - pad);
      ctx.restore();
    }
    ctx.globalAlpha = 1;
  }
}

/** A plain word in one colour, whose baseline starts at the origin. */
export function paintWord(ctx: Context, word: SetWord, fill: string): void {
  ctx.fillStyle = fill;
  drawWord(ctx, word, 0, 0);
}

/** The same word out of focus. */
export function paintBlurred(ctx: Context, word: SetWord, fill: string, radius: number): void {
  ctx.filter = `blur(${radius.toFixed(1)}px)`;
  paintWord(ctx, word, fill);
  ctx.filter = 'none';
}

export const hitsOf = (shots: readonly Shot[]): number[] => shots.map((shot) => Math.max(0, shot.start));
