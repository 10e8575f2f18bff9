import { color } from '../draw/color.ts';
import type { ThemeName } from '../request.ts';
import type { Stage } from '../scene.ts';
import type { FaceName } from '../text/fonts.ts';
import type { Theme } from './card-parts.ts';
import type { Photo } from './photo.ts';

export const pairs: readonly {
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

/** A palette that suits the photo: its own hue, or the one across the circle. Light, dark or vivid as asked for; else the seed decides. */
export function themeFor(stage: Stage, photo: Photo, asked?: ThemeName): Theme {
  const { random } = stage;
  const hue =
    photo.tone.chroma > 0.1
      ? photo.tone.hue + random.pick([0, 0, 180, 40, -40])
      : random.pick([28, 62, 95, 150, 205, 255, 300, 350]);
  const drawn = random.pick(['light', 'light', 'dark', 'vivid'] as const);
  const kind = asked ?? drawn;
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
