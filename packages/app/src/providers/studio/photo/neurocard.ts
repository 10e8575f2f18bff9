import { color, css, lighter } from '../draw/color.ts';
import type { Color } from '../draw/color.ts';
import type { Context } from '../draw/canvas.ts';
import { clamp, easeInOutCubic, easeOutBack, easeOutExpo, mix, progress } from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { paintWord, Sprites } from '../styles/film.ts';
import { drawable, languageOf } from '../text/fonts.ts';
import type { FaceName } from '../text/fonts.ts';
import { baseDirection, splitWords } from '../text/words.ts';
import { typeset } from '../text/typeset.ts';
import type { Block, Setting } from '../text/typeset.ts';
import { drawGround, pictureIn } from './card-parts.ts';
import type { Theme } from './card-parts.ts';
import type { Photo } from './photo.ts';

export interface Product {
  readonly name: string;
  readonly price: string;
  readonly sellingPoints: readonly string[];
}

const pairs: readonly {
  head: FaceName;
  weight: number;
  body: FaceName;
  upper: boolean;
  tracking: number;
  largest: number;
}[] = [
  { head: 'serif', weight: 520, body: 'sans', upper: false, tracking: -0.015, largest: 88 },
  { head: 'condensed', weight: 880, body: 'sans', upper: true, tracking: -0.005, largest: 128 },
  { head: 'wide', weight: 640, body: 'sans', upper: false, tracking: -0.04, largest: 66 },
  { head: 'sans', weight: 780, body: 'sans', upper: false, tracking: -0.04, largest: 82 },
  { head: 'round', weight: 780, body: 'round', upper: false, tracking: -0.025, largest: 78 },
];

/** A palette that suits the photo: its own hue, or the one across the circle. */
function themeFor(stage: Stage, photo: Photo): Theme {
  const { random } = stage;
  const hue =
    photo.tone.chroma > 0.1
      ? photo.tone.hue + random.pick([0, 0, 180, 40, -40])
      : random.pick([28, 62, 95, 150, 205, 255, 300, 350]);
  const kind = random.pick(['light', 'light', 'dark', 'vivid'] as const);
  const accentHue = hue + random.pick([150, 180, -60, 70]);
  if (kind === 'light') {
    return {
      ground: color(0.945, 0.028, hue),
      shape: color(0.87, 0.07, hue),
      ink: color(0.22, 0.035, hue),
      quiet: color(0.42, 0.035, hue),
      accent: color(0.62, 0.2, accentHue),
      onAccent: color(0.99, 0.005, hue),
    };
  }
  if (kind === 'dark') {
    return {
      ground: color(0.17, 0.03, hue),
      shape: color(0.29, 0.07, hue),
      ink: color(0.965, 0.012, hue),
      quiet: color(0.8, 0.02, hue),
      accent: color(0.84, 0.15, accentHue),
      onAccent: color(0.17, 0.04, accentHue),
    };
  }
  return {
    ground: color(0.74, 0.14, hue),
    shape: color(0.82, 0.11, hue + 24),
    ink: color(0.19, 0.06, hue),
    quiet: color(0.27, 0.06, hue),
    accent: color(0.2, 0.06, hue),
    onAccent: color(0.97, 0.03, hue),
  };
}

