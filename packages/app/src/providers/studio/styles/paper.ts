import { sheet } from '../draw/canvas.ts';
import type { Canvas, Context } from '../draw/canvas.ts';
import { clamp, easeInCubic, easeOutBack, progress } from '../draw/easing.ts';
import type { Random } from '../random.ts';
import type { Scene, Stage } from '../scene.ts';
import { drawWord, typeset } from '../text/typeset.ts';
import type { SetWord } from '../text/typeset.ts';
import { bestMoment, hitsOf, paintWord, scriptFor, Sprites } from './film.ts';
import type { PlacedShot } from './film.ts';
import { cutEdge, paperTexture } from './paper-cut.ts';
import { paperTheatre } from './paper-theatre.ts';

/** Coloured papers: the ground, four sheets from far to near, a bright one, and ink. */
const papers = [
  {
    ground: '#f4dcb8',
    sheets: ['#f0b878', '#e2854f', '#b6503c', '#5e2a35'],
    bright: '#fff3d9',
    ink: '#3a1c26',
  },
  {
    ground: '#bfe0dd',
    sheets: ['#8cc7bd', '#4d9c95', '#25696e', '#143f4b'],
    bright: '#ffcf5c',
    ink: '#0f2f3a',
  },
  {
    ground: '#f7d4cf',
    sheets: ['#f0a59b', '#d96c6c', '#9c3f5d', '#55264d'],
    bright: '#ffe9a8',
    ink: '#431a3c',
  },
  {
    ground: '#dfe5c3',
    sheets: ['#b9c784', '#7f9f54', '#4b7343', '#254a36'],
    bright: '#ff8f5a',
    ink: '#1d3428',
  },
  {
    ground: '#1f2f55',
    sheets: ['#2f4577', '#41609b', '#182647', '#0e1830'],
    bright: '#ffd77a',
    ink: '#101a33',
  },
  {
    ground: '#e9e2d3',
    sheets: ['#c9d3cf', '#e0684b', '#2f6f8f', '#1f3a4d'],
    bright: '#f3b53f',
    ink: '#1c2b36',
  },
  {
    ground: '#cfd8f2',
    sheets: ['#a3b4e6', '#6f7fcb', '#494f9c', '#2b2b62'],
    bright: '#ff9db0',
    ink: '#22214f',
  },
  {
    ground: '#f6e7a8',
    sheets: ['#f4c44e', '#ee8f3a', '#cf4f3a', '#6d2445'],
    bright: '#fff8e2',
    ink: '#47162f',
  },
] as const;

export type Papers = (typeof papers)[number];

/** Twelve positions a second, like a film made by hand. */
export const byHand = (time: number): number => Math.floor(time * 12 + 1e-6) / 12;

/** A theatre of cut paper: sheets with shadows, words on strips laid down by hand. */
export function composePaper(stage: Stage, text: string): Scene {
  const { random, width, height, unit } = stage;
  const set = random.pick(papers);
  const texture = paperTexture(random);
  const theatre = paperTheatre(stage, set, texture);
  const script = scriptFor(stage, text, { lead: 0.45, tail: 0.1, phraseCharacters: 32, shortestShot: 1.2 });
  const onStrips = random.chance(0.7) || theatre.busy;
  const dark = set.ground === '#1f2f55';
  const strip = dark ? set.bright : random.pick([set.bright, '#fdf8ec', set.sheets[3]]);
  const onDark = strip === set.sheets[3];
  const colors = {
    plain: onStrips ? (onDark ? '#fdf6e6' : set.ink) : dark ? '#fff4da' : set.ink,
    strong: onStrips ? (onDark ? set.bright : set.sheets[2]) : dark ? set.bright : set.sheets[2],
  };
  const strongInk = dark && onStrips ? '#b3402f' : colors.strong;
  const side = width * 0.085;
  const align = random.pick(['start', 'start', 'center'] as const);
  const wide = width > height;
  const placed = script.shots.map((shot): PlacedShot => {
    const boxWidth = wide ? width * 0.62 : width - side * 2 - 24 * unit;
    const top = theatre.words.top * height;
    const boxHeight = theatre.words.bottom * height - top;
    const block = typeset(shot.words, {
      voice: { face: 'round', weight: 800, tracking: -0.02 },
      strongVoice: { face: 'round', weight: 900, tracking: -0.02 },
      strongScale: onStrips ? 1 : 1.15,
      width: boxWidth,
      height: boxHeight,
      largest: 92 * unit,
      leading: onStrips ? 1.5 : 1.14,
      align,
      direction: script.direction,
      language: script.language,
    });
    const x =
      align === 'center'
        ? (width - boxWidth) / 2
        : script.direction === 'rtl'
          ? width - boxWidth - side - 12 * unit
          : side + 12 * unit;
    return { shot, block, x, y: top + (boxHeight - block.height) / 2 };
  });
  const sprites = new Sprites((ctx, word) => {
    const fill = word.strong ? strongInk : colors.plain;
    if (!onStrips) {
      ctx.shadowColor = 'rgba(30,10,20,0.38)';
      ctx.shadowBlur = 7 * unit;
      ctx.shadowOffsetX = 2.5 * unit;
      ctx.shadowOffsetY = 5 * unit;
    }
    paintWord(ctx, word, fill);
  });
  const strips = onStrips
    ? placed.map((shot) => makeStrips(shot, stage, random, strip, texture, colors.plain, strongInk))
    : null;
  return {
    draw(ctx, time) {
      const stepped = stage.still ? time : byHand(time);
      // The curtain is already rising in the first frame: a blank one would be its thumbnail.
      theatre.draw(ctx, stepped + 0.34);
      placed.forEach((shot, i) => {
        if (stepped < shot.shot.start - 0.1 || stepped > shot.shot.end) return;
        const list = strips?.[i];
        if (list) layStrips(ctx, stage, shot, list, stepped);
        else layWords(ctx, stage, sprites, shot, stepped);
      });
    },
    sound: { mood: 'paper', hits: hitsOf(script.shots) },
    stillAt: bestMoment(stage, script.shots),
  };
}

