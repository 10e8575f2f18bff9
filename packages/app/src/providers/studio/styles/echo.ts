import type { Canvas, Context } from '../draw/canvas.ts';
import { sheet } from '../draw/canvas.ts';
import { clamp, easeInCubic, easeInOutCubic, easeOutExpo, mix, progress } from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { isTall } from '../text/fonts.ts';
import { drawWord, typesetFull } from '../text/typeset.ts';
import type { Block } from '../text/typeset.ts';
import { bestMoment, hitsOf, scriptFor } from './film.ts';
import type { PlacedShot } from './film.ts';

/** Two inks, nothing else. */
const pairs = [
  ['#0a0a0a', '#f4f1ea'],
  ['#d9ff3c', '#0b0b0b'],
  ['#ff3d14', '#fff4ea'],
  ['#ece7df', '#1a2bd8'],
  ['#0d0d10', '#ff5bd0'],
  ['#16e06e', '#07140c'],
  ['#1a10c9', '#f2efe6'],
  ['#0b0b0b', '#ffe14a'],
  ['#f6b8ff', '#20062b'],
  ['#f1efe9', '#e01f26'],
] as const;

/** The moment's words as one picture, and what to repeat of it. */
interface Picture {
  readonly solid: Canvas;
  readonly hollow: Canvas;
  readonly width: number;
  readonly height: number;
  readonly pad: number;
}

type Repeat = (ctx: Context, picture: Picture, shot: PlacedShot, time: number) => void;

/** Nothing but type, again and again: copies that trail, stretch and wave behind the words. */
export function composeEcho(stage: Stage, text: string): Scene {
  const { random, width, height, unit } = stage;
  const [paper, ink] = random.pick(pairs);
  const script = scriptFor(stage, text, { lead: 0.05, tail: 0, phraseCharacters: 24, shortestShot: 0.95 });
  const kind = random.pick([trail, trail, squash, squash, columns, shutters]);
  const repeat = kind(stage);
  const side = 0.06 * Math.min(width, height);
  const flips = random.chance(0.6);
  const tall = width > height ? 0.74 : kind === squash ? 0.3 : 0.46;
  const pictures = script.shots.map(
    (shot, i): { placed: PlacedShot; picture: Picture; inks: [string, string] } => {
      const block = typesetFull(shot.words, {
        voice: {
          face: 'sans',
          weight: 880,
          tracking: -0.05,
          upper: script.language === 'en' || script.language === 'he',
        },
        width: width - side * 2,
        height: height * tall,
        largest: 260 * unit,
        leading: isTall(script.language) ? 1.34 : script.language === 'en' ? 0.92 : 1.1,
        align: width > height ? 'center' : 'start',
        direction: script.direction,
        language: script.language,
      });
      const inks: [string, string] = flips && i % 2 === 1 ? [ink, paper] : [paper, ink];
      return {
        placed: { shot, block, x: side, y: (height - block.height) / 2 },
        picture: takePicture(block, inks, unit),
        inks,
      };
    },
  );
  return {
    draw(ctx, time) {
      let index = pictures.findIndex(({ placed }) => time < placed.shot.end);
      if (index < 0) index = pictures.length - 1;
      const current = pictures[index];
      if (!current) return;
      ctx.fillStyle = current.inks[0];
      ctx.fillRect(0, 0, width, height);
      repeat(ctx, current.picture, current.placed, time);
    },
    sound: { mood: 'echo', hits: hitsOf(script.shots) },
    stillAt: bestMoment(stage, script.shots),
  };
}

function takePicture(block: Block, [paper, ink]: readonly [string, string], unit: number): Picture {
  const pad = Math.ceil(16 * unit);
  const paint = (hollow: boolean): Canvas =>
    sheet(block.width + pad * 2, block.height + pad * 2, (ctx) => {
      for (const word of block.words) {
        if (hollow && !word.emoji) {
          ctx.strokeStyle = ink;
          ctx.lineWidth = 2.4 * unit;
          ctx.lineJoin = 'round';
          ctx.font = word.font;
          ctx.letterSpacing = word.spacing;
          ctx.direction = word.direction;
          ctx.textAlign = 'left';
          ctx.strokeText(word.text, pad + word.x, pad + word.y);
          // Hollow letters hide what lies behind them, so that copies stack like sheets.
          ctx.fillStyle = paper;
        } else ctx.fillStyle = ink;
        drawWord(ctx, word, pad + word.x, pad + word.y);
      }
    });
  return {
    solid: paint(false),
    hollow: paint(true),
    width: block.width + pad * 2,
    height: block.height + pad * 2,
    pad,
  };
}

/** 0 to 1 as the moment comes, and as it goes. */
function comeAndGo(
  { shot }: PlacedShot,
  stage: Stage,
  time: number,
): { come: number; go: number; age: number } {
  const last = shot.end >= stage.seconds - 0.01;
  return {
    come: easeOutExpo(progress(time, shot.start, shot.start + 0.7)),
    go: last ? 0 : easeInCubic(progress(time, shot.end - 0.25, shot.end)),
    age: Math.max(0, time - shot.start),
  };
}

