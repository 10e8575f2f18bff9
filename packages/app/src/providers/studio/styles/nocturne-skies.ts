import { Field } from '../draw/canvas.ts';
import { toRgb } from '../draw/color.ts';
import { mix, smooth } from '../draw/easing.ts';
import { makeNoise } from '../draw/noise.ts';
import type { Stage } from '../scene.ts';
import { aurora, eclipse, embers } from './nocturne-heavens.ts';
import type { Night, Sky } from './nocturne-light.ts';
import { beam, tide } from './nocturne-shores.ts';

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
