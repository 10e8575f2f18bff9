import { css, lighter, toRgb } from '../draw/color.ts';
import type { Color } from '../draw/color.ts';
import { Field } from '../draw/canvas.ts';
import type { Context } from '../draw/canvas.ts';
import { clamp, mix, smooth } from '../draw/easing.ts';
import { makeNoise } from '../draw/noise.ts';
import type { Noise } from '../draw/noise.ts';
import type { Random } from '../random.ts';
import type { Stage } from '../scene.ts';

export interface Night {
  readonly base: Color;
  readonly deep: Color;
  readonly light: Color;
  readonly glow: Color;
  readonly text: Color;
  readonly strong: Color;
}

export interface Sky {
  /** Where the words have quiet ground, as parts of the height. */
  readonly free: { readonly top: number; readonly bottom: number };
  draw(ctx: Context, time: number): void;
}

/** How much of each light falls on a point: x and y in short sides from the middle, so that circles stay round. */
interface Light {
  /** Writes the strengths of the light and of the glow. */
  readonly fall: (
    x: number,
    y: number,
    time: number,
    out: { light: number; glow: number; ground: number },
  ) => void;
  readonly over?: (ctx: Context, time: number) => void;
  readonly free: Sky['free'];
}

export function nightSky(stage: Stage, night: Night): Sky {
  const { random, width, height } = stage;
  const noise = makeNoise(random);
  const make = random.pick([eclipse, aurora, beam, tide, embers]);
  const light = make(stage, night, random, noise);
  const field = new Field(width, height, stage.rich ? 132 : 96);
  const base = toRgb(night.base);
  const deep = toRgb(night.deep);
  const main = toRgb(night.light);
  const second = toRgb(night.glow);
  const short = Math.min(width, height);
  const out = { light: 0, glow: 0, ground: 0 };
  return {
    free: light.free,
    draw(ctx, time) {
      field.paint((u, v, pixel) => {
        const x = ((u - 0.5) * width) / short;
        const y = ((v - 0.5) * height) / short;
        out.light = 0;
        out.glow = 0;
        out.ground = 0;
        light.fall(x, y, time, out);
        const edge = 1 - 0.42 * smooth(0.35, 1.15, Math.hypot((u - 0.5) * 1.5, (v - 0.5) * 1.6));
        const ground = mix(0.4, 1, smooth(0, 1, 1 - Math.abs(v - 0.55))) + out.ground;
        for (let i = 0; i < 3; i += 1) {
          const sum =
            mix(deep[i] as number, base[i] as number, ground) +
            (main[i] as number) * out.light +
            (second[i] as number) * out.glow;
          pixel[i] = 255 * (1 - Math.exp((-sum * edge * 1.45) / 255));
        }
      });
      field.draw(ctx, width, height);
      light.over?.(ctx, time);
    },
  };
}

/** A dark disc before a light: its rim burns on one side. */
function eclipse({ width, height, unit, seconds }: Stage, night: Night, random: Random, noise: Noise): Light {
  const short = Math.min(width, height);
  const radius = random.between(0.26, 0.4);
  const cx = random.between(-0.16, 0.16);
  const upper = random.chance(0.5) || width > height;
  const cy = (upper ? -0.24 : 0.3) * (height / short);
  const side = random.between(0, Math.PI * 2);
  const drift = random.sign() * 0.012;
  const rim = css(lighter(night.light, 0.1));
  return {
    free: upper
      ? { top: width > height ? 0.14 : 0.52, bottom: width > height ? 0.86 : 0.92 }
      : { top: 0.1, bottom: 0.56 },
    fall(x, y, time, out) {
      const dx = x - cx - drift * time;
      const dy = y - cy;
      const distance = Math.hypot(dx, dy);
      const angle = Math.atan2(dy, dx);
      const facing = 0.5 + 0.5 * Math.cos(angle - side - time * 0.08);
      const rays = 0.75 + 0.55 * noise(Math.cos(angle) * 2.1 + 3, Math.sin(angle) * 2.1, time * 0.25);
      const beyond = Math.max(0, distance - radius);
      const corona = Math.exp(-beyond * mix(9, 4.2, facing)) * (0.18 + 0.82 * facing ** 2) * rays;
      const inside = smooth(radius + 0.012, radius - 0.03, distance);
      out.light = corona * 0.62 * (1 - inside);
      out.glow = Math.exp(-distance * 1.9) * 0.34 * (1 - inside * 0.9);
      out.ground = -inside * 0.4;
    },
    over(ctx, time) {
      const x = width / 2 + (cx + drift * time) * short;
      const y = height / 2 + cy * short;
      const turn = side + time * 0.08;
      ctx.lineCap = 'round';
      ctx.strokeStyle = rim;
      for (let i = 0; i < 26; i += 1) {
        const at = (i - 12.5) / 13;
        ctx.globalAlpha = (1 - Math.abs(at)) ** 1.6 * clamp(0.4 + time / seconds);
        ctx.lineWidth = mix(0.6, 3.4, 1 - Math.abs(at)) * unit;
        ctx.beginPath();
        ctx.arc(x, y, radius * short, turn + at * 1.15 - 0.05, turn + at * 1.15 + 0.05);
        ctx.stroke();
      }
      ctx.globalAlpha = 1;
    },
  };
}