/** Hollow copies follow the words along a slow curve. */
function trail(stage: Stage): Repeat {
  const { random, height, unit } = stage;
  const copies = stage.rich ? 18 : 13;
  const ax = random.between(0.4, 1.1);
  const ay = random.between(0.5, 1.3);
  const px = random.between(0, 6.3);
  const py = random.between(0, 6.3);
  const step = random.between(9, 19) * unit;
  const fall = random.sign() * random.between(0.35, 1.15);
  return (ctx, picture, placed, time) => {
    const { come, go, age } = comeAndGo(placed, stage, time);
    const at = (i: number): [number, number] => {
      const late = i * 0.075;
      const spread = come * (1 - go);
      return [
        Math.round(
          placed.x -
            picture.pad +
            (Math.sin((time - late) * ax * 2 + px) - Math.sin(time * ax * 2 + px)) * 46 * unit * spread,
        ),
        Math.round(
          placed.y -
            picture.pad +
            (i * step * fall + Math.cos((time - late) * ay * 2 + py) * 16 * unit) * spread +
            (1 - come) * height * 0.5 -
            go * height * 0.5 +
            age * 2,
        ),
      ];
    };
    for (let i = copies; i >= 1; i -= 1) ctx.drawImage(picture.hollow, ...at(i));
    ctx.drawImage(picture.solid, ...at(0));
  };
}

/** A stack of the same words, squeezed and stretched by a wave that runs through it. */
function squash(stage: Stage): Repeat {
  const { random, width, height } = stage;
  const rows = random.int(4, 7);
  const pace = random.between(1.6, 2.6);
  const turn = random.between(0.5, 1.1);
  const contrast = random.between(2.4, 4.5);
  return (ctx, picture, placed, time) => {
    const { come, go } = comeAndGo(placed, stage, time);
    const weights = Array.from(
      { length: rows },
      (_, i) => 1 + contrast * (0.5 + 0.5 * Math.sin(i * turn * 1.7 - time * pace)) ** 3,
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const tallest = Math.max(...weights);
    let y = 0;
    const inner = picture.height - picture.pad * 2;
    weights.forEach((weight, i) => {
      const rowHeight = (weight / total) * height;
      const from = (i % 2 ? 1 : -1) * width;
      const x = (1 - come) * from * 0.9 - go * from;
      const shown = weight > tallest * 0.45 ? picture.solid : picture.hollow;
      const gapped = rowHeight * 0.93;
      ctx.drawImage(
        shown,
        picture.pad,
        picture.pad,
        picture.width - picture.pad * 2,
        inner,
        placed.x + x,
        y + (rowHeight - gapped) / 2,
        picture.width - picture.pad * 2,
        gapped,
      );
      y += rowHeight;
    });
  };
}

/** The picture cut into upright strips that slip past one another and come to rest. */
function columns(stage: Stage): Repeat {
  const { random, height, unit } = stage;
  const count = random.int(7, 14);
  const phase = Array.from({ length: count }, (_, i) => i * random.between(0.25, 0.5));
  const lanes = 3;
  return (ctx, picture, placed, time) => {
    const { come, go, age } = comeAndGo(placed, stage, time);
    const each = picture.width / count;
    const pitch = Math.max(picture.height - picture.pad, (height * 0.98) / lanes);
    for (let i = 0; i < count; i += 1) {
      const rest = easeInOutCubic(clamp(1.25 - Math.abs(Math.sin(age * 1.3 + (phase[i] ?? 0) * 0.35)) * 0.5));
      const wave = Math.sin(age * 2.1 + (phase[i] ?? 0)) * 34 * unit * (1 - rest) * 3;
      const shift = wave + (1 - come) * (i % 2 ? 1 : -1) * height + go * (i % 2 ? -1 : 1) * height;
      for (let lane = -2; lane <= 2; lane += 1) {
        const source = lane === 0 ? picture.solid : picture.hollow;
        ctx.drawImage(
          source,
          i * each,
          0,
          each,
          picture.height,
          placed.x - picture.pad + i * each,
          placed.y - picture.pad + lane * pitch + shift,
          each + 0.6,
          picture.height,
        );
      }
    }
  };
}

/** Level slices of the words, each pulled sideways by a wave; copies above and below. */
function shutters(stage: Stage): Repeat {
  const { random, height, width, unit } = stage;
  const slices = random.int(16, 30);
  const pull = random.between(40, 110) * unit;
  const long = random.between(0.9, 2.1);
  return (ctx, picture, placed, time) => {
    const { come, go, age } = comeAndGo(placed, stage, time);
    const pitch = picture.height - picture.pad * 1.6;
    const lanes = Math.ceil(height / pitch / 2);
    for (let lane = -lanes; lane <= lanes; lane += 1) {
      const source = lane === 0 ? picture.solid : picture.hollow;
      const top = placed.y - picture.pad + lane * pitch;
      const each = picture.height / slices;
      for (let i = 0; i < slices; i += 1) {
        const swing = mix(1.15, lane === 0 ? 0 : 0.55, clamp(age * 1.5)) + go * 1.4;
        const shift = Math.sin(i * 0.26 * long + time * 2.3 + lane * 0.8) * pull * swing;
        const far = (1 - come) * (lane % 2 ? 1 : -1) * width;
        ctx.drawImage(
          source,
          0,
          i * each,
          picture.width,
          each,
          placed.x - picture.pad + shift + far,
          top + i * each,
          picture.width,
          each + 0.6,
        );
      }
    }
  };
}
