import type { Measured } from './measure.ts';
import type { Direction } from './words.ts';

export const gap = (item: Measured, first: boolean): number => (first || !item.word.spaced ? 0 : item.space);

/** A word of one or two letters stays with the next one: alone at the end of a line, or on its own, it looks lost. */
export const clings = (item: Measured | undefined, next: Measured): boolean =>
  item !== undefined && next.word.spaced && !item.word.emoji && /^[\p{L}\p{N}]{1,2}$/u.test(item.word.text);

export function wrap(items: readonly Measured[], width: number): Measured[][] {
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

export const looksLost = (lines: readonly Measured[][]): boolean =>
  lines.some((line, i) => {
    const next = lines[i + 1]?.[0];
    return line.length === 1 && next !== undefined && clings(line[0], next);
  });

export const lineWidth = (line: readonly Measured[]): number =>
  line.reduce((sum, item, i) => sum + gap(item, i === 0) + item.width, 0);

export const lineScale = (line: readonly Measured[]): number => Math.max(...line.map((item) => item.scale));

/**
 * How words stand from left to right, each with whether a space is before it: runs against the text's own direction keep theirs. A space
 * stands before the word that is read later, on whichever side that is.
 */
export function visualOrder(
  line: readonly Measured[],
  direction: Direction,
): { item: Measured; spaced: boolean }[] {
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
