import { sampleRate } from './wav.ts';
import type { Sound } from './wav.ts';

/** A room: four echoes that feed themselves, then two that smear. `size` from 0 to 1. */
export function reverberate(input: Sound, size: number): Sound {
  const channel = (source: Float32Array, spread: number): Float32Array => {
    const out = new Float32Array(source.length);
    for (const base of [1116, 1277, 1422, 1617]) {
      const length = Math.round((base + spread) * (0.7 + size * 0.8));
      const feedback = 0.7 + size * 0.22;
      const line = new Float32Array(length);
      let at = 0;
      let damped = 0;
      for (let i = 0; i < source.length; i += 1) {
        const echo = line[at] as number;
        damped += (echo - damped) * 0.55;
        line[at] = (source[i] as number) + damped * feedback;
        at = at + 1 === length ? 0 : at + 1;
        out[i] = (out[i] as number) + echo * 0.25;
      }
    }
    for (const length of [556 + spread, 225 + spread]) {
      const line = new Float32Array(length);
      let at = 0;
      for (let i = 0; i < out.length; i += 1) {
        const held = line[at] as number;
        const value = out[i] as number;
        line[at] = value + held * 0.5;
        out[i] = held - value * 0.5;
        at = at + 1 === length ? 0 : at + 1;
      }
    }
    return out;
  };
  return { left: channel(input.left, 0), right: channel(input.right, 23) };
}

/** One second-order filter over a whole channel, in place of a copy. */
function filter(
  source: Float32Array,
  b0: number,
  b1: number,
  b2: number,
  a1: number,
  a2: number,
): Float32Array {
  const out = new Float32Array(source.length);
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  for (let i = 0; i < source.length; i += 1) {
    const x = source[i] as number;
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    out[i] = y;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
  }
  return out;
}

/** The ear's weighting of ITU-R BS.1770: a shelf for the head, then a cut of the lowest lows. */
function weighted(source: Float32Array): Float32Array {
  const shelfTan = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
  const high = 10 ** (3.999843853973347 / 20);
  const middle = high ** 0.4996667741545416;
  const q = 0.7071752369554196;
  const a0 = 1 + shelfTan / q + shelfTan * shelfTan;
  const head = filter(
    source,
    (high + (middle * shelfTan) / q + shelfTan * shelfTan) / a0,
    (2 * (shelfTan * shelfTan - high)) / a0,
    (high - (middle * shelfTan) / q + shelfTan * shelfTan) / a0,
    (2 * (shelfTan * shelfTan - 1)) / a0,
    (1 - shelfTan / q + shelfTan * shelfTan) / a0,
  );
  const cutTan = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
  const cutQ = 0.5003270373238773;
  const c0 = 1 + cutTan / cutQ + cutTan * cutTan;
  return filter(head, 1, -2, 1, (2 * (cutTan * cutTan - 1)) / c0, (1 - cutTan / cutQ + cutTan * cutTan) / c0);
}

/** Loudness in LUFS, over blocks of 0.4 s, without those that are far quieter than the rest. */
export function loudness({ left, right }: Sound): number {
  const sides = [weighted(left), weighted(right)];
  const size = Math.round(sampleRate * 0.4);
  const powers: number[] = [];
  for (let start = 0; start + size <= left.length; start += Math.round(size / 4)) {
    let sum = 0;
    for (const side of sides) for (let i = start; i < start + size; i += 1) sum += (side[i] as number) ** 2;
    powers.push(sum / size);
  }
  const level = (list: readonly number[]): number =>
    -0.691 + 10 * Math.log10(list.reduce((sum, power) => sum + power, 1e-12) / Math.max(1, list.length));
  const audible = powers.filter((power) => level([power]) > -70);
  const gate = level(audible) - 10;
  return level(audible.filter((power) => level([power]) > gate));
}

/** Brings a mix to -16 LUFS with soft peaks under -1 dB, fades its ends. */
export function master(mix: Sound, seconds: number): Sound {
  const peak = 10 ** (-1.2 / 20);
  let gain = 10 ** ((-16 - loudness(mix)) / 20);
  const shape = (factor: number): Sound => {
    const channel = (source: Float32Array): Float32Array => {
      const out = new Float32Array(source.length);
      for (let i = 0; i < source.length; i += 1) {
        const time = i / sampleRate;
        const fade = Math.min(1, time / 0.06) * Math.min(1, Math.max(0, (seconds - time) / 0.7)) ** 1.5;
        out[i] = Math.tanh(((source[i] as number) * factor) / peak) * peak * fade;
      }
      return out;
    };
    return { left: channel(mix.left), right: channel(mix.right) };
  };
  let out = shape(gain);
  // Soft peaks cost a little loudness: it is given back once.
  gain *= 10 ** (Math.min(4, Math.max(-4, -16 - loudness(out))) / 20);
  out = shape(gain);
  return out;
}
