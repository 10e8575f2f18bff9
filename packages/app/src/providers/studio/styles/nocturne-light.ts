import type { Context } from '../draw/canvas.ts';
import type { Color } from '../draw/color.ts';

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
export interface Light {
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
