import type { Context } from '../draw/canvas.ts';
import { easeInCubic, easeInOutQuint, easeOutExpo, progress } from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { isTall } from '../text/fonts.ts';
import { drawWord, typesetFull } from '../text/typeset.ts';
import type { SetWord } from '../text/typeset.ts';
import { bestMoment, hitsOf, scriptFor } from './film.ts';
import type { PlacedShot } from './film.ts';
import { posterGeometry } from './poster-geometry.ts';

/** Flat inks. The first is the paper of the first moment; each moment turns them on. */
const inks = [
  ['#f3eadb', '#131313', '#e5261f', '#1f4fd6'],
  ['#ffd21f', '#0d0d0d', '#ff5226', '#ffffff'],
  ['#0c3f31', '#f5f1df', '#ff6c37', '#f6c79b'],
  ['#ff5b38', '#1c0c3d', '#ffe9d8', '#ffb31a'],
  ['#2222f0', '#ffffff', '#ff48a8', '#ffe500'],
  ['#121212', '#f5f5ef', '#ff4210', '#d8ff45'],
  ['#e7e2f4', '#17133f', '#5c31ff', '#ff7a5a'],
  ['#00a56b', '#05170f', '#f8f56b', '#fdfdf6'],
  ['#f7c5d8', '#3d0b20', '#d8283e', '#fff3e6'],
  ['#d8e8e2', '#102b2f', '#ff5e30', '#0f8276'],
  ['#b9d7ff', '#0b1b3f', '#ff3d2e', '#fff6d6'],
  ['#6b1230', '#ffe9dc', '#ff8f6b', '#f7c948'],
] as const;

/** What each moment calls its paper, its type, its two shapes. */
export interface Roles {
  readonly paper: string;
  readonly type: string;
  readonly first: string;
  readonly second: string;
}

const brightness = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(
    (at) => (Number.parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** How well one ink reads on another, 1 to 21. */
export const contrast = (one: string, two: string): number => {
  const [low = 0, high = 0] = [brightness(one), brightness(two)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};

function rolesOn(paper: string, set: readonly string[]): Roles {
  const rest = set
    .filter((ink) => ink !== paper)
    .sort((one, two) => contrast(two, paper) - contrast(one, paper));
  return { paper, type: rest[0] ?? '#000000', first: rest[1] ?? '#000000', second: rest[2] ?? '#000000' };
}

/** Flat colour, hard shapes that turn on the beat, condensed capitals that fill the sheet. */
export function composePoster(stage: Stage, text: string): Scene {
  const { random, width, height, unit } = stage;
  const set = random.pick(inks);
  const papers = [set[0], ...random.shuffle(set.slice(1))];
  const geometry = posterGeometry(stage);
  const script = scriptFor(stage, text, { lead: 0.05, tail: 0, phraseCharacters: 26, shortestShot: 1 });
  const roles = script.shots.map((_, i) => rolesOn(papers[i % papers.length] ?? set[0], set));
  const box = geometry.text;
  const placed = script.shots.map((shot): PlacedShot => {
    const block = typesetFull(shot.words, {
      voice: { face: 'condensed', weight: 900, upper: true, tracking: -0.012 },
      width: box.width * width,
      height: box.height * height,
      largest: 330 * unit,
      leading: isTall(script.language) ? 1.34 : script.language === 'en' ? 0.86 : 1.04,
      align: 'start',
      direction: script.direction,
      language: script.language,
    });
    const spare = box.height * height - block.height;
    return { shot, block, x: box.x * width, y: box.y * height + spare * box.stand };
  });
  const wipe = random.pick(['left', 'right', 'up', 'down'] as const);

  const drawMoment = (ctx: Context, index: number, time: number): void => {
    const shot = placed[index];
    const colors = roles[index];
    if (!shot || !colors) return;
    ctx.fillStyle = colors.paper;
    ctx.fillRect(0, 0, width, height);
    geometry.draw(ctx, time, colors, index);
    drawLines(ctx, stage, shot, time, colors.type, isTall(script.language));
    if (geometry.clip) {
      ctx.save();
      ctx.beginPath();
      geometry.clip(ctx, time, index);
      ctx.clip();
      drawLines(
        ctx,
        stage,
        shot,
        time,
        contrast(colors.type, colors.first) > 2.6 ? colors.type : colors.paper,
        isTall(script.language),
      );
      ctx.restore();
    }
  };
  return {
    draw(ctx, time) {
      let index = placed.findIndex(({ shot }) => time < shot.end);
      if (index < 0) index = placed.length - 1;
      drawMoment(ctx, index, time);
      const current = placed[index];
      if (!current || index + 1 >= placed.length) return;
      const share = easeInOutQuint(progress(time, current.shot.end - 0.32, current.shot.end));
      if (share <= 0) return;
      ctx.save();
      ctx.beginPath();
      if (wipe === 'left') ctx.rect(width * (1 - share), 0, width, height);
      else if (wipe === 'right') ctx.rect(0, 0, width * share, height);
      else if (wipe === 'up') ctx.rect(0, height * (1 - share), width, height);
      else ctx.rect(0, 0, width, height * share);
      ctx.clip();
      drawMoment(ctx, index + 1, time);
      ctx.restore();
    },
    sound: { mood: 'poster', hits: hitsOf(script.shots) },
    stillAt: bestMoment(stage, script.shots),
  };
}

/** Lines rise out of their own slots, one after another, and leave the same way. */
function drawLines(
  ctx: Context,
  stage: Stage,
  { shot, block, x, y }: PlacedShot,
  time: number,
  fill: string,
  tall: boolean,
): void {
  const last = shot.end >= stage.seconds - 0.01;
  const length = shot.end - shot.start;
  const lines = new Map<number, SetWord[]>();
  for (const word of block.words) lines.set(word.line, [...(lines.get(word.line) ?? []), word]);
  ctx.fillStyle = fill;
  for (const [row, words] of lines) {
    const size = Math.max(...words.map((word) => word.size));
    const begin = shot.start + 0.02 + row * Math.min(0.09, (length * 0.3) / block.lines);
    const rise = 1 - easeOutExpo(progress(time, begin, begin + 0.62));
    const leave = last ? 0 : easeInCubic(progress(time, shot.end - 0.3 + row * 0.02, shot.end - 0.02));
    if (rise >= 1) continue;
    const baseline = y + (words[0]?.y ?? 0);
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, baseline - size * (tall ? 1.25 : 0.98), stage.width, size * (tall ? 1.85 : 1.22));
    ctx.clip();
    for (const word of words)
      drawWord(ctx, word, x + word.x, y + word.y + (rise - leave) * size * (tall ? 1.9 : 1.25));
    ctx.restore();
  }
}
