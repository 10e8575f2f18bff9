import { css, lighter } from '../draw/color.ts';
import { clamp, mix, smooth } from '../draw/easing.ts';
import type { Noise } from '../draw/noise.ts';
import type { Random } from '../random.ts';
import type { Stage } from '../scene.ts';
import type { Light, Night } from './nocturne-light.ts';

/** A dark disc before a light: its rim burns on one side. */
export function eclipse(
  { width, height, unit, seconds }: Stage,
  night: Night,
  random: Random,
  noise: Noise,
): Light {
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
export function aurora({ width, height }: Stage, night: Night, random: Random, noise: Noise): Light {
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

/** Smoke lit from below or from the side. */
export function embers({ width, height }: Stage, _night: Night, random: Random, noise: Noise): Light {
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
