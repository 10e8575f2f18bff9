import type { Random } from '../random.ts';
import { sampleRate } from './wav.ts';
import type { Sound } from './wav.ts';

/** What is being played onto: the dry sound, and what goes through the room. */
export interface Desk {
  readonly dry: Sound;
  readonly room: Sound;
  readonly random: Random;
  readonly samples: number;
}

const turn = Math.PI * 2;
export const pitch = (note: number): number => 440 * 2 ** ((note - 69) / 12);

interface Note {
  /** MIDI number. */
  readonly note: number;
  readonly at: number;
  readonly seconds: number;
  readonly gain: number;
  /** -1 left to 1 right. */
  readonly pan?: number;
  /** How much of it goes through the room. */
  readonly wet?: number;
}

/** Adds samples made by `voice` (time in seconds since the start) to the desk. */
function play(
  desk: Desk,
  { at, seconds, gain, pan = 0, wet = 0.25 }: Omit<Note, 'note'>,
  voice: (time: number) => number,
): void {
  const first = Math.max(0, Math.round(at * sampleRate));
  const last = Math.min(desk.samples, first + Math.round(seconds * sampleRate));
  const left = gain * Math.cos(((pan + 1) * Math.PI) / 4) * Math.SQRT2;
  const right = gain * Math.sin(((pan + 1) * Math.PI) / 4) * Math.SQRT2;
  for (let i = first; i < last; i += 1) {
    const value = voice((i - first) / sampleRate);
    desk.dry.left[i] = (desk.dry.left[i] ?? 0) + value * left;
    desk.dry.right[i] = (desk.dry.right[i] ?? 0) + value * right;
    desk.room.left[i] = (desk.room.left[i] ?? 0) + value * left * wet;
    desk.room.right[i] = (desk.room.right[i] ?? 0) + value * right * wet;
  }
}

/** A breathing chord tone: two voices a hair apart, soft harmonics that open slowly. */
export function pad(desk: Desk, note: Note, bright = 0.3): void {
  const base = pitch(note.note);
  const beat = 1 + desk.random.between(0.0012, 0.003);
  const phase = desk.random.between(0, turn);
  const rise = Math.min(1.4, note.seconds * 0.35);
  const fall = Math.min(1.2, note.seconds * 0.3);
  for (const side of [-1, 1]) {
    const hertz = side < 0 ? base : base * beat;
    play(
      desk,
      { ...note, pan: (note.pan ?? 0) + side * 0.55, gain: note.gain * 0.6, wet: note.wet ?? 0.5 },
      (time) => {
        const envelope = Math.min(1, time / rise) * Math.min(1, (note.seconds - time) / fall);
        const angle = turn * hertz * time + phase * side;
        const open = bright * (0.6 + 0.4 * Math.sin(time * 0.9 + phase));
        return (
          envelope *
          envelope *
          (Math.sin(angle) + open * 0.5 * Math.sin(angle * 2) + open * 0.28 * Math.sin(angle * 3 + 0.4))
        );
      },
    );
  }
}

/** A struck bar of wood or metal: `hard` puts in the knock, `ring` the upper partials. */
export function mallet(desk: Desk, note: Note, hard = 0.4, ring = 0.3): void {
  const hertz = pitch(note.note);
  play(desk, note, (time) => {
    const body = Math.exp((-time * 5.5) / note.seconds);
    const knock = Math.exp(-time * 90) * hard;
    const angle = turn * hertz * time;
    return (
      Math.min(1, time * 900) *
      (body * Math.sin(angle) +
        ring * Math.exp((-time * 12) / note.seconds) * Math.sin(angle * 3.93) +
        knock * Math.sin(angle * 9.2))
    );
  });
}

/** A glass bell with slow beats in it. */
export function bell(desk: Desk, note: Note): void {
  const hertz = pitch(note.note);
  play(desk, { ...note, wet: note.wet ?? 0.8 }, (time) => {
    const fall = Math.exp((-time * 4) / note.seconds);
    const depth = 1.6 * Math.exp((-time * 7) / note.seconds);
    return (
      Math.min(1, time * 300) *
      fall *
      Math.sin(turn * hertz * time + depth * Math.sin(turn * hertz * 2.76 * time))
    );
  });
}

