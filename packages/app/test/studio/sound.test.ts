import { expect, test } from 'vitest';
import { loudness } from '../../src/providers/studio/sound/mastering.ts';
import { moods } from '../../src/providers/studio/sound/moods.ts';
import { synthesize } from '../../src/providers/studio/sound/synthesize.ts';
import { sampleRate } from '../../src/providers/studio/sound/wav.ts';
import type { SoundPlan } from '../../src/providers/studio/scene.ts';

const names = Object.keys(moods) as SoundPlan['mood'][];

test.each(names)(
  '%s: as long as the film, as loud as the others, never clipped, faded at its end',
  (mood) => {
    for (const seconds of [3, 7.3]) {
      const sound = synthesize({ mood, hits: [0.3, 1.2] }, seconds, 'seed');
      expect(sound.left.length).toBe(Math.round(seconds * sampleRate));
      expect(loudness(sound)).toBeGreaterThan(-18);
      expect(loudness(sound)).toBeLessThan(-14.5);
      for (const side of [sound.left, sound.right]) {
        const peak = side.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(peak).toBeLessThan(0.9);
        expect(Math.abs(side.at(-1) ?? 1)).toBeLessThan(0.001);
      }
    }
  },
);

test('the same seed plays the same, another seed something else', () => {
  const play = (seed: string): Buffer =>
    Buffer.from(synthesize({ mood: 'paper', hits: [0.4] }, 3, seed).left.buffer);
  expect(play('one').equals(play('one'))).toBe(true);
  expect(play('one').equals(play('two'))).toBe(false);
});
