import { baseDirection, countCharacters, markStrong, splitWords } from './words.ts';
import type { Direction, Word } from './words.ts';
import { drawable, languageOf } from './fonts.ts';
import type { Language } from './fonts.ts';

/** One moment of the film: these words stand from `start` to `end` (seconds). */
export interface Shot {
  readonly words: readonly Word[];
  readonly start: number;
  readonly end: number;
  readonly characters: number;
  /** The whole text together, after its parts. */
  readonly finale: boolean;
}

export interface Script {
  readonly shots: readonly Shot[];
  readonly direction: Direction;
  readonly language: Language;
  readonly text: string;
}

export interface ScriptPlan {
  readonly seconds: number;
  /** Before the first word and after the last. */
  readonly lead?: number;
  readonly tail?: number;
  /** Characters in one shot at which a phrase is split further. */
  readonly phraseCharacters?: number;
  /** No shot is shorter, however much there is to read. */
  readonly shortestShot?: number;
  readonly finale?: boolean;
}

/** Typewriter quotes, apostrophes and dots as a compositor sets them. */
function polish(text: string): string {
  return text
    .replaceAll(/(?<=[\p{L}\p{N}])'/gu, '\u2019')
    .replaceAll(/(?<![\p{L}\p{N}])"(?=\S)/gu, '\u201c')
    .replaceAll('"', '\u201d')
    .replaceAll('...', '\u2026')
    .replaceAll(/ - /g, ' \u2013 ');
}

/** What people read comfortably on a screen. */
const charactersPerSecond = 15.5;
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Seconds that reading takes. Han, kana and hangul say about twice as much each. */
export function readingSeconds(words: readonly Word[]): number {
  let load = 0;
  for (const word of words) {
    for (const character of word.text) load += wide.test(character) ? 2.1 : 1;
    load += 1;
  }
  return 0.4 + load / charactersPerSecond;
}

function loadOf(words: readonly Word[]): number {
  return (readingSeconds(words) - 0.4) * charactersPerSecond;
}

/** Splits where a speaker would breathe: at punctuation first, then evenly, before a small word where there is one. */
function phrases(words: readonly Word[], most: number): Word[][] {
  const clauses: Word[][] = [[]];
  for (const word of words) {
    clauses.at(-1)?.push(word);
    if (/[.!?:;…—–。！？；：，、,،؟؛]["»”’)\]]*$/u.test(word.text)) clauses.push([]);
  }
  const whole = clauses.filter((clause) => clause.length > 0);
  const joined: Word[][] = [];
  for (const clause of whole) {
    const last = joined.at(-1);
    const sentenceEnded = last && /[.!?:…。！？：؟]["»”’)\]]*$/u.test(last.at(-1)?.text ?? '');
    if (last && !sentenceEnded && loadOf(last) + loadOf(clause) <= most * 0.8) last.push(...clause);
    else joined.push([...clause]);
  }
  return joined.flatMap((clause) => splitEvenly(clause, most));
}

function splitEvenly(words: Word[], most: number): Word[][] {
  const parts = Math.min(words.length, Math.ceil(loadOf(words) / most));
  if (parts <= 1) return [words];
  const target = loadOf(words) / parts;
  const result: Word[][] = [[]];
  let load = 0;
  words.forEach((word, i) => {
    const next = loadOf([word]);
    const current = result.at(-1) as Word[];
    if (current.length > 0 && result.length < parts && load + next / 2 > target && (word.spaced || i > 0)) {
      result.push([word]);
      load = next;
    } else {
      current.push(word);
      load += next;
    }
  });
  return result;
}

/** The pause at the end of a moment says what a comma would. */
function endClean(words: readonly Word[]): Word[] {
  return words.map((word, i) =>
    i + 1 === words.length && word.text.length > 1
      ? { ...word, text: word.text.replace(/[,，、،;]$/u, '') }
      : word,
  );
}

/** Joins neighbours, the shortest pair first, until no more than `most` are left. */
function merge(groups: Word[][], most: number): Word[][] {
  const merged = groups.map((group) => [...group]);
  while (merged.length > Math.max(1, most)) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < merged.length; i += 1) {
      const load = loadOf(merged[i] as Word[]) + loadOf(merged[i + 1] as Word[]);
      if (load < least) {
        least = load;
        best = i;
      }
    }
    merged.splice(best, 2, [...(merged[best] as Word[]), ...(merged[best + 1] as Word[])]);
  }
  return merged;
}

/**
 * Turns a text, or several that must not run into one another, into moments, each as long as it takes to read where the film is long enough for that. A text that is too long for its
 * film is shown whole all the same: in fewer, fuller moments. Nothing is left out but what no font can draw.
 */
export function writeScript(source: string | readonly string[], plan: ScriptPlan): Script {
  const texts = (typeof source === 'string' ? [source] : source)
    .map((part) => drawable(polish(part)))
    .filter((part) => part !== '');
  const text = texts.join(' ');
  const all = markStrong(splitWords(text));
  const lead = plan.lead ?? 0.25;
  const tail = plan.tail ?? 0.2;
  const room = Math.max(0.5, plan.seconds - lead - tail);
  const shortest = plan.shortestShot ?? 1.05;
  const spoken = texts.flatMap((part) => phrases(splitWords(part), plan.phraseCharacters ?? 34));
  let groups = merge(spoken, Math.floor(room / shortest));
  const reading = (list: Word[][]): number => list.reduce((sum, group) => sum + readingSeconds(group), 0);
  while (groups.length > 1 && reading(groups) > room * 1.25) {
    const fewer = merge(groups, groups.length - 1);
    if (room / fewer.length > 3.2) break;
    groups = fewer;
  }
  const finale =
    (plan.finale ?? true) &&
    groups.length > 1 &&
    loadOf(all) <= 110 &&
    reading(groups) * 0.8 + 1.3 <= room &&
    room / (groups.length + 1) >= shortest;
  const marked = groups.map((group, i) => markStrong(i + 1 < groups.length ? endClean(group) : group));
  const weights = marked.map((group) => Math.max(shortest * 0.9, readingSeconds(group)));
  if (finale) weights.push(1.5);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let time = lead;
  const shots = [...marked, ...(finale ? [all] : [])].map((words, i): Shot => {
    const start = time;
    time += ((weights[i] as number) / total) * room;
    return {
      words,
      start,
      end: time,
      characters: words.reduce((sum, word) => sum + countCharacters(word.text) + 1, 0),
      finale: finale && i === marked.length,
    };
  });
  const last = shots.at(-1);
  if (last) shots[shots.length - 1] = { ...last, end: plan.seconds };
  return { shots, direction: baseDirection(text), language: languageOf(text), text };
}

/** The whole text as one moment: for pictures. */
export function writeStill(source: string | readonly string[]): Script {
  const text = drawable(polish(typeof source === 'string' ? source : source.join(' ')));
  const words = markStrong(splitWords(text));
  return {
    shots: [{ words, start: -10, end: 100, characters: countCharacters(text), finale: true }],
    direction: baseDirection(text),
    language: languageOf(text),
    text,
  };
}
