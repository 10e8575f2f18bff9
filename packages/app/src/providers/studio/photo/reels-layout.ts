import { color, css } from '../draw/color.ts';
import type { Color } from '../draw/color.ts';
import type { Stage } from '../scene.ts';
import type { CaptionLook } from './captions.ts';
import type { Grade } from './grade.ts';
import type { Photo } from './photo.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  /** Where the photo is seen. */
  readonly window: Box & { readonly corner: number };
  /** Where words stand: at its head (0), in its middle or at its foot (1). */
  readonly words: Box & { readonly stand: number };
  /** What lies around the window: nothing where the photo fills the frame, a colour, or the photo itself, out of focus. */
  readonly ground: Color | 'photo' | null;
}

/** Fills the frame, stands in a window over a coloured ground, or lies whole on its own blurred self. */
export function chooseLayout(stage: Stage, photo: Photo, grade: Grade): Layout {
  const { random, width, height, unit } = stage;
  const wide = width > height;
  const apart = photo.width / photo.height / (width / height);
  const crops = apart > 1.35 || apart < 0.74;
  const kind = random.pick(
    crops ? (['full', 'window', 'whole', 'whole'] as const) : (['full', 'full', 'window'] as const),
  );
  const low = random.chance(0.75);
  const margin = 0.06 * Math.min(width, height);
  if (kind === 'full') {
    const side = width * (wide ? 0.08 : 0.09);
    const words = {
      x: side,
      y: height * 0.12,
      width: wide ? width * 0.6 : width - side * 2,
      height: height * (wide ? 0.78 : 0.74),
    };
    return {
      window: { x: 0, y: 0, width, height, corner: 0 },
      words: { ...words, stand: low ? 1 : 0 },
      ground: null,
    };
  }
  if (kind === 'whole') {
    const span = wide ? height / width : 1;
    const w = Math.min(width, wide ? (height * photo.width) / photo.height : width) * (wide ? 0.94 : 1);
    const h = Math.min(height * (wide ? 0.94 : 0.56), ((w * photo.height) / photo.width) * 1.12);
    const shown = Math.min(w, ((h * photo.width) / photo.height) * 1.12);
    if (wide) {
      const left = random.chance(0.5);
      const rest = width - shown - margin * 3;
      return {
        window: {
          x: left ? margin : width - shown - margin,
          y: (height - h) / 2,
          width: shown,
          height: h,
          corner: 14 * unit * span,
        },
        words: {
          x: left ? shown + margin * 2 : margin,
          y: margin * 2,
          width: Math.max(width * 0.3, rest),
          height: height - margin * 4,
          stand: 0.5,
        },
        ground: 'photo',
      };
    }
    const y = height * (low ? 0.16 : 0.84) - (low ? 0 : h);
    const words = low
      ? { y: y + h + margin, height: height * 0.93 - y - h - margin, stand: 0 }
      : { y: height * 0.09, height: y - height * 0.09 - margin, stand: 1 };
    return {
      window: { x: (width - shown) / 2, y, width: shown, height: h, corner: 0 },
      words: { x: margin * 1.4, width: width - margin * 2.8, ...words },
      ground: 'photo',
    };
  }
  const ground = random.chance(0.5)
    ? color(0.95, Math.min(0.04, grade.light.c), grade.light.h)
    : color(0.21, Math.min(0.07, grade.dark.c + 0.02), grade.dark.h);
  const corner = random.pick([0, 26, 60]) * unit;
  if (wide) {
    const left = random.chance(0.5);
    return {
      window: {
        x: left ? margin : width * 0.42,
        y: margin,
        width: width * 0.58 - margin,
        height: height - margin * 2,
        corner,
      },
      words: {
        x: left ? width * 0.58 + margin : margin,
        y: margin * 2,
        width: width * 0.42 - margin * 2,
        height: height - margin * 4,
        stand: low ? 1 : 0.5,
      },
      ground,
    };
  }
  const h = height * (height > width ? 0.66 : 0.62);
  return {
    window: {
      x: margin,
      y: low ? margin : height - h - margin,
      width: width - margin * 2,
      height: h,
      corner,
    },
    words: {
      x: margin * 1.3,
      y: low ? h + margin * 1.8 : margin * 1.4,
      width: width - margin * 2.6,
      height: height - h - margin * 3.2,
      stand: low ? 0.15 : 0.85,
    },
    ground,
  };
}

/** A look as it must be on this ground: dark words and no shadow on a light one. */
export function lookOn(look: CaptionLook, layout: Layout): CaptionLook & { readonly strong: Color | null } {
  if (layout.ground === null || layout.ground === 'photo') return { ...look, strong: null };
  const light = layout.ground.l > 0.6;
  const deep = color(0.22, 0.05, layout.ground.h);
  if (look.plate)
    return { ...look, shadow: false, strong: null, ...(light ? { plate: css(deep), ink: '#fdfaf4' } : {}) };
  return {
    ...look,
    shadow: false,
    ink: light ? css(deep) : '#fdfaf4',
    strong: light ? color(0.52, 0.17, layout.ground.h + 180) : null,
  };
}
