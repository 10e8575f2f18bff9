import { chordAt, major, tempo } from './harmony.ts';
import type { Mood } from './harmony.ts';
import { bass, bell, clap, hiss, kick, mallet, pad, saw } from './instruments.ts';

export const poster: Mood = (desk, seconds, hits) => {
  const { random } = desk;
  const { beat, bars } = tempo(seconds, 120);
  const key = random.int(40, 47);
  const pattern = random.pick([
    [0, 0.75, 1.5, 2.5, 3.25],
    [0, 0.5, 1.5, 2, 3.5],
    [0, 1.5, 1.75, 3, 3.5],
  ]);
  const steps = random.pick([
    [0, 0, -2, 3],
    [0, 5, 3, -2],
    [0, -4, -2, 0],
  ]);
  for (let b = 0; b < bars * 4; b += 1) {
    kick(desk, b * beat, 0.62);
    if (b % 2 === 1) clap(desk, b * beat, 0.34);
    hiss(desk, (b + 0.5) * beat, 0.07, 0.15, 0.95, 0.3);
    if (random.chance(0.4)) hiss(desk, (b + 0.75) * beat, 0.05, 0.1, 0.95, -0.3);
  }
  for (let bar = 0; bar < bars; bar += 1) {
    const root = key + (steps[bar % steps.length] ?? 0);
    for (const at of pattern)
      bass(desk, { note: root, at: (bar * 4 + at) * beat, seconds: beat * 0.6, gain: 0.42 }, 0.4);
    for (const at of [1.5, 3.5])
      for (const step of [12, 19, 22, 27])
        mallet(
          desk,
          {
            note: root + step + 12,
            at: (bar * 4 + at) * beat,
            seconds: 0.28,
            gain: 0.085,
            wet: 0.35,
            pan: (step - 20) / 20,
          },
          0.5,
          0.2,
        );
  }
  for (const hit of hits) hiss(desk, hit, 0.5, 0.22, 0.6, 0, 0.7);
  return 0.4;
};

export const signal: Mood = (desk, seconds, hits) => {
  const { random } = desk;
  const { beat, bars } = tempo(seconds, 112);
  const key = random.int(45, 51);
  const scale = random.pick([
    [0, 2, 3, 7, 9, 12, 14],
    [0, 3, 5, 7, 10, 12, 15],
    [0, 2, 7, 9, 12, 14, 19],
  ]);
  const line = Array.from({ length: 16 }, () => (random.chance(0.3) ? null : random.pick(scale)));
  for (let bar = 0; bar < bars; bar += 1) {
    line.forEach((step, i) => {
      const at = (bar * 4 + i * 0.25) * beat;
      if (step !== null)
        mallet(
          desk,
          {
            note: key + 24 + step + (bar % 4 === 3 ? 5 : 0),
            at,
            seconds: 0.24,
            gain: i % 4 === 0 ? 0.17 : 0.1,
            pan: i % 2 ? 0.55 : -0.55,
            wet: 0.5,
          },
          0.1,
          0.05,
        );
      if (i % 2 === 1) hiss(desk, at, 0.018, 0.1, 0.9, random.between(-0.8, 0.8));
    });
    bass(desk, { note: key - 12, at: bar * 4 * beat, seconds: beat * 3.6, gain: 0.3 }, 0.18);
    kick(desk, bar * 4 * beat, 0.4);
    kick(desk, (bar * 4 + 2.5) * beat, 0.3);
  }
  pad(desk, { note: key + 12, at: 0, seconds: seconds + 1, gain: 0.07 }, 0.5);
  pad(desk, { note: key + 19, at: 0, seconds: seconds + 1, gain: 0.06 }, 0.5);
  for (const hit of hits) {
    bell(desk, { note: key + 36, at: hit, seconds: 1.4, gain: 0.08 });
    for (let i = 0; i < 9; i += 1)
      hiss(desk, hit + i * 0.052 + random.between(0, 0.015), 0.012, 0.14, 0.85, 0.1);
  }
  return 0.6;
};

export const echo: Mood = (desk, seconds, hits) => {
  const { random } = desk;
  const { beat, bars } = tempo(seconds, 126);
  const key = random.int(36, 42);
  const line = Array.from({ length: 16 }, (_, i) =>
    i % 4 === 0 || random.chance(0.45) ? random.pick([0, 0, 0, 12, 3, 10, 7]) : null,
  );
  for (let bar = 0; bar < bars; bar += 1) {
    const open = 0.35 + 0.5 * ((bar + 1) / bars);
    line.forEach((step, i) => {
      const at = (bar * 4 + i * 0.25) * beat;
      if (step !== null)
        saw(desk, { note: key + step, at, seconds: beat * 0.23, gain: 0.3 }, open * random.between(0.7, 1.1));
      hiss(desk, at, i % 4 === 2 ? 0.09 : 0.03, i % 4 === 2 ? 0.16 : 0.08, 0.97, i % 2 ? 0.25 : -0.25);
    });
    for (let b = 0; b < 4; b += 1) kick(desk, (bar * 4 + b) * beat, 0.7);
    clap(desk, (bar * 4 + 1) * beat, 0.26);
    clap(desk, (bar * 4 + 3) * beat, 0.26);
    for (const step of [24, 27, 31])
      saw(
        desk,
        {
          note: key + step + (bar % 2 ? -2 : 0),
          at: (bar * 4 + 2.5) * beat,
          seconds: beat * 0.5,
          gain: 0.085,
          wet: 0.6,
        },
        0.8,
      );
  }
  for (const hit of hits) hiss(desk, hit, 0.35, 0.2, 0.75, 0, 0.6);
  return 0.35;
};

export const neurocard: Mood = (desk, seconds, hits) => {
  const { random } = desk;
  const { beat, bars } = tempo(seconds, 106);
  const key = random.int(52, 59);
  const progression = random.pick(major);
  for (let bar = 0; bar < bars; bar += 1) {
    const chord = chordAt(progression, bar);
    for (const at of [0, 0.75, 1.5, 2.5, 3])
      for (const [voice, step] of chord.entries())
        mallet(
          desk,
          {
            note: key + step + (voice === 0 ? 0 : 12),
            at: (bar * 4 + at) * beat,
            seconds: 0.34,
            gain: 0.1,
            pan: (voice - 1.5) * 0.4,
            wet: 0.3,
          },
          0.25,
          0.15,
        );
    bass(
      desk,
      { note: key - 24 + (chord[0] ?? 0), at: bar * 4 * beat, seconds: beat * 1.3, gain: 0.36 },
      0.3,
    );
    bass(
      desk,
      { note: key - 24 + (chord[0] ?? 0), at: (bar * 4 + 2.5) * beat, seconds: beat, gain: 0.3 },
      0.3,
    );
    for (let b = 0; b < 4; b += 1) {
      kick(desk, (bar * 4 + b) * beat, b % 2 ? 0.24 : 0.46);
      hiss(desk, (bar * 4 + b + 0.5) * beat, 0.05, 0.11, 0.95, 0.25);
    }
    for (const at of [1, 3]) clap(desk, (bar * 4 + at) * beat, 0.2);
  }
  for (const hit of hits)
    bell(desk, { note: key + 31, at: hit, seconds: 1.2, gain: 0.09, pan: random.between(-0.4, 0.4) });
  return 0.45;
};
