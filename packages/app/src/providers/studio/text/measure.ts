import { emojiFamily, fontStack } from './fonts.ts';
import type { FaceName, Language } from './fonts.ts';
import type { Direction, Word } from './words.ts';
import { createCanvas } from '@napi-rs/canvas';

/** How words look. `size` is decided by the setting. */
export interface Voice {
  readonly face: FaceName;
  readonly weight: number;
  /** Letter spacing in em; never applied to joined scripts. */
  readonly tracking?: number;
  readonly upper?: boolean;
  readonly lower?: boolean;
}

export interface Setting {
  readonly voice: Voice;
  readonly strongVoice?: Voice;
  /** How much larger strong words are. */
  readonly strongScale?: number;
  readonly width: number;
  readonly height: number;
  readonly largest: number;
  readonly smallest?: number;
  readonly leading?: number;
  readonly align: 'start' | 'center' | 'end';
  readonly direction: Direction;
  readonly language: Language;
}

const measuring = createCanvas(8, 8).getContext('2d');

export const reference = 100;

const joined = /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Thai}]/u;

export interface Measured {
  readonly word: Word;
  readonly text: string;
  readonly families: string;
  readonly weight: number;
  readonly tracking: number;
  readonly scale: number;
  /** At the reference size, scale included. */
  readonly width: number;
  readonly space: number;
}

export function fontOf(weight: number, size: number, families: string): string {
  return `${weight} ${size.toFixed(2)}px ${families}`;
}

export function measure(word: Word, setting: Setting): Measured {
  const strong = word.strong && setting.strongVoice !== undefined;
  const voice = strong && setting.strongVoice ? setting.strongVoice : setting.voice;
  const scale = (strong ? (setting.strongScale ?? 1) : 1) * (word.emoji ? 0.92 : 1);
  let text = word.text;
  // Greek capitals lose their accents; which language a word is in is told by its letters.
  if (voice.upper) text = text.toLocaleUpperCase(/\p{Script=Greek}/u.test(text) ? 'el' : 'und');
  if (voice.lower) text = text.toLocaleLowerCase('und');
  const families = word.emoji ? emojiFamily() : fontStack(voice.face, text, setting.language).families;
  const tracking = word.emoji || joined.test(text) ? 0 : (voice.tracking ?? 0);
  measuring.lang = setting.language;
  measuring.font = fontOf(voice.weight, reference, families);
  measuring.letterSpacing = `${(tracking * reference).toFixed(2)}px`;
  measuring.direction = word.direction === 'rtl' ? 'rtl' : 'ltr';
  const width = measuring.measureText(text).width * scale;
  const space =
    (0.25 + tracking * 0.6) *
    reference *
    (voice.face === 'mono' ? 2.2 : voice.face === 'condensed' ? 0.8 : 1);
  return { word, text, families, weight: voice.weight, tracking, scale, width, space };
}
