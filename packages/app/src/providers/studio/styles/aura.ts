import { color, css } from '../draw/color.ts';
import type { Color } from '../draw/color.ts';
import type { Context } from '../draw/canvas.ts';
import { Grain } from '../draw/canvas.ts';
import { clamp, easeInCubic, easeOutExpo, progress } from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { typeset } from '../text/typeset.ts';
import { auraGlass } from './aura-glass.ts';
import { bestMoment, hitsOf, paintWord, scriptFor, Sprites } from './film.ts';
import type { PlacedShot } from './film.ts';

/** Bright colours that melt into one another; the last is the ink on them. */
export interface Melt {
  readonly colors: readonly Color[];
  readonly ink: Color;
}

const melts: readonly Melt[] = [
  {
    colors: [color(0.95, 0.04, 80), color(0.8, 0.15, 45), color(0.74, 0.17, 355), color(0.72, 0.13, 300)],
    ink: color(0.2, 0.07, 320),
  },
  {
    colors: [color(0.97, 0.02, 220), color(0.86, 0.1, 210), color(0.72, 0.15, 255), color(0.82, 0.1, 310)],
    ink: color(0.2, 0.09, 270),
  },
  {
    colors: [color(0.96, 0.06, 110), color(0.9, 0.17, 125), color(0.8, 0.13, 180), color(0.93, 0.09, 95)],
    ink: color(0.22, 0.05, 165),
  },
  {
    colors: [color(0.97, 0.02, 350), color(0.87, 0.1, 350), color(0.78, 0.15, 20), color(0.9, 0.09, 70)],
    ink: color(0.24, 0.1, 10),
  },
  {
    colors: [color(0.95, 0.05, 95), color(0.87, 0.16, 85), color(0.76, 0.17, 55), color(0.82, 0.12, 350)],
    ink: color(0.23, 0.07, 40),
  },
  {
    colors: [color(0.94, 0.03, 290), color(0.8, 0.12, 295), color(0.7, 0.17, 275), color(0.85, 0.11, 200)],
    ink: color(0.19, 0.09, 285),
  },
  {
    colors: [color(0.96, 0.03, 170), color(0.85, 0.12, 170), color(0.75, 0.12, 215), color(0.92, 0.1, 130)],
    ink: color(0.2, 0.05, 220),
  },
  {
    colors: [color(0.95, 0.02, 60), color(0.83, 0.06, 40), color(0.87, 0.05, 100), color(0.74, 0.09, 240)],
    ink: color(0.21, 0.03, 250),
  },
];

/** Light through coloured glass: wide calm letters that slide in on a bright, flowing ground. */
export function composeAura(stage: Stage, text: string): Scene {
  const { random, width, height, unit } = stage;
  const melt = random.pick(melts);
  const glass = auraGlass(stage, melt);
  const script = scriptFor(stage, text, { lead: 0.25, tail: 0.1, phraseCharacters: 34, shortestShot: 1.2 });
  const stand = random.pick([0, 0, 0.5, 1]);
  const side = 0.085 * Math.min(width, height);
  const wide = width > height;
  const light = random.pick([260, 320, 380]);
  const placed = script.shots.map((shot): PlacedShot => {
    const boxWidth = wide ? width * 0.66 : width - side * 2;
    const boxHeight = height * (wide ? 0.76 : 0.72);
    const block = typeset(shot.words, {
      voice: { face: 'wide', weight: light, tracking: -0.035, lower: script.language === 'en' },
      strongVoice: { face: 'wide', weight: 780, tracking: -0.045, lower: script.language === 'en' },
      width: boxWidth,
      height: boxHeight,
      largest: 82 * unit,
      leading: 1.2,
      align: 'start',
      direction: script.direction,
      language: script.language,
    });
    const top = wide ? height * 0.12 : height * 0.1;
    const spare = (wide ? height * 0.76 : height * 0.8) - block.height;
    return {
      shot,
      block,
      x: script.direction === 'rtl' ? width - boxWidth - side : side,
      y: top + spare * stand,
    };
  });
  const sprites = new Sprites((ctx, word) => paintWord(ctx, word, css(melt.ink)));
  const grain = new Grain(random, 0.035, width, height);
  return {
    draw(ctx, time) {
      glass(ctx, time);
      grain.draw(ctx, Math.floor(time * 8));
      for (const shot of placed) slideWords(ctx, stage, sprites, shot, time);
    },
    sound: { mood: 'aura', hits: hitsOf(script.shots) },
    stillAt: bestMoment(stage, script.shots),
  };
}

function slideWords(
  ctx: Context,
  stage: Stage,
  sprites: Sprites,
  { shot, block, x, y }: PlacedShot,
  time: number,
): void {
  if (time < shot.start || time > shot.end + 0.02) return;
  const length = shot.end - shot.start;
  const last = shot.end >= stage.seconds - 0.01;
  const stagger = Math.min(0.085, (length * 0.35) / Math.max(1, block.words.length));
  const way = shot.words[0]?.direction === 'rtl' ? -1 : 1;
  for (const word of block.words) {
    const begin = shot.start + word.index * stagger;
    const come = easeOutExpo(progress(time, begin, begin + Math.min(1, length * 0.6)));
    const leave = last ? 0 : easeInCubic(progress(time, shot.end - 0.34 + word.line * 0.03, shot.end));
    const dx = way * ((1 - come) * 110 - leave * 90) * stage.unit;
    sprites.draw(ctx, word, x + word.x + dx, y + word.y, { alpha: clamp(come * 1.25) * (1 - leave) });
  }
}
