import type { Context } from '../draw/canvas.ts';
import { mix } from '../draw/easing.ts';
import { makeNoise } from '../draw/noise.ts';
import type { Stage } from '../scene.ts';
import { mixHex } from './paper-pieces.ts';
import type { Built, Cut, Piece } from './paper-pieces.ts';
import type { Papers } from './paper.ts';

/** A round sun or moon, plain, ringed or with rays. */
export function sun(stage: Stage, set: Papers, cut: Cut, x: number, y: number, radius: number): Piece[] {
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

export function clouds(
  stage: Stage,
  set: Papers,
  cut: Cut,
  count: number,
  top: number,
  bottom: number,
): Piece[] {
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

export function hills(stage: Stage, set: Papers, cut: Cut): Built {
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
export function waves(stage: Stage, set: Papers, cut: Cut): Built {
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
