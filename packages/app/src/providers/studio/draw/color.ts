/** A colour by lightness (0 to 1), chroma (0 to about 0.35) and hue (degrees): steps that look even are even. */
export interface Color {
  readonly l: number;
  readonly c: number;
  readonly h: number;
}

export type Rgb = readonly [red: number, green: number, blue: number];

export const color = (l: number, c: number, h: number): Color => ({ l, c, h: ((h % 360) + 360) % 360 });

const gamma = (x: number): number => (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055);

function linear({ l, c, h }: Color): [number, number, number] {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const x = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const y = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const z = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
    -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
    -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z,
  ];
}

/** 0 to 255 each. What the screen can't show loses chroma, never its lightness or hue. */
export function toRgb(value: Color): Rgb {
  let chroma = value.c;
  for (let i = 0; i < 24; i += 1) {
    const parts = linear({ ...value, c: chroma });
    if (parts.every((part) => part >= -0.001 && part <= 1.001)) break;
    chroma *= 0.92;
  }
  const [red, green, blue] = linear({ ...value, c: chroma });
  const byte = (x: number): number =>
    Math.round(255 * Math.min(1, Math.max(0, gamma(Math.min(1, Math.max(0, x))))));
  return [byte(red), byte(green), byte(blue)];
}

export function css(value: Color, alpha = 1): string {
  const [red, green, blue] = toRgb(value);
  return alpha >= 1 ? `rgb(${red},${green},${blue})` : `rgba(${red},${green},${blue},${alpha.toFixed(4)})`;
}

export const lighter = (value: Color, by: number): Color => ({
  ...value,
  l: Math.min(1, Math.max(0, value.l + by)),
});

/** A colour between two, by the shorter way round. */
export const mixColors = (one: Color, two: Color, share: number): Color => {
  const turn = ((two.h - one.h + 540) % 360) - 180;
  return color(one.l + (two.l - one.l) * share, one.c + (two.c - one.c) * share, one.h + turn * share);
};
