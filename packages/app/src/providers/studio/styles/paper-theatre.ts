import { sheet } from '../draw/canvas.ts';
import type { Canvas, Context } from '../draw/canvas.ts';
import { easeOutBack, mix, progress } from '../draw/easing.ts';
import { makeNoise } from '../draw/noise.ts';
import type { Stage } from '../scene.ts';
import { cutSheet } from './paper-cut.ts';
import type { Papers } from './paper.ts';

export interface Theatre {
  /** Where the words lie, as parts of the height. */
  readonly words: { readonly top: number; readonly bottom: number };
  /** The words lie on many colours: they need ground of their own. */
  readonly busy: boolean;
  draw(ctx: Context, time: number): void;
}

/** A piece of paper on the table. Places are those of its picture's top left corner when it has arrived. */
interface Piece {
  readonly picture: Canvas;
  readonly x: number;
  readonly y: number;
  /** Comes from here, relative to its place, after `delay` seconds. */
  readonly from: { readonly x: number; readonly y: number };
  readonly delay: number;
  /** Moves to and fro (pixels, radians) about `pivot` in the picture; `turns` goes round for ever. */
  readonly sway?: {
    readonly x?: number;
    readonly y?: number;
    readonly turn?: number;
    readonly pace: number;
    readonly phase: number;
  };
  readonly turns?: number;
  readonly tilt?: number;
  readonly drift?: number;
  readonly pivot?: { readonly x: number; readonly y: number };
}

type Cut = (
  width: number,
  height: number,
  fill: string,
  outline: (ctx: Context) => void,
  depth?: number,
) => Canvas;

export function paperTheatre(stage: Stage, set: Papers, texture: Canvas): Theatre {
  const { random, width, height, unit } = stage;
  const cut: Cut = (w, h, fill, outline, depth = 1) => cutSheet(w, h, unit, fill, texture, outline, depth);
  const ground = cutSheet(width, height, unit, set.ground, texture, (ctx) => ctx.rect(0, 0, width, height));
  const build = random.pick([hills, hills, waves, garden, garden, town, collage]);
  const { pieces, words, busy = false } = build(stage, set, cut);
  const shade = sheet(width, height, (ctx) => {
    const gradient = ctx.createRadialGradient(
      width * 0.45,
      height * 0.4,
      Math.min(width, height) * 0.35,
      width / 2,
      height / 2,
      Math.hypot(width, height) * 0.58,
    );
    gradient.addColorStop(0, 'rgba(255,248,225,0.10)');
    gradient.addColorStop(0.5, 'rgba(255,248,225,0)');
    gradient.addColorStop(1, 'rgba(35,8,35,0.30)');
    ctx.fillStyle = gradient;
    ctx.fillRect(0, 0, width, height);
  });
  return {
    words,
    busy,
    draw(ctx, time) {
      ctx.drawImage(ground, 0, 0);
      for (const piece of pieces) drawPiece(ctx, piece, time, stage.still);
      ctx.drawImage(shade, 0, 0);
    },
  };
}

function drawPiece(ctx: Context, piece: Piece, time: number, still: boolean): void {
  const come = still ? 1 : easeOutBack(progress(time, piece.delay, piece.delay + 0.75), 0.8);
  if (come <= 0.001) return;
  const { sway } = piece;
  const wave = sway ? Math.sin(time * sway.pace + sway.phase) : 0;
  const x = piece.x + piece.from.x * (1 - come) + wave * (sway?.x ?? 0) + (piece.drift ?? 0) * time;
  const y = piece.y + piece.from.y * (1 - come) + wave * (sway?.y ?? 0);
  const turn = (piece.tilt ?? 0) + wave * (sway?.turn ?? 0) + (piece.turns ?? 0) * time;
  if (turn === 0) {
    ctx.drawImage(piece.picture, Math.round(x), Math.round(y));
    return;
  }
  const pivot = piece.pivot ?? { x: piece.picture.width / 2, y: piece.picture.height / 2 };
  ctx.save();
  ctx.translate(x + pivot.x, y + pivot.y);
  ctx.rotate(turn);
  ctx.drawImage(piece.picture, -pivot.x, -pivot.y);
  ctx.restore();
}

