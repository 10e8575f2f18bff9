import type { Context } from '../draw/canvas.ts';
import { css } from '../draw/color.ts';
import { clamp, easeInOutCubic, easeOutBack, easeOutExpo, mix, progress } from '../draw/easing.ts';
import type { Scene, Stage } from '../scene.ts';
import { Sprites, paintWord } from '../styles/film.ts';
import { drawable, languageOf } from '../text/fonts.ts';
import { typeset } from '../text/typeset.ts';
import type { Setting } from '../text/measure.ts';
import { baseDirection, splitWords } from '../text/words.ts';
import { drawGround, pictureIn } from './card-parts.ts';
import { drawMark, drawName, setPoints } from './card-text.ts';
import { pairs, themeFor } from './card-theme.ts';
import type { Photo } from './photo.ts';
import type { ThemeName } from '../request.ts';

export interface Product {
  readonly name: string;
  readonly price: string;
  readonly sellingPoints: readonly string[];
  readonly style?: ThemeName | undefined;
}

/** A product card: the photo in a frame of its own, name and price, and what speaks for it, one point after another. */
export function composeNeurocard(stage: Stage, photo: Photo, product: Product): Scene {
  const { random, width, height, unit, seconds } = stage;
  const theme = themeFor(stage, photo, product.style);
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