/** An electric piano: a sine bent by its own octave. */
export function keys(desk: Desk, note: Note): void {
  const hertz = pitch(note.note);
  play(desk, note, (time) => {
    const fall = Math.exp((-time * 2.6) / note.seconds) * Math.min(1, (note.seconds - time) * 20);
    const depth = 0.9 * Math.exp(-time * 4) + 0.15;
    return (
      Math.min(1, time * 250) *
      fall *
      Math.sin(turn * hertz * time + depth * Math.sin(turn * hertz * time)) *
      (1 + 0.12 * Math.sin(turn * 4.6 * time))
    );
  });
}

/** A round low tone; `grit` adds the odd harmonics that small speakers need. */
export function bass(desk: Desk, note: Note, grit = 0.25): void {
  const hertz = pitch(note.note);
  play(desk, { ...note, wet: note.wet ?? 0 }, (time) => {
    const envelope =
      Math.min(1, time * 160) *
      Math.min(1, (note.seconds - time) * 30) *
      Math.exp((-time * 1.4) / note.seconds);
    const angle = turn * hertz * time;
    return (
      envelope *
      (Math.sin(angle) +
        grit * Math.sin(angle * 2) +
        grit * 0.6 * Math.sin(angle * 3) +
        grit * 0.25 * Math.sin(angle * 5))
    );
  });
}

/** A saw through a closing filter. */
export function saw(desk: Desk, note: Note, open = 0.5): void {
  const hertz = pitch(note.note);
  let low = 0;
  let band = 0;
  play(desk, { ...note, wet: note.wet ?? 0.1 }, (time) => {
    const envelope = Math.min(1, time * 250) * Math.min(1, (note.seconds - time) * 40);
    const ramp = 2 * ((hertz * time) % 1) - 1;
    const cutoff = Math.min(0.45, 0.012 + open * 0.16 * Math.exp(-time * 9));
    low += cutoff * 2 * band;
    const high = ramp - low - band * 0.55;
    band += cutoff * 2 * high;
    return envelope * low;
  });
}

export function kick(desk: Desk, at: number, gain: number): void {
  play(desk, { at, seconds: 0.34, gain, wet: 0.03 }, (time) => {
    const angle = turn * (46 * time + (110 / 26) * (1 - Math.exp(-26 * time)));
    return Math.exp(-time * 10.5) * Math.sin(angle) + Math.exp(-time * 190) * 0.25;
  });
}

/** Noise with a colour: `tone` from 0 (dark) to 1 (bright). */
export function hiss(
  desk: Desk,
  at: number,
  seconds: number,
  gain: number,
  tone: number,
  pan = 0,
  wet = 0.2,
): void {
  let held = 0;
  let before = 0;
  play(desk, { at, seconds, gain, pan, wet }, (time) => {
    const white = desk.random.next() * 2 - 1;
    held += (white - held) * (0.06 + tone * 0.7);
    const high = held - before * tone;
    before = held;
    return Math.min(1, time * 900) * Math.exp((-time * 5.5) / seconds) * high;
  });
}

export function clap(desk: Desk, at: number, gain: number): void {
  for (const late of [0, 0.011, 0.021])
    hiss(desk, at + late, late === 0.021 ? 0.16 : 0.03, gain, 0.5, 0, 0.5);
}

/** Air: slow noise that swells and moves, for as long as the film. */
export function air(desk: Desk, seconds: number, gain: number, tone: number): void {
  let left = 0;
  let right = 0;
  const phase = desk.random.between(0, turn);
  for (let i = 0; i < seconds * sampleRate && i < desk.samples; i += 1) {
    const time = i / sampleRate;
    const swell = 0.55 + 0.45 * Math.sin(time * 0.8 + phase);
    left += (desk.random.next() * 2 - 1 - left) * tone;
    right += (desk.random.next() * 2 - 1 - right) * tone;
    desk.dry.left[i] = (desk.dry.left[i] ?? 0) + left * gain * swell;
    desk.dry.right[i] = (desk.dry.right[i] ?? 0) + right * gain * (1.5 - swell);
  }
}
