import type { Context } from '../draw/canvas.ts';
import { clings, gap, lineScale, lineWidth, looksLost, visualOrder, wrap } from './lines.ts';
import { fontOf, measure, reference } from './measure.ts';
import type { Measured, Setting } from './measure.ts';
import type { Direction, Word } from './words.ts';

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

/** Numbers and signs follow the text they stand in: its full stop comes after them on its own side. */
const directionIn = (word: Word, text: Direction): Direction =>
  word.direction === 'neutral' ? text : word.direction;

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
