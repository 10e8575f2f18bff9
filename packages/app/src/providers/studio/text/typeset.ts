import { createCanvas } from '@napi-rs/canvas';
import type { Context } from '../draw/canvas.ts';
import { emojiFamily, fontStack } from './fonts.ts';
import type { FaceName, Language } from './fonts.ts';
import type { Direction, Word } from './words.ts';

/** How words look. `size` is decided by the setting. */
export interface Voice {
  readonly face: FaceName;
  readonly weight: number;
  /** Letter spacing in em; never applied to joined scripts. */
  readonly tracking?: number;
  readonly upper?: boolean;
  readonly lower?: boolean;
}

export interface SetWord {
  readonly text: string;
  /** Left edge and baseline, from the block's own corner. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
  readonly strong: boolean;
  readonly emoji: boolean;
  readonly line: number;
  readonly index: number;
  readonly font: string;
  readonly spacing: string;
  readonly direction: Direction;
  readonly ascent: number;
  readonly descent: number;
}

export interface Block {
  readonly words: readonly SetWord[];
  readonly lines: number;
  readonly width: number;
  readonly height: number;
  readonly size: number;
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
const reference = 100;
const joined = /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Thai}]/u;

interface Measured {
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

function fontOf(weight: number, size: number, families: string): string {
  return `${weight} ${size.toFixed(2)}px ${families}`;
}

function measure(word: Word, setting: Setting): Measured {
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

const gap = (item: Measured, first: boolean): number => (first || !item.word.spaced ? 0 : item.space);

/** A word of one or two letters stays with the next one: alone at the end of a line, or on its own, it looks lost. */
const clings = (item: Measured | undefined, next: Measured): boolean =>
  item !== undefined && next.word.spaced && !item.word.emoji && /^[\p{L}\p{N}]{1,2}$/u.test(item.word.text);

/** Numbers and signs follow the text they stand in: its full stop comes after them on its own side. */
const directionIn = (word: Word, text: Direction): Direction =>
  word.direction === 'neutral' ? text : word.direction;

function wrap(items: readonly Measured[], width: number): Measured[][] {
  const lines: Measured[][] = [];
  let used = 0;
  for (const item of items) {
    const line = lines.at(-1);
    const more = gap(item, !line || line.length === 0) + item.width;
    if (line && used + more <= width) {
      line.push(item);
      used += more;
      continue;
    }
    const small = line?.at(-1);
    if (line && small && line.length > 1 && clings(small, item)) {
      line.pop();
      lines.push([small, item]);
      used = small.width + gap(item, false) + item.width;
    } else {
      lines.push([item]);
      used = item.width;
    }
  }
  return lines;
}

const looksLost = (lines: readonly Measured[][]): boolean =>
  lines.some((line, i) => {
    const next = lines[i + 1]?.[0];
    return line.length === 1 && next !== undefined && clings(line[0], next);
  });

const lineWidth = (line: readonly Measured[]): number =>
  line.reduce((sum, item, i) => sum + gap(item, i === 0) + item.width, 0);
const lineScale = (line: readonly Measured[]): number => Math.max(...line.map((item) => item.scale));

/**
 * How words stand from left to right, each with whether a space is before it: runs against the text's own direction keep theirs. A space
 * stands before the word that is read later, on whichever side that is.
 */
function visualOrder(line: readonly Measured[], direction: Direction): { item: Measured; spaced: boolean }[] {
  const runs: { against: boolean; items: Measured[] }[] = [];
  for (const item of line) {
    const own = item.word.direction;
    const against = own !== 'neutral' && own !== direction;
    const last = runs.at(-1);
    if (last && last.against === against) last.items.push(item);
    else runs.push({ against, items: [item] });
  }
  const forward = direction === 'ltr';
  const ordered = forward ? runs : runs.toReversed();
  return ordered.flatMap((run, r) => {
    const before = ordered[r - 1];
    const later = forward ? run.items[0] : before?.items[0];
    const reading = run.against !== forward;
    const items = reading ? run.items : run.items.toReversed();
    return items.map((item, i) => ({
      item,
      spaced:
        i === 0
          ? r > 0 && (later?.word.spaced ?? false)
          : ((reading ? item : items[i - 1])?.word.spaced ?? false),
    }));
  });
}

/** Sets words in a box as large as fits, in lines of even length. What can't fit at the smallest size goes below it, never outside the box. */
export function typeset(words: readonly Word[], setting: Setting): Block {
  const items = words.map((word) => measure(word, setting));
  const leading = setting.leading ?? 1.12;
  const fits = (size: number): Measured[][] | null => {
    const k = size / reference;
    const lines = wrap(items, setting.width / k);
    if (lines.some((line) => lineWidth(line) * k > setting.width + 0.5)) return null;
    const height = lines.reduce((sum, line) => sum + lineScale(line) * leading * size, 0);
    return height <= setting.height ? lines : null;
  };
  let low = 4;
  let high = setting.largest;
  let lines = fits(high);
  let size = high;
  if (!lines) {
    for (let i = 0; i < 18; i += 1) {
      const middle = (low + high) / 2;
      const attempt = fits(middle);
      if (attempt) {
        low = middle;
        lines = attempt;
        size = middle;
      } else high = middle;
    }
  }
  if (lines && looksLost(lines)) {
    for (let smaller = size; smaller > size * 0.62; smaller *= 0.97) {
      const attempt = fits(smaller);
      if (!attempt || looksLost(attempt)) continue;
      lines = attempt;
      size = smaller;
      break;
    }
  }
  const settled = lines ?? wrap(items, (setting.width / low) * reference);
  return place(balance(items, settled, (setting.width / size) * reference), size, leading, setting);
}

/** The same number of lines in the narrowest measure that keeps it: no lonely last word. */
function balance(items: readonly Measured[], lines: Measured[][], width: number): Measured[][] {
  let low = Math.max(...items.map((item) => item.width), 0);
  let high = width;
  let best = lines;
  for (let i = 0; i < 12 && lines.length > 1; i += 1) {
    const middle = (low + high) / 2;
    const attempt = wrap(items, middle);
    if (
      attempt.length <= lines.length &&
      looksLost(attempt) === looksLost(lines) &&
      attempt.every((line) => lineWidth(line) <= width)
    ) {
      best = attempt;
      high = middle;
    } else low = middle;
  }
  return best;
}

function place(
  lines: Measured[][],
  size: number,
  leading: number,
  setting: Setting,
  sizes?: number[],
): Block {
  const placed: SetWord[] = [];
  const index = new Map<Measured, number>(lines.flat().map((item, i) => [item, i]));
  let top = 0;
  lines.forEach((line, row) => {
    const own = sizes?.[row] ?? size;
    const k = own / reference;
    const height = lineScale(line) * own * leading;
    const free = setting.width - lineWidth(line) * k;
    const side =
      setting.align === 'center'
        ? 0.5
        : (setting.align === 'start') === (setting.direction === 'ltr')
          ? 0
          : 1;
    let x = free * side;
    const baseline = top + height * 0.5 + lineScale(line) * own * 0.35;
    for (const { item, spaced } of visualOrder(line, setting.direction)) {
      if (spaced) x += item.space * k;
      const wordSize = own * item.scale;
      placed.push({
        text: item.text,
        x,
        y: baseline,
        width: item.width * k,
        size: wordSize,
        strong: item.word.strong,
        emoji: item.word.emoji,
        line: row,
        index: index.get(item) ?? 0,
        font: fontOf(item.weight, wordSize, item.families),
        spacing: `${(item.tracking * wordSize).toFixed(2)}px`,
        direction: directionIn(item.word, setting.direction),
        ascent: wordSize * 1.02,
        descent: wordSize * 0.34,
      });
      x += item.width * k;
    }
    top += height;
  });
  return {
    words: placed.sort((one, two) => one.index - two.index),
    lines: lines.length,
    width: setting.width,
    height: top,
    size,
  };
}

/** Sets every line to the full width of the box, so that short lines shout: the setting of posters. */
export function typesetFull(words: readonly Word[], setting: Setting): Block {
  const items = words.map((word) => measure(word, setting));
  const leading = setting.leading ?? 0.92;
  const total = lineWidth(items);
  const narrowest = Math.max(
    ...items.map((item, i) => {
      const before = items[i - 1];
      return before && clings(before, item) ? before.width + gap(item, false) + item.width : item.width;
    }),
  );
  let best: { lines: Measured[][]; sizes: number[]; filled: number } | null = null;
  for (let count = 1; count <= Math.min(items.length, 14); count += 1) {
    const lines = wrap(items, Math.max((total / count) * 1.04, narrowest));
    const sizes = lines.map((line) =>
      Math.min(setting.largest, (setting.width / lineWidth(line)) * reference),
    );
    const heights = lines.map((line, i) => lineScale(line) * (sizes[i] as number) * leading);
    const height = heights.reduce((sum, part) => sum + part, 0);
    const squeeze = Math.min(1, setting.height / height);
    const shown = sizes.map((size) => size * squeeze);
    const filled =
      Math.min(...shown) * 0.6 +
      (Math.min(height, setting.height) / setting.height) * 60 -
      (1 - squeeze) * 80;
    if (!best || filled > best.filled) best = { lines, sizes: shown, filled };
  }
  if (!best) return { words: [], lines: 0, width: setting.width, height: 0, size: setting.largest };
  return place(best.lines, Math.max(...best.sizes), leading, setting, best.sizes);
}

/** Draws one set word at its place, or anywhere else. */
export function drawWord(ctx: Context, word: SetWord, x = word.x, y = word.y): void {
  ctx.font = word.font;
  ctx.letterSpacing = word.spacing;
  ctx.direction = word.direction;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.fillText(word.text, x, y);
}