type Built = { pieces: Piece[]; words: Theatre['words']; busy?: boolean };

/** A round sun or moon, plain, ringed or with rays. */
function sun(stage: Stage, set: Papers, cut: Cut, x: number, y: number, radius: number): Piece[] {
  const { random, height } = stage;
  const kind = random.pick(['plain', 'rings', 'rays'] as const);
  const pieces: Piece[] = [];
  const disc = (
    size: number,
    fill: string,
    depth: number,
    outline?: (ctx: Context, middle: number) => void,
  ): void => {
    const pad = 34 * stage.unit;
    const middle = size + pad;
    pieces.push({
      picture: cut(
        middle * 2,
        middle * 2,
        fill,
        (ctx) => (outline ? outline(ctx, middle) : ctx.arc(middle, middle, size, 0, Math.PI * 2)),
        depth,
      ),
      x: x - middle,
      y: y - middle,
      from: { x: 0, y: height * 0.5 },
      delay: 0.05,
      ...(outline ? { turns: 0.14 } : {}),
    });
  };
  if (kind === 'rings') {
    disc(radius * 1.7, set.sheets[0], 0.7);
    disc(radius * 1.3, mixHex(set.sheets[0], set.bright, 0.5), 0.8);
  }
  if (kind === 'rays') {
    const count = random.int(12, 20);
    disc(radius * 1.75, mixHex(set.sheets[0], set.bright, 0.35), 0.8, (ctx, middle) => {
      for (let i = 0; i < count * 2; i += 1) {
        const angle = (i / (count * 2)) * Math.PI * 2;
        const far = radius * (i % 2 ? 1.2 : 1.7);
        const point: [number, number] = [middle + Math.cos(angle) * far, middle + Math.sin(angle) * far];
        if (i === 0) ctx.moveTo(...point);
        else ctx.lineTo(...point);
      }
      ctx.closePath();
    });
  }
  disc(radius, set.bright, 1);
  return pieces;
}

