import { css, lighter } from '../draw/color.ts';
import { clamp } from '../draw/easing.ts';
import type { Noise } from '../draw/noise.ts';
import type { Random } from '../random.ts';
import type { Stage } from '../scene.ts';
import type { Light, Night } from './nocturne-light.ts';

/** A lamp on a shore that sweeps the fog. */
export function beam({ width, height, unit }: Stage, night: Night, random: Random, noise: Noise): Light {
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
export function tide({ width, height }: Stage, night: Night, random: Random, noise: Noise): Light {
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
