import { color, css } from '../draw/color.ts';
import type { Color } from '../draw/color.ts';
import type { Context } from '../draw/canvas.ts';
import { Grain } from '../draw/canvas.ts';
import { clamp, easeOutExpo, progress } from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { countCharacters } from '../text/words.ts';
import { drawWord, typeset } from '../text/typeset.ts';
import { bestMoment, hitsOf, scriptFor } from './film.ts';
import type { PlacedShot } from './film.ts';
import { signalDrawing } from './signal-drawings.ts';

export interface Inks {
  readonly ground: Color;
  readonly line: Color;
  readonly accent: Color;
}

const inks: readonly Inks[] = [
  { ground: color(0.14, 0.005, 260), line: color(0.95, 0.01, 90), accent: color(0.88, 0.24, 135) },
  { ground: color(0.13, 0.004, 30), line: color(0.93, 0.015, 60), accent: color(0.7, 0.21, 42) },
  { ground: color(0.965, 0.006, 95), line: color(0.18, 0.01, 260), accent: color(0.62, 0.24, 28) },
  { ground: color(0.27, 0.12, 264), line: color(0.95, 0.02, 230), accent: color(0.9, 0.17, 98) },
  { ground: color(0.94, 0.012, 85), line: color(0.26, 0.1, 268), accent: color(0.66, 0.23, 350) },
  { ground: color(0.16, 0.02, 190), line: color(0.9, 0.05, 185), accent: color(0.78, 0.17, 65) },
  { ground: color(0.9, 0.03, 150), line: color(0.22, 0.04, 165), accent: color(0.6, 0.22, 290) },
  { ground: color(0.15, 0.01, 300), line: color(0.94, 0.01, 300), accent: color(0.72, 0.22, 330) },
];

/** One drawing of thin lines that measures something unseen; a typed line under it; one colour that means it. */
export function composeSignal(stage: Stage, text: string): Scene {
  const { random, width, height, unit } = stage;
  const set = random.pick(inks);
  const wide = width > height;
  const square = width === height;
  const below = random.chance(0.68);
  const left = random.chance(0.5);
  const side = 0.075 * Math.min(width, height);
  const textHeight = (square ? 0.34 : 0.36) * height;
  const box = wide
    ? { x: left ? side : width * 0.56, y: height * 0.14, width: width * 0.44 - side, height: height * 0.72 }
    : { x: side, y: below ? height - textHeight - side : side, width: width - side * 2, height: textHeight };
  const area = wide
    ? { x: left ? width * 0.46 : 0, y: 0, width: width * 0.54, height }
    : { x: 0, y: below ? 0 : textHeight + side * 1.4, width, height: height - textHeight - side * 1.4 };
  const drawing = signalDrawing(stage, set, area);
  const script = scriptFor(stage, text, { lead: 0.3, tail: 0.1, phraseCharacters: 44, shortestShot: 1.3 });
  const upper = random.chance(0.45);
  const placed = script.shots.map((shot): PlacedShot => {
    const block = typeset(shot.words, {
      voice: { face: 'mono', weight: 480, tracking: -0.02, upper },
      strongVoice: { face: 'mono', weight: 640, tracking: -0.02, upper },
      width: box.width,
      height: box.height - 40 * unit,
      largest: (upper ? 72 : 78) * unit,
      leading: 1.32,
      align: 'start',
      direction: script.direction,
      language: script.language,
    });
    const y = wide ? box.y + (box.height - block.height) / 2 : box.y + 40 * unit;
    return { shot, block, x: box.x, y };
  });
  const grain = stage.rich ? new Grain(random, 0.035, width, height) : null;
  return {
    draw(ctx, time) {
      ctx.fillStyle = css(set.ground);
      ctx.fillRect(0, 0, width, height);
      drawing(ctx, time);
      grain?.draw(ctx, Math.floor(time * 8));
      if (!wide) drawRule(ctx, time);
      const current =
        placed.find(({ shot }) => time >= shot.start && time < shot.end) ??
        (time >= stage.seconds - 0.1 ? placed.at(-1) : undefined);
      if (current) drawTyped(ctx, stage, set, current, time);
    },
    sound: { mood: 'signal', hits: hitsOf(script.shots) },
    stillAt: bestMoment(stage, script.shots),
  };

  function drawRule(ctx: Context, time: number): void {
    const y = box.y + 12 * unit;
    const share = easeOutExpo(progress(time, 0, 0.9));
    const reach = clamp(time / (stage.still ? 4.4 : stage.seconds));
    ctx.fillStyle = css(set.line, 0.35);
    ctx.fillRect(box.x, y, box.width * share, Math.max(1, 1.5 * unit));
    ctx.fillStyle = css(set.accent);
    ctx.fillRect(
      script.direction === 'rtl' ? box.x + box.width * (1 - reach) : box.x,
      y - 1.5 * unit,
      box.width * reach,
      4.5 * unit,
    );
  }
}

/** Letters appear one by one; a block goes ahead of them. Strong words are cut out of the accent. */
function drawTyped(
  ctx: Context,
  stage: Stage,
  set: Inks,
  { shot, block, x, y }: PlacedShot,
  time: number,
): void {
  const typing = Math.min((shot.end - shot.start) * 0.55, shot.characters / 26);
  const typed = stage.still
    ? shot.characters
    : progress(time, shot.start, shot.start + typing) * shot.characters;
  let before = 0;
  let cursor: { x: number; y: number; size: number; rtl: boolean } | null = null;
  for (const word of block.words) {
    const letters = countCharacters(word.text) + 1;
    const share = clamp((typed - before) / letters);
    before += letters;
    if (share <= 0) continue;
    const wx = x + word.x;
    const wy = y + word.y;
    const rtl = word.direction === 'rtl';
    const shown = Math.ceil(share * letters) / letters;
    const cut = word.width * shown;
    const pad = word.size * 0.14;
    ctx.save();
    ctx.beginPath();
    ctx.rect(
      rtl ? wx + word.width - cut - pad : wx - pad,
      wy - word.size * 1.1,
      cut + pad * (shown >= 1 ? 2 : 1),
      word.size * 1.5,
    );
    ctx.clip();
    if (word.strong && !word.emoji) {
      ctx.fillStyle = css(set.accent);
      ctx.fillRect(wx - pad, wy - word.size * 0.94, word.width + pad * 2, word.size * 1.25);
      ctx.fillStyle = css(set.accent.l > 0.66 ? { ...set.ground, l: 0.14 } : { ...set.line, l: 0.98, c: 0 });
    } else {
      ctx.fillStyle = css(set.line);
    }
    drawWord(ctx, word, wx, wy);
    ctx.restore();
    cursor = { x: rtl ? wx + word.width - cut : wx + cut, y: wy, size: word.size, rtl };
  }
  if (!cursor || stage.still) return;
  const done = typed >= shot.characters;
  if (done && Math.floor((time - shot.start) * 3.2) % 2 === 1) return;
  ctx.fillStyle = css(set.accent);
  const gap = cursor.size * 0.22;
  ctx.fillRect(
    cursor.rtl ? cursor.x - gap - cursor.size * 0.5 : cursor.x + gap,
    cursor.y - cursor.size * 0.84,
    cursor.size * 0.5,
    cursor.size * 1.04,
  );
}
