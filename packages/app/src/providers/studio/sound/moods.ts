import type { SoundPlan } from '../scene.ts';
import type { Mood } from './harmony.ts';
import { echo, neurocard, poster, signal } from './moods-beat.ts';
import { aura, nocturne, paper, reels } from './moods-calm.ts';

export const moods: Record<SoundPlan['mood'], Mood> = {
  nocturne,
  poster,
  paper,
  signal,
  aura,
  echo,
  reels,
  neurocard,
};
