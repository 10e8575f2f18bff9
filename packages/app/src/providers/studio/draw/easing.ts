export const clamp = (value: number, low = 0, high = 1): number => Math.min(high, Math.max(low, value));
export const mix = (from: number, to: number, share: number): number => from + (to - from) * share;
/** How far `value` has come from `start` to `end`, from 0 to 1. */
export const progress = (value: number, start: number, end: number): number =>
  end <= start ? (value >= end ? 1 : 0) : clamp((value - start) / (end - start));

export const easeOutCubic = (x: number): number => 1 - (1 - x) ** 3;
export const easeOutExpo = (x: number): number => (x >= 1 ? 1 : 1 - 2 ** (-10 * x));
export const easeInCubic = (x: number): number => x ** 3;
export const easeInOutCubic = (x: number): number => (x < 0.5 ? 4 * x ** 3 : 1 - (-2 * x + 2) ** 3 / 2);
export const easeInOutSine = (x: number): number => 0.5 - Math.cos(Math.PI * x) / 2;
export const easeInOutQuint = (x: number): number => (x < 0.5 ? 16 * x ** 5 : 1 - (-2 * x + 2) ** 5 / 2);
/** Goes a little beyond its end and comes back. */
export const easeOutBack = (x: number, over = 1.4): number =>
  1 + (over + 1) * (x - 1) ** 3 + over * (x - 1) ** 2;
/** 0 to 1 with soft ends. */
export const smooth = (low: number, high: number, value: number): number => {
  const x = clamp((value - low) / (high - low));
  return x * x * (3 - 2 * x);
};
