import { color, mixColors, toRgb } from '../draw/color.ts';
import type { Color } from '../draw/color.ts';
import { sheet } from '../draw/canvas.ts';
import type { Canvas } from '../draw/canvas.ts';
import type { Random } from '../random.ts';
import { gradeNames } from '../request.ts';
import type { GradeName } from '../request.ts';
import type { Photo } from './photo.ts';

/** How a photo is developed: what its shadows and its lights turn to, and how far. */
export interface Grade {
  readonly dark: Color;
  readonly light: Color;
  /** 0 leaves the photo as it is, 1 makes it a print in two inks. */
  readonly strength: number;
  /** The colour of words and light that go with it. */
  readonly accent: Color;
}

const grades: Readonly<Record<GradeName, Grade>> = {
  warm: {
    dark: color(0.12, 0.02, 60),
    light: color(0.97, 0.03, 80),
    strength: 0.25,
    accent: color(0.85, 0.14, 62),
  },
  film: {
    dark: color(0.14, 0.05, 250),
    light: color(0.96, 0.03, 85),
    strength: 0.45,
    accent: color(0.86, 0.13, 80),
  },
  sea: {
    dark: color(0.13, 0.04, 200),
    light: color(0.95, 0.05, 170),
    strength: 0.5,
    accent: color(0.88, 0.12, 165),
  },
  dusk: {
    dark: color(0.2, 0.1, 285),
    light: color(0.93, 0.07, 55),
    strength: 0.9,
    accent: color(0.86, 0.12, 50),
  },
  forest: {
    dark: color(0.19, 0.06, 160),
    light: color(0.95, 0.05, 105),
    strength: 0.9,
    accent: color(0.9, 0.14, 110),
  },
  rose: {
    dark: color(0.22, 0.09, 15),
    light: color(0.94, 0.05, 40),
    strength: 0.85,
    accent: color(0.85, 0.12, 25),
  },
  night: {
    dark: color(0.16, 0.07, 265),
    light: color(0.92, 0.07, 350),
    strength: 0.9,
    accent: color(0.86, 0.11, 350),
  },
  mono: { dark: color(0.1, 0.0, 0), light: color(0.98, 0.0, 0), strength: 1, accent: color(0.9, 0.17, 100) },
};

/** The one asked for; else the seed decides. Draws a number either way, so that all else stays as it is. */
export function chooseGrade(random: Random, asked: GradeName | undefined): Grade {
  const drawn = random.pick(gradeNames);
  return grades[asked ?? drawn];
}

/** A photo at another size, developed. */
export function develop(photo: Photo, width: number, height: number, grade: Grade): Canvas {
  return sheet(width, height, (ctx) => {
    ctx.imageSmoothingQuality = 'high';
    ctx.drawImage(photo.picture, 0, 0, Math.ceil(width), Math.ceil(height));
    const pixels = ctx.getImageData(0, 0, Math.ceil(width), Math.ceil(height));
    const ramp = Array.from({ length: 256 }, (_, tone) => {
      const at = tone / 255;
      return toRgb(mixColors(grade.dark, grade.light, at * at * (3 - 2 * at) * 0.55 + at * 0.45));
    });
    const { data } = pixels;
    const { strength } = grade;
    for (let i = 0; i < data.length; i += 4) {
      const red = data[i] as number;
      const green = data[i + 1] as number;
      const blue = data[i + 2] as number;
      const ink = ramp[Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue)] ?? [0, 0, 0];
      data[i] = red + (ink[0] - red) * strength;
      data[i + 1] = green + (ink[1] - green) * strength;
      data[i + 2] = blue + (ink[2] - blue) * strength;
    }
    ctx.putImageData(pixels, 0, 0);
  });
}