interface Strip {
  readonly picture: Canvas;
  readonly x: number;
  readonly y: number;
  readonly turn: number;
  readonly from: 1 | -1;
}

/** Each line on its own strip, cut a little askew. */
function makeStrips(
  { block, x, y }: PlacedShot,
  { unit }: Stage,
  random: Random,
  fill: string,
  texture: Canvas,
  plain: string,
  strong: string,
): Strip[] {
  const lines = new Map<number, SetWord[]>();
  for (const word of block.words) lines.set(word.line, [...(lines.get(word.line) ?? []), word]);
  return [...lines.values()].map((words) => {
    const left = Math.min(...words.map((word) => word.x));
    const right = Math.max(...words.map((word) => word.x + word.width));
    const size = Math.max(...words.map((word) => word.size));
    const baseline = words[0]?.y ?? 0;
    const padX = Math.min(size * 0.36, 24 * unit);
    const margin = 22 * unit;
    const wide = right - left + padX * 2;
    const tall = size * 1.36;
    const picture = sheet(wide + margin * 2, tall + margin * 2, (ctx) => {
      ctx.shadowColor = 'rgba(25,8,18,0.42)';
      ctx.shadowBlur = 11 * unit;
      ctx.shadowOffsetY = 6 * unit;
      ctx.shadowOffsetX = 2 * unit;
      ctx.fillStyle = fill;
      cutEdge(ctx, random, margin, margin, wide, tall, 3.2 * unit);
      ctx.fill();
      ctx.shadowColor = 'transparent';
      ctx.save();
      ctx.clip();
      ctx.globalCompositeOperation = 'multiply';
      ctx.globalAlpha = 0.6;
      ctx.drawImage(texture, -random.int(0, 200), -random.int(0, 200), 1400, 1400);
      ctx.restore();
      for (const word of words) {
        ctx.fillStyle = word.strong ? strong : plain;
        drawWord(ctx, word, margin + padX + word.x - left, margin + tall * 0.5 + size * 0.35);
      }
    });
    return {
      picture,
      x: x + left - padX - margin,
      y: y + baseline - size * 0.35 - tall / 2 - margin,
      turn: random.between(-0.022, 0.022),
      from: random.sign(),
    };
  });
}

function layStrips(
  ctx: Context,
  stage: Stage,
  { shot }: PlacedShot,
  strips: readonly Strip[],
  time: number,
): void {
  const length = shot.end - shot.start;
  const last = shot.end >= stage.seconds - 0.01;
  strips.forEach((strip, row) => {
    const begin = shot.start + row * Math.min(0.14, (length * 0.3) / strips.length);
    const come = progress(time, begin, begin + 0.42);
    if (come <= 0) return;
    const settle = easeOutBack(come, 0.9);
    const leave = last ? 0 : easeInCubic(progress(time, shot.end - 0.26 + row * 0.02, shot.end));
    ctx.save();
    const dx = (1 - settle) * strip.from * stage.width * 0.75 - leave * strip.from * stage.width * 1.1;
    ctx.translate(
      strip.x + dx + strip.picture.width / 2,
      strip.y + strip.picture.height / 2 + (1 - settle) * 30 * stage.unit,
    );
    ctx.rotate(strip.turn + (1 - settle) * strip.from * 0.12 + leave * strip.from * 0.1);
    ctx.drawImage(strip.picture, -strip.picture.width / 2, -strip.picture.height / 2);
    ctx.restore();
  });
}

function layWords(
  ctx: Context,
  stage: Stage,
  sprites: Sprites,
  { shot, block, x, y }: PlacedShot,
  time: number,
): void {
  const length = shot.end - shot.start;
  const last = shot.end >= stage.seconds - 0.01;
  const stagger = Math.min(0.12, (length * 0.4) / Math.max(1, block.words.length));
  for (const word of block.words) {
    const come = progress(time, shot.start + word.index * stagger, shot.start + word.index * stagger + 0.34);
    if (come <= 0) continue;
    const settle = easeOutBack(come, 2);
    const leave = last ? 0 : progress(time, shot.end - 0.22, shot.end);
    const tilt = Math.sin(word.index * 12.9898 + 4.1) * 0.026;
    sprites.draw(ctx, word, x + word.x, y + word.y + easeInCubic(leave) * 60 * stage.unit, {
      alpha: clamp(come * 3) * (1 - leave),
      scale: 1 + (1 - settle) * 0.5,
      turn: tilt + (1 - settle) * 0.2,
    });
  }
}