/** A product card: the photo in a frame of its own, name and price, and what speaks for it, one point after another. */
export function composeNeurocard(stage: Stage, photo: Photo, product: Product): Scene {
  const { random, width, height, unit, seconds } = stage;
  const theme = themeFor(stage, photo);
  const pair = random.pick(pairs);
  const wide = width >= height;
  const side = 0.07 * Math.min(width, height);
  const name = drawable(product.name);
  const price = drawable(product.price);
  const points = product.sellingPoints.map((point) => drawable(point)).filter((point) => point !== '');
  const direction = baseDirection(name);
  const common = (text: string): Pick<Setting, 'direction' | 'language' | 'align'> => ({
    direction: baseDirection(text),
    language: languageOf(text),
    align: baseDirection(text) === direction ? 'start' : 'end',
  });
  const pictureLeft = random.chance(0.5);
  const column = wide
    ? { x: pictureLeft ? width * 0.53 : side * 1.2, width: width * 0.47 - side * 1.4 }
    : { x: side, width: width - side * 2 };

  const crowd = points.length;
  const frame = wide
    ? { x: pictureLeft ? side : width * 0.53, y: side, width: width * 0.47 - side, height: height - side * 2 }
    : {
        x: side,
        y: side * 1.1,
        width: width - side * 2,
        height: height * (crowd > 4 ? 0.38 : crowd > 2 ? 0.43 : 0.5),
      };
  const picture = pictureIn(stage, photo, frame, theme);

  const top = wide ? height * 0.12 : frame.y + frame.height + side * 0.62;
  const bottom = height - (wide ? height * 0.11 : side * 1.1);
  const priceHeight = price === '' ? 0 : 116 * unit;
  const nameBlock = typeset(splitWords(name), {
    voice: { face: pair.head, weight: pair.weight, upper: pair.upper, tracking: pair.tracking },
    width: column.width,
    height: (bottom - top) * (crowd > 3 ? 0.3 : 0.36),
    largest: pair.largest * unit,
    leading: pair.head === 'condensed' ? 0.96 : 1.1,
    ...common(name),
  });
  const list = setPoints(
    points,
    column.width - 54 * unit,
    bottom - top - nameBlock.height - priceHeight - 62 * unit,
    pair.body,
    unit,
    common,
  );
  const used = nameBlock.height + 26 * unit + list.height + (price === '' ? 0 : 30 * unit + priceHeight);
  const start = top + Math.max(0, (bottom - top - used) * (wide ? 0.5 : 0.42));
  const listTop = start + nameBlock.height + 26 * unit;

  const total = stage.still ? 5 : seconds;
  const opening = Math.min(0.9, total * 0.16);
  const priceAt = points.length === 0 ? opening + 0.7 : Math.max(opening + 0.6, total * 0.74 - 0.35);
  const pointAt = points.map(
    (_, i) => opening + 0.55 + (i * Math.max(0.1, priceAt - opening - 0.75)) / Math.max(1, points.length),
  );
  const priceBlock =
    price === ''
      ? null
      : typeset(splitWords(price), {
          voice: { face: pair.head === 'serif' ? 'sans' : pair.head, weight: 780, tracking: -0.02 },
          width: column.width - 72 * unit,
          height: 92 * unit,
          largest: (pair.head === 'condensed' ? 82 : 66) * unit,
          align: baseDirection(price) === 'rtl' ? 'end' : 'start',
          direction: baseDirection(price),
          language: languageOf(price),
        });
  const priceWidth = priceBlock
    ? Math.max(...priceBlock.words.map((word) => word.x + word.width)) + 84 * unit
    : 0;
  const rtl = direction === 'rtl';
  const sprites = new Sprites((ctx, word, look) => paintWord(ctx, word, look));
  const ground = drawGround(stage, theme);
  const marks = random.pick(['check', 'number', 'dot', 'plus'] as const);

  const drawPoints = (ctx: Context, time: number): void => {
    let y = listTop;
    list.blocks.forEach((block, i) => {
      const at = pointAt[i] ?? 0;
      const come = stage.still ? 1 : easeOutExpo(progress(time, at, at + 0.55));
      if (come > 0) {
        const shift = (1 - come) * 46 * unit * (rtl ? -1 : 1);
        const markX = rtl ? column.x + column.width - 19 * unit : column.x + 19 * unit;
        const size = block.words[0]?.size ?? 30 * unit;
        drawMark(
          ctx,
          marks,
          i,
          markX,
          y + size * 0.62,
          17 * unit * easeOutBack(stage.still ? 1 : progress(time, at, at + 0.4)),
          theme,
          unit,
          sprites,
        );
        const x = rtl ? column.x : column.x + 54 * unit;
        for (const word of block.words)
          sprites.draw(ctx, word, x + word.x + shift, y + word.y, { look: css(theme.quiet), alpha: come });
      }
      y += block.height + list.gap;
    });
  };

  const drawPrice = (ctx: Context, time: number): void => {
    if (!priceBlock) return;
    const pop = stage.still ? 1 : easeOutBack(progress(time, priceAt, priceAt + 0.5), 1.8);
    if (pop <= 0) return;
    const y = listTop + list.height + (points.length > 0 ? 30 * unit : 4 * unit);
    const x = rtl ? column.x + column.width - priceWidth : column.x;
    const beat =
      1 + 0.018 * Math.sin(Math.max(0, time - priceAt - 0.5) * 5.2) * clamp((time - priceAt) / 0.6);
    ctx.save();
    ctx.translate(x + priceWidth / 2, y + 58 * unit);
    ctx.scale(pop * beat, pop * beat);
    ctx.fillStyle = css(theme.accent);
    ctx.beginPath();
    ctx.roundRect(-priceWidth / 2, -56 * unit, priceWidth, 112 * unit, 56 * unit);
    ctx.fill();
    const shine = progress(time, priceAt + 0.6, priceAt + 1.25);
    if (shine > 0 && shine < 1) {
      ctx.save();
      ctx.clip();
      ctx.fillStyle = 'rgba(255,255,255,0.28)';
      ctx.transform(1, 0, -0.35, 1, 0, 0);
      ctx.fillRect(
        mix(-priceWidth * 0.7, priceWidth * 0.7, easeInOutCubic(shine)),
        -62 * unit,
        40 * unit,
        124 * unit,
      );
      ctx.restore();
    }
    for (const word of priceBlock.words)
      sprites.draw(ctx, word, word.x - priceWidth / 2 + 42 * unit, word.y - priceBlock.height / 2, {
        look: css(theme.onAccent),
      });
    ctx.restore();
  };

  return {
    draw(ctx, time) {
      ground(ctx, time);
      picture(ctx, time);
      drawName(ctx, nameBlock, stage, sprites, column.x, start, css(theme.ink), opening, time);
      drawPoints(ctx, time);
      drawPrice(ctx, time);
    },
    sound: { mood: 'neurocard', hits: [opening, ...pointAt, ...(price === '' ? [] : [priceAt])] },
    stillAt: stage.still ? 4 : Math.max(0, seconds - 0.25),
  };
}

/** All points in one size, as large as lets them stand in the room. */
function setPoints(
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

function drawName(
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

function drawMark(
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
