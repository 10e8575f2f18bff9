import type { SoundPlan } from '../scene.ts';
import { sampleRate } from './wav.ts';
import type { Sound } from './wav.ts';
export function synthesize(_plan: SoundPlan, seconds: number, _seed: string): Sound {
  const n = Math.round(seconds * sampleRate);
  return { left: new Float32Array(n), right: new Float32Array(n) };
}
