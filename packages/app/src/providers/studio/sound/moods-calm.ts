import { chordAt, major, minor, tempo } from './harmony.ts';
import type { Mood } from './harmony.ts';
import { air, bass, bell, hiss, keys, kick, mallet, pad } from './instruments.ts';

export const nocturne: Mood = (desk, seconds, hits) => {
  const { random } = desk;
  const key = random.int(45, 52);
  const progression = random.pick(minor);
  const chords = Math.max(2, Math.min(4, Math.round(seconds / 3)));
  const long = seconds / chords;
  for (let i = 0; i < chords; i += 1) {
    const chord = chordAt(progression, i);
    chord.forEach((step, voice) =>
      pad(
        desk,
        {
          note: key + step + (voice === 0 ? 0 : 12),
          at: i * long - 0.2,
          seconds: long + 0.9,
          gain: 0.12,
          pan: (voice - 1.5) * 0.3,
        },
        0.35,
      ),
    );
    bass(desk, { note: key - 12 + (chord[0] ?? 0), at: i * long, seconds: long, gain: 0.2 }, 0.12);
  }
  for (const hit of hits) {
    const chord = chordAt(progression, Math.floor(hit / long));
    bell(desk, {
      note: key + 24 + random.pick(chord),
      at: hit,
      seconds: 2.8,
      gain: 0.11,
      pan: random.between(-0.6, 0.6),
    });
    bell(desk, {
      note: key + 24 + random.pick(chord),
      at: hit + 0.36,
      seconds: 2.4,
      gain: 0.055,
      pan: random.between(-0.6, 0.6),
    });
  }
  air(desk, seconds, 0.1, 0.02);
  return 0.95;
};

export const paper: Mood = (desk, seconds, hits) => {
  const { random } = desk;
  const { beat, bars } = tempo(seconds, 98);
  const key = random.int(57, 64);
  const progression = random.pick(major);
  for (let bar = 0; bar < bars; bar += 1) {
    const chord = chordAt(progression, bar);
    const order = random.shuffle([0, 1, 2, 3, 2, 1, 3, 2]);
    order.forEach((voice, i) => {
      if (i > 0 && random.chance(0.22)) return;
      mallet(
        desk,
        {
          note: key + (chord[voice] ?? 0) + (i % 4 === 3 ? 12 : 0),
          at: (bar * 4 + i * 0.5) * beat + random.between(0, 0.012),
          seconds: 0.85,
          gain: 0.22,
          pan: random.between(-0.5, 0.5),
          wet: 0.3,
        },
        0.35,
        0.35,
      );
    });
    bass(
      desk,
      { note: key - 24 + (chord[0] ?? 0), at: bar * 4 * beat, seconds: beat * 1.6, gain: 0.26 },
      0.3,
    );
    bass(
      desk,
      { note: key - 24 + (chord[0] ?? 0) + 7, at: (bar * 4 + 2.5) * beat, seconds: beat, gain: 0.2 },
      0.3,
    );
    for (let i = 0; i < 8; i += 1)
      hiss(desk, (bar * 4 + i * 0.5) * beat, 0.06, i % 2 ? 0.13 : 0.07, 0.8, 0.35);
    hiss(desk, (bar * 4 + 2) * beat, 0.1, 0.2, 0.35, -0.2);
  }
  for (const hit of hits)
    for (let i = 0; i < 5; i += 1)
      hiss(desk, hit + i * 0.035 + random.between(0, 0.02), 0.07, 0.16, 0.45, random.between(-0.7, 0.7));
  return 0.45;
};

export const aura: Mood = (desk, seconds, hits) => {
  const { random } = desk;
  const { beat, bars } = tempo(seconds, 92);
  const key = random.int(50, 57);
  const progression = random.pick(major);
  for (let bar = 0; bar < bars; bar += 1) {
    const chord = chordAt(progression, bar);
    chord.forEach((step, voice) =>
      pad(
        desk,
        {
          note: key + step + (voice > 1 ? 0 : 12),
          at: bar * 4 * beat - 0.1,
          seconds: beat * 4 + 0.7,
          gain: 0.12,
          pan: (voice - 1.5) * 0.35,
        },
        0.6,
      ),
    );
    bass(
      desk,
      { note: key - 12 + (chord[0] ?? 0), at: bar * 4 * beat, seconds: beat * 3.4, gain: 0.24 },
      0.15,
    );
    for (let i = 0; i < 8; i += 1) {
      if (random.chance(0.35)) continue;
      bell(desk, {
        note: key + 12 + (chord[(i * 3) % chord.length] ?? 0) + (i % 3 === 2 ? 12 : 0),
        at: (bar * 4 + i * 0.5) * beat,
        seconds: 0.9,
        gain: 0.06,
        pan: random.between(-0.7, 0.7),
        wet: 0.6,
      });
    }
    kick(desk, bar * 4 * beat, 0.26);
    kick(desk, (bar * 4 + 2) * beat, 0.2);
    hiss(desk, (bar * 4 + 1) * beat, 0.12, 0.07, 0.7, 0.2, 0.5);
    hiss(desk, (bar * 4 + 3) * beat, 0.12, 0.08, 0.7, -0.2, 0.5);
  }
  for (const hit of hits) hiss(desk, Math.max(0, hit - 0.15), 0.9, 0.09, 0.35, 0, 0.9);
  return 0.85;
};

export const reels: Mood = (desk, seconds, hits) => {
  const { random } = desk;
  const { beat, bars } = tempo(seconds, 84);
  const key = random.int(48, 55);
  const progression = random.pick(random.chance(0.5) ? major : minor);
  for (let bar = 0; bar < bars; bar += 1) {
    const chord = chordAt(progression, bar);
    for (const at of [0, 2.5])
      chord.forEach((step, voice) =>
        keys(desk, {
          note: key + step + (voice === 0 ? 0 : 12),
          at: (bar * 4 + at) * beat + voice * 0.018,
          seconds: beat * (at === 0 ? 2.6 : 1.6),
          gain: at === 0 ? 0.13 : 0.09,
          pan: (voice - 1.5) * 0.3,
          wet: 0.45,
        }),
      );
    bass(
      desk,
      { note: key - 12 + (chord[0] ?? 0), at: bar * 4 * beat, seconds: beat * 2.2, gain: 0.3 },
      0.25,
    );
    kick(desk, bar * 4 * beat, 0.42);
    kick(desk, (bar * 4 + 2.5) * beat, 0.36);
    for (const at of [1, 3]) hiss(desk, (bar * 4 + at) * beat, 0.13, 0.2, 0.4, 0, 0.35);
    for (let i = 0; i < 8; i += 1)
      hiss(desk, (bar * 4 + i * 0.5 + (i % 2 ? 0.06 : 0)) * beat, 0.04, 0.07, 0.95, 0.3);
  }
  for (const hit of hits)
    bell(desk, { note: key + 36 + random.pick([0, 7]), at: hit, seconds: 1.8, gain: 0.05 });
  air(desk, seconds, 0.035, 0.35);
  return 0.6;
};