/** A colour between two hex colours. */
export function mixHex(one: string, two: string, share: number): string {
  const parts = [1, 3, 5].map((at) =>
    Math.round(
      mix(Number.parseInt(one.slice(at, at + 2), 16), Number.parseInt(two.slice(at, at + 2), 16), share),
    ),
  );
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function clouds(stage: Stage, set: Papers, cut: Cut, count: number, top: number, bottom: number): Piece[] {
  const { random, width, height, unit } = stage;
  return Array.from({ length: count }, (_, i): Piece => {
    const w = random.between(170, 300) * unit;
    const h = w * 0.34;
    const bumps = random.int(3, 4);
    const picture = cut(w + 60 * unit, h * 2 + 50 * unit, mixHex(set.ground, '#ffffff', 0.55), (ctx) => {
      const base = h * 1.75;
      ctx.roundRect(30 * unit, base - h * 0.4, w, h * 0.5, h * 0.25);
      for (let b = 0; b < bumps; b += 1) {
        const r = h * (b === 1 ? 0.62 : 0.42);
        const cx = 30 * unit + w * (0.22 + (0.56 * b) / (bumps - 1));
        ctx.moveTo(cx + r, base - h * 0.3);
        ctx.arc(cx, base - h * 0.3, r, 0, Math.PI * 2);
      }
    });
    return {
      picture,
      x: random.between(-0.1, 0.8) * width,
      y: mix(top, bottom, count === 1 ? 0.5 : i / (count - 1)) * height - h,
      from: { x: random.sign() * width * 0.9, y: 0 },
      delay: 0.2 + i * 0.08,
      drift: random.sign() * random.between(6, 15) * unit,
    };
  });
}

function ridge(
  stage: Stage,
  cut: Cut,
  fill: string,
  level: number,
  swing: number,
  bumps: number,
  sharp: boolean,
  order: number,
  drift: number,
): Piece {
  const { random, width, height } = stage;
  const noise = makeNoise(random);
  const extra = 0.12 * width;
  const top = (level - swing) * height - 40 * stage.unit;
  const total = width + extra * 2;
  const picture = cut(total, height - top + 60 * stage.unit, fill, (ctx) => {
    const steps = sharp ? bumps * 2 : 90;
    ctx.moveTo(-40, height - top + 90);
    for (let i = 0; i <= steps; i += 1) {
      const u = i / steps;
      const value = sharp
        ? (i % 2 ? 1 : -1) * (0.55 + 0.45 * noise(i * 0.7, order)) + noise(u * 3, order + 5) * 0.4
        : noise(u * bumps, order * 3.7) * 1.5 + noise(u * bumps * 2.3, order * 1.9) * 0.35;
      ctx.lineTo(u * (total + 80) - 40, level * height - top + value * swing * height * 0.8);
    }
    ctx.lineTo(total + 40, height - top + 90);
    ctx.closePath();
  });
  return {
    picture,
    x: -extra,
    y: top,
    from: { x: 0, y: height * 0.6 },
    delay: 0.08 * order,
    sway: { x: drift, y: 2 * stage.unit, pace: 0.55, phase: order * 1.3 },
  };
}

function hills(stage: Stage, set: Papers, cut: Cut): Built {
  const { random, width, height, unit } = stage;
  const upper = random.chance(0.6) || width > height;
  const sharp = random.chance(0.4);
  const first = upper ? 0.64 : 0.56;
  const count = set.sheets.length;
  const sunX = random.between(0.18, 0.82) * width;
  const sunY = (upper ? first - random.between(0.0, 0.08) : random.between(0.2, 0.4)) * height;
  const ridges = set.sheets.map((fill, i) =>
    ridge(
      stage,
      cut,
      fill,
      mix(first, 0.95, i / (count - 0.6)),
      mix(0.07, 0.05, i / count) * (width > height ? 1.4 : 1),
      random.between(1.6, 4) + i * 0.3,
      sharp && i < 3,
      i,
      (i + 1) * 7 * unit * random.sign(),
    ),
  );
  return {
    pieces: [
      ...sun(stage, set, cut, sunX, sunY, random.between(70, 150) * unit),
      ...clouds(stage, set, cut, random.int(1, 3), 0.1, first - 0.12),
      ...ridges,
    ],
    words: upper ? { top: 0.09, bottom: first - 0.08 } : { top: 0.5, bottom: 0.93 },
    busy: !upper,
  };
}

/** Rows of scallops that slide against one another. */
function waves(stage: Stage, set: Papers, cut: Cut): Built {
  const { random, width, height, unit } = stage;
  const first = random.between(0.56, 0.64);
  const radius = random.between(46, 92) * unit;
  const rows = 6;
  const fills = Array.from({ length: rows }, (_, i) => {
    const at = (i / (rows - 1)) * (set.sheets.length - 1);
    const low = set.sheets[Math.floor(at)] ?? set.sheets[3];
    return mixHex(low, set.sheets[Math.min(3, Math.ceil(at))] ?? low, at % 1);
  });
  const pieces = fills.map((fill, i): Piece => {
    const level = mix(first, 0.97, i / (rows - 1)) * height;
    const r = radius * mix(0.8, 1.25, i / rows);
    const pitch = r * 1.7;
    const picture = cut(width + pitch * 3, height - level + r * 2 + 60 * unit, fill, (ctx) => {
      const base = r + 34 * unit;
      ctx.rect(-10, base, width + pitch * 3 + 20, height);
      for (let x = 0; x < width + pitch * 4; x += pitch) {
        ctx.moveTo(x + r, base);
        ctx.arc(x, base, r, 0, Math.PI * 2);
      }
    });
    const way = i % 2 ? 1 : -1;
    return {
      picture,
      x: -pitch * 1.5,
      y: level - r,
      from: { x: 0, y: height * 0.55 },
      delay: i * 0.06,
      sway: { x: pitch * 0.42 * way, y: 6 * unit, pace: 1.25, phase: i * 0.7 },
    };
  });
  const sunX = random.between(0.15, 0.85) * width;
  return {
    pieces: [
      ...sun(
        stage,
        set,
        cut,
        sunX,
        (first - random.between(0, 0.05)) * height,
        random.between(90, 170) * unit,
      ),
      ...clouds(stage, set, cut, random.int(1, 2), 0.1, 0.3),
      ...pieces,
    ],
    words: { top: 0.08, bottom: first - 0.06 },
  };
}

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
const round: Leaf = (ctx, w, h, pad) => {
  ctx.ellipse(pad + w / 2, pad + h * 0.36, w * 0.44, h * 0.34, 0, 0, Math.PI * 2);
  ctx.rect(pad + w / 2 - w * 0.035, pad + h * 0.5, w * 0.07, h * 0.5);
};

/** Leaves that grow in from the edges and sway. */
function garden(stage: Stage, set: Papers, cut: Cut): Built {
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

/** Houses in three streets, one behind the other, windows lit. */
function town(stage: Stage, set: Papers, cut: Cut): Built {
  const { random, width, height, unit } = stage;
  const pieces: Piece[] = [];
  const first = 0.58;
  for (let row = 0; row < 3; row += 1) {
    const fill = set.sheets[row + 1] ?? set.sheets[3];
    const base = mix(0.74, 1, row / 2) * height;
    const houses: { x: number; w: number; h: number; roof: number }[] = [];
    for (let x = -40 * unit; x < width * 1.15;) {
      const w = random.between(70, 150) * unit * mix(0.8, 1.25, row / 2);
      houses.push({
        x,
        w,
        h: random.between(0.1, 0.24) * height * mix(0.9, 0.8, row / 2),
        roof: random.int(0, 3),
      });
      x += w * random.between(0.92, 1.12);
    }
    const top = base - 0.3 * height;
    const shape = cut(width * 1.2, height - top + 30 * unit, fill, (ctx) => {
      for (const house of houses) {
        const y = base - top - house.h;
        ctx.moveTo(house.x, height);
        ctx.lineTo(house.x, y);
        if (house.roof === 1) ctx.lineTo(house.x + house.w / 2, y - house.w * 0.42);
        if (house.roof === 2) ctx.lineTo(house.x, y - house.w * 0.34);
        if (house.roof === 3) ctx.arc(house.x + house.w / 2, y, house.w / 2, Math.PI, 0);
        ctx.lineTo(house.x + house.w, y);
        ctx.lineTo(house.x + house.w, height);
        ctx.closePath();
      }
    });
    const ctx = shape.getContext('2d');
    for (const house of houses) {
      const columns = Math.max(1, Math.floor(house.w / (34 * unit)));
      for (let c = 0; c < columns; c += 1) {
        for (let r = 0; r * 44 * unit < house.h - 44 * unit; r += 1) {
          if (random.chance(0.52)) continue;
          ctx.fillStyle = random.chance(0.75) ? set.bright : mixHex(fill, set.bright, 0.4);
          ctx.fillRect(
            house.x + (house.w / columns) * (c + 0.5) - 7 * unit,
            base - top - house.h + (18 + r * 44) * unit,
            14 * unit,
            22 * unit,
          );
        }
      }
    }
    pieces.push({
      picture: shape,
      x: -0.08 * width,
      y: top,
      from: { x: 0, y: height * 0.5 },
      delay: row * 0.12,
      sway: { x: (row + 1) * 9 * unit, pace: 0.4, phase: row },
    });
  }
  return {
    pieces: [
      ...sun(
        stage,
        set,
        cut,
        random.between(0.2, 0.8) * width,
        first * height - random.between(20, 90) * unit,
        random.between(60, 120) * unit,
      ),
      ...clouds(stage, set, cut, 2, 0.12, 0.42),
      ...pieces,
    ],
    words: { top: 0.08, bottom: first - 0.04 },
  };
}

/** Large free shapes, overlapping, as if pushed about on a table. */
function collage(stage: Stage, set: Papers, cut: Cut): Built {
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