/** Curtains of light over a dark ridge. */
function aurora({ width, height }: Stage, night: Night, random: Random, noise: Noise): Light {
  const tall = height / Math.min(width, height);
  const bands = Array.from({ length: random.int(2, 4) }, (_, i) => ({
    base: (random.between(-0.28, 0.06) + i * 0.05) * tall,
    bend: random.between(0.1, 0.24),
    scale: random.between(0.7, 1.8),
    seed: random.between(0, 90),
    height: random.between(1.6, 3.6),
    share: random.between(0.1, 0.9),
  }));
  const ridges = [0, 1, 2].map((i) => ({
    seed: random.between(0, 99),
    level: 0.8 + i * 0.06,
    rough: random.between(1.6, 3.4),
  }));
  return {
    free: { top: width > height ? 0.16 : 0.42, bottom: 0.8 },
    fall(x, y, time, out) {
      for (const band of bands) {
        const line = band.base + band.bend * noise(x * band.scale + band.seed, time * 0.12, band.seed);
        const above = line - y;
        const folds =
          0.5 + 0.75 * noise(x * 5.5 * band.scale + band.seed + 0.6 * noise(x * 2, time * 0.2), time * 0.22);
        const fall = above > 0 ? Math.exp(-above * band.height) : Math.exp(above * 13);
        const strength = Math.max(0, folds) * fall * 0.75;
        out.light += strength * band.share;
        out.glow += strength * (1 - band.share) * 1.3 * mix(0.7, 1.4, clamp(above * 1.6));
      }
    },
    over(ctx) {
      ridges.forEach((ridge, i) => {
        ctx.fillStyle = css({ ...night.deep, l: 0.12 - i * 0.035, c: 0.02 });
        ctx.beginPath();
        ctx.moveTo(0, height);
        const steps = 72;
        for (let step = 0; step <= steps; step += 1) {
          const u = step / steps;
          const rough =
            noise(u * ridge.rough + ridge.seed, i) * 0.085 +
            noise(u * ridge.rough * 5 + ridge.seed, i + 7) * 0.02;
          ctx.lineTo(u * width, (ridge.level + rough) * height);
        }
        ctx.lineTo(width, height);
        ctx.fill();
      });
    },
  };
}

/** A lamp on a shore that sweeps the fog. */
function beam({ width, height, unit }: Stage, night: Night, random: Random, noise: Noise): Light {
  const short = Math.min(width, height);
  const tall = height / short;
  const lampX = random.sign() * random.between(0.12, 0.3) * (width / short);
  const horizon = random.between(0.24, 0.32) * tall;
  const lampY = horizon - random.between(0.16, 0.24);
  const from = random.between(-2.6, -0.5);
  const speed = random.sign() * random.between(0.32, 0.55);
  const beams = random.pick([1, 2]);
  return {
    free: { top: 0.12, bottom: width > height ? 0.7 : 0.58 },
    fall(x, y, time, out) {
      const dx = x - lampX;
      const dy = y - lampY;
      const distance = Math.hypot(dx, dy);
      const angle = Math.atan2(dy, dx);
      const fog = 0.75 + 0.7 * noise(x * 2.2 - time * 0.15, y * 3.4, time * 0.16);
      for (let i = 0; i < beams; i += 1) {
        const turn = from + speed * time + i * Math.PI;
        const away = Math.abs(Math.atan2(Math.sin(angle - turn), Math.cos(angle - turn)));
        const cone = Math.exp(-((away / 0.13) ** 2)) + 0.4 * Math.exp(-((away / 0.34) ** 2));
        const sea = y > horizon ? 0.15 : 1;
        out.light += cone * Math.exp(-distance * 1.1) * 0.62 * fog * sea;
      }
      out.light += Math.exp(-distance * 26) * 2.2 + Math.exp(-distance * 7) * 0.25;
      out.glow += Math.exp(-Math.abs(y - horizon) * 5) * 0.17 + Math.exp(-distance * 2) * 0.12;
      if (y > horizon) {
        const depth = y - horizon;
        const glitter = Math.max(
          0,
          noise((x * 9) / (0.3 + depth * 2), depth * 42 - time * 0.7, time * 0.5) - 0.06,
        );
        const path = Math.exp(-((dx / (0.05 + depth * 0.4)) ** 2));
        out.light += glitter * path * 1.9;
        out.ground -= 0.25;
      }
    },
    over(ctx) {
      const x = width / 2 + lampX * short;
      const y = height / 2 + lampY * short;
      const foot = height / 2 + horizon * short;
      ctx.fillStyle = css({ ...night.deep, l: 0.07 });
      ctx.beginPath();
      ctx.moveTo(x - 8 * unit, y + 10 * unit);
      ctx.lineTo(x + 8 * unit, y + 10 * unit);
      ctx.lineTo(x + 17 * unit, foot + 4 * unit);
      ctx.lineTo(x - 17 * unit, foot + 4 * unit);
      ctx.fill();
      ctx.fillRect(x - 12 * unit, y + 7 * unit, 24 * unit, 5 * unit);
      ctx.fillRect(x - 8 * unit, y - 16 * unit, 16 * unit, 6 * unit);
      ctx.fillStyle = css(lighter(night.light, 0.14));
      ctx.fillRect(x - 5 * unit, y - 9 * unit, 10 * unit, 15 * unit);
      ctx.fillStyle = css({ ...night.deep, l: 0.055 });
      ctx.beginPath();
      ctx.ellipse(x, foot + 12 * unit, 130 * unit, 18 * unit, 0, Math.PI, 0);
      ctx.fill();
    },
  };
}

