import type { Desk } from './instruments.ts';

/** Plays a film's bed onto the desk; gives the size of the room. */
export type Mood = (desk: Desk, seconds: number, hits: readonly number[]) => number;

/** Chords as steps above the key, each a bar or more long. */
type Progression = readonly (readonly number[])[];

export const minor: readonly Progression[] = [
  [
    [0, 7, 15, 22],
    [-4, 8, 12, 19],
    [3, 7, 15, 22],
    [-2, 10, 14, 21],
  ],
  [
    [0, 7, 14, 15],
    [5, 8, 12, 20],
    [-4, 7, 12, 15],
    [-5, 7, 11, 14],
  ],
  [
    [0, 10, 14, 19],
    [3, 10, 14, 22],
    [-4, 8, 15, 19],
    [-2, 9, 14, 17],
  ],
];

export const major: readonly Progression[] = [
  [
    [0, 7, 11, 16],
    [-3, 7, 12, 16],
    [5, 9, 12, 16],
    [-5, 7, 11, 14],
  ],
  [
    [0, 4, 11, 14],
    [5, 9, 16, 19],
    [-3, 4, 12, 19],
    [-5, 5, 11, 14],
  ],
  [
    [-7, 9, 12, 16],
    [0, 7, 11, 16],
    [-5, 7, 14, 17],
    [-3, 7, 12, 19],
  ],
];

interface Time {
  readonly beat: number;
  readonly bars: number;
  readonly bar: number;
}

/** A tempo near the wished one at which the film ends on a bar. */
export function tempo(seconds: number, beatsPerMinute: number): Time {
  const bar = (4 * 60) / beatsPerMinute;
  const bars = Math.max(1, Math.round(seconds / bar));
  return { beat: seconds / bars / 4, bars, bar: seconds / bars };
}

export const chordAt = (progression: Progression, bar: number): readonly number[] =>
  progression[bar % progression.length] ?? [0];
