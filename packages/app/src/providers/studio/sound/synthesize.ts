import { Random } from '../random.ts';
import type { SoundPlan } from '../scene.ts';
import type { Desk } from './instruments.ts';
import { master, reverberate } from './mastering.ts';
import { moods } from './moods.ts';
import { sampleRate } from './wav.ts';
import type { Sound } from './wav.ts';

/** The sound bed of a film: its mood's instruments in a key, a progression and a pattern of the seed's choosing, as long as the film. */
export function synthesize(plan: SoundPlan, seconds: number, seed: string): Sound {
  const samples = Math.round(seconds * sampleRate);
  const silence = (): Sound => ({ left: new Float32Array(samples), right: new Float32Array(samples) });
  const desk: Desk = { dry: silence(), room: silence(), random: new Random(`${seed}|sound`), samples };
  const size = moods[plan.mood](desk, seconds, plan.hits);
  const room = reverberate(desk.room, size);
  for (let i = 0; i < samples; i += 1) {
    desk.dry.left[i] = (desk.dry.left[i] as number) + (room.left[i] as number);
    desk.dry.right[i] = (desk.dry.right[i] as number) + (room.right[i] as number);
  }
  return master(desk.dry, seconds);
}
