import type { Context } from '../draw/canvas.ts';
import { mix } from '../draw/easing.ts';
import type { Stage } from '../scene.ts';
import { sun } from './paper-landscapes.ts';
import type { Built, Cut, Piece } from './paper-pieces.ts';
import type { Papers } from './paper.ts';

type Leaf = (ctx: Context, width: number, height: number, pad: number) => void;

const blade: Leaf = (ctx, w, h, pad) => {
  ctx.moveTo(pad + w / 2, pad);
  ctx.bezierCurveTo(pad + w * 1.15, pad + h * 0.3, pad + w, pad + h * 0.8, pad + w / 2, pad + h);
  ctx.bezierCurveTo(pad, pad + h * 0.8, pad - w * 0.15, pad + h * 0.3, pad + w / 2, pad);
};

const frond: Leaf = (ctx, w, h, pad) => {
  const lobes = 6;
  ctx.moveTo(pad + w / 2, pad + h);
  for (const side of [-1, 1]) {
    for (let i = 0; i < lobes; i += 1) {
      const k = side < 0 ? i : lobes - 1 - i;
      const y = pad + h * (0.92 - (0.86 * k) / lobes);
      const reach = (w / 2) * (1 - 0.55 * Math.abs(k / lobes - 0.25));
      const middle = pad + w / 2;
      ctx.bezierCurveTo(
        middle + side * reach * 0.5,
        y,
        middle + side * reach * 1.35,
        y - h * 0.02,
        middle + side * reach,
        y - h * 0.1,
      );
      ctx.bezierCurveTo(
        middle + side * reach * 0.7,
        y - h * 0.14,
        middle + side * w * 0.08,
        y - h * 0.1,
        middle + side * w * 0.055,
        y - h * 0.12,
      );
    }
    if (side < 0) ctx.lineTo(pad + w / 2, pad);
  }
  ctx.closePath();
};

export const round: Leaf = (ctx, w, h, pad) => {
  ctx.ellipse(pad + w / 2, pad + h * 0.36, w * 0.44, h * 0.34, 0, 0, Math.PI * 2);
  ctx.rect(pad + w / 2 - w * 0.035, pad + h * 0.5, w * 0.07, h * 0.5);
};

/** Leaves that grow in from the edges and sway. */
export function garden(stage: Stage, set: Papers, cut: Cut): Built {
  const { random, width, height, unit } = stage;
  const kinds = random.shuffle([blade, frond, round]).slice(0, random.int(1, 3));
  const edges = random.pick([
    ['bottom', 'top'],
    ['bottom'],
    ['left', 'right'],
    ['bottom', 'left', 'right'],
  ] as const);
  const fills = [...set.sheets, set.bright];
  const leaves = Array.from({ length: stage.rich ? 26 : 20 }, (_, i): Piece => {
    const edge = edges[i % edges.length] ?? 'bottom';
    const near = i / 20;
    const h = random.between(240, 430) * unit * mix(1, 0.8, near);
    const w = h * random.between(0.34, 0.56);
    const pad = 30 * unit;
    const draw = random.pick(kinds);
    const along = random.between(-0.02, 1.02);
    const [bx, by, lean] =
      edge === 'bottom'
        ? [along * width, height + 40 * unit, 0]
        : edge === 'top'
          ? [along * width, -40 * unit, Math.PI]
          : [
              edge === 'left' ? -40 * unit : width + 40 * unit,
              along * height,
              edge === 'left' ? Math.PI / 2 : -Math.PI / 2,
            ];
    const tilt = lean + random.between(-0.5, 0.5);
    const fill = fills[(i * 7 + random.int(0, 1)) % fills.length] ?? set.sheets[1];
    const picture = cut(w + pad * 2, h + pad * 2, fill, (ctx) => draw(ctx, w, h, pad), 0.9);
    return {
      picture,
      x: bx - w / 2 - pad,
      y: by - h - pad,
      tilt,
      pivot: { x: w / 2 + pad, y: h + pad },
      from: { x: -Math.sin(tilt) * h * 1.3, y: Math.cos(tilt) * h * 1.3 },
      delay: random.between(0, 0.5),
      sway: {
        turn: random.between(0.03, 0.075),
        pace: random.between(0.9, 1.7),
        phase: random.between(0, 6),
      },
    };
  });
  const sides: readonly string[] = edges;
  const low = sides.includes('bottom');
  return {
    pieces: [
      ...(random.chance(0.6)
        ? sun(
            stage,
            set,
            cut,
            random.between(0.25, 0.75) * width,
            random.between(0.2, 0.45) * height,
            random.between(110, 190) * unit,
          )
        : []),
      ...leaves,
    ],
    words: { top: sides.includes('top') ? 0.24 : 0.14, bottom: low ? 0.7 : 0.86 },
    busy: true,
  };
}

/** Large free shapes, overlapping, as if pushed about on a table. */
export function collage(stage: Stage, set: Papers, cut: Cut): Built {
  const { random, width, height, unit } = stage;
  const fills = random.shuffle([...set.sheets, set.bright, set.sheets[0]]);
  const pieces = Array.from({ length: 9 }, (_, i): Piece => {
    const size = random.between(0.24, 0.52) * Math.min(width, height);
    const pad = 34 * unit;
    const lobes = random.int(3, 6);
    const phase = random.between(0, 6.3);
    const depth = random.between(0.08, 0.3);
    const hole = random.chance(0.3);
    const middle = size + pad;
    const picture = cut(middle * 2, middle * 2, fills[i % fills.length] ?? set.bright, (ctx) => {
      for (let step = 0; step <= 90; step += 1) {
        const angle = (step / 90) * Math.PI * 2;
        const r = size * (1 - depth + depth * Math.sin(angle * lobes + phase)) * 0.98;
        if (step === 0) ctx.moveTo(middle + r, middle);
        ctx.lineTo(middle + Math.cos(angle) * r, middle + Math.sin(angle) * r);
      }
      ctx.closePath();
      if (hole) {
        ctx.moveTo(middle + size * 0.4, middle);
        ctx.arc(middle, middle, size * 0.36, 0, Math.PI * 2, true);
      }
    });
    const angle = (i / 9) * Math.PI * 2 + phase;
    const x = width * (0.5 + 0.5 * Math.cos(angle));
    const y = height * (0.5 + 0.48 * Math.sin(angle));
    return {
      picture,
      x: x - middle,
      y: y - middle,
      from: { x: Math.cos(angle) * width, y: Math.sin(angle) * height * 0.6 },
      delay: random.between(0, 0.4),
      sway: { x: 10 * unit, y: 14 * unit, turn: 0.09, pace: random.between(0.5, 1.1), phase },
    };
  });
  return { pieces, words: { top: 0.24, bottom: 0.76 }, busy: true };
}