/** A moon and its road on the water. */
function tide({ width, height }: Stage, night: Night, random: Random, noise: Noise): Light {
  const short = Math.min(width, height);
  const tall = height / short;
  const moonX = random.between(-0.28, 0.28) * (width / short);
  const radius = random.between(0.07, 0.15);
  const horizon = random.between(0.02, 0.14) * tall;
  const moonY = horizon - random.between(0.14, 0.34) * tall;
  const swell = random.between(26, 46);
  return {
    free: { top: width > height ? 0.2 : 0.5, bottom: 0.93 },
    fall(x, y, time, out) {
      const distance = Math.hypot(x - moonX, y - moonY);
      const cloud = noise(x * 1.6 + time * 0.06, y * 5.2, 4 + time * 0.05);
      if (y < horizon) {
        out.light =
          (Math.exp(-Math.max(0, distance - radius) * 6.5) * 0.42 + Math.exp(-distance * 2.2) * 0.16) *
          (1 - 0.6 * clamp(cloud));
        out.glow =
          (0.1 + 0.3 * Math.max(0, cloud)) * Math.exp(-distance * 1.3) + Math.exp(-(horizon - y) * 6) * 0.14;
        return;
      }
      const depth = y - horizon;
      const wave = noise(
        (x * 7) / (0.25 + depth * 1.8),
        Math.log(0.05 + depth) * swell * 0.28 - time * 0.5,
        time * 0.45,
      );
      const path = Math.exp(-(((x - moonX) / (radius * 0.7 + depth * 0.42)) ** 2));
      out.light = Math.max(0, wave + 0.1) * path * 0.95 + path * 0.05;
      out.glow = Math.max(0, wave) * 0.13 + Math.exp(-depth * 5) * 0.14;
      out.ground = -0.15;
    },
    over(ctx) {
      const x = width / 2 + moonX * short;
      const y = height / 2 + moonY * short;
      const disc = ctx.createRadialGradient(
        x - radius * short * 0.3,
        y - radius * short * 0.3,
        0,
        x,
        y,
        radius * short,
      );
      disc.addColorStop(0, css(lighter({ ...night.light, c: 0.04 }, 0.14)));
      disc.addColorStop(1, css({ ...night.light, c: 0.08 }));
      ctx.fillStyle = disc;
      ctx.beginPath();
      ctx.arc(x, y, radius * short, 0, Math.PI * 2);
      ctx.fill();
    },
  };
}

/** Smoke lit from below or from the side. */
function embers({ width, height }: Stage, _night: Night, random: Random, noise: Noise): Light {
  const tall = height / Math.min(width, height);
  const fromX = random.between(-0.7, 0.7) * (width / Math.min(width, height));
  const below = random.chance(0.65);
  const fromY = (below ? 0.62 : -0.55) * tall;
  const fold = random.between(1.1, 2.2);
  const lean = random.between(-0.5, 0.5);
  return {
    free: below
      ? { top: 0.12, bottom: width > height ? 0.84 : 0.66 }
      : { top: width > height ? 0.16 : 0.36, bottom: 0.9 },
    fall(x, y, time, out) {
      const bendX = noise(x * fold, y * fold - time * 0.22, time * 0.1);
      const bendY = noise(x * fold + 5.2, y * fold - time * 0.22, 9 + time * 0.1);
      const smoke = noise(
        x * fold * 1.3 + bendX * 1.6 + lean * y,
        y * fold * 1.1 + bendY * 1.6 + time * 0.25,
        time * 0.12,
      );
      const ridge = (1 - Math.min(1, Math.abs(smoke) * 2.6)) ** 3;
      const distance = Math.hypot(x - fromX, (y - fromY) * 0.75);
      out.light = ridge * Math.exp(-distance * 1.7) * 1.0 + Math.exp(-distance * 3.2) * 0.4;
      out.glow = (ridge * 0.5 + 0.35 + smoke * 0.4) * Math.exp(-distance * 1.05) * 0.55;
    },
  };
}
