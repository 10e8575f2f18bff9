import { readFileSync } from 'node:fs';
import { HoldfastError } from '../platform/errors.ts';
import type { Moderator } from './port.ts';

const longest_list = 20_000;

/**
 * Refuses what contains one of these words: whole ones, whatever their case, accents or width; `bad*` is every word that begins so. In scripts that
 * write no spaces between words, wherever it stands. Thousands of words cost no more than a few.
 */
export function createWordList(words: readonly string[]): Moderator {
  const whole = new Set<string>();
  const beginnings = new Set<string>();
  const others: { text: string; pattern: RegExp }[] = [];
  for (const word of words.map(normalized)) {
    const begins = word.endsWith('*');
    const text = begins ? word.slice(0, -1) : word;
    if (text === '') continue;
    if (!isOneWord.test(text)) others.push({ text, pattern: new RegExp(patternOf(text, begins), 'u') });
    else if (begins) beginnings.add(text);
    else whole.add(text);
  }

  function find(text: string): string | undefined {
    for (const [word] of text.matchAll(/[\p{L}\p{N}_]+/gu)) {
      if (whole.has(word)) return word;
      if (beginnings.size === 0) continue;
      for (let end = 1; end <= word.length; end += 1) {
        if (beginnings.has(word.slice(0, end))) return word;
      }
    }
    return others.find((other) => text.includes(other.text) && other.pattern.test(text))?.text;
  }

  return {
    id: 'words',
    asked: 'acceptance',
    async judge({ text }) {
      const found = find(normalized(text));
      return found === undefined ? { allowed: true } : { allowed: false, reason: `the word "${found}"` };
    },
  };
}

/** One in each line; what follows a # is a remark. @throws HoldfastError `moderation_words_unreadable` */
export function readWordFile(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new HoldfastError(
      'moderation_words_unreadable',
      `MODERATION_WORDS_FILE names ${path}, which can't be read: correct it, or unset it.`,
      { path },
      { cause: error },
    );
  }
  const words = text.split('\n').map((line) => line.replace(/#.*$/, '').trim());
  return words.filter((word) => word !== '').slice(0, longest_list);
}

/** Lower case, no accents, full-width forms as plain ones, one space for any; nothing invisible between letters. */
function normalized(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\p{Mn}\p{Cf}]/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

const without_spaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
/** Of letters and digits alone, in a script that puts something between words. */
const isOneWord =
  /^(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{N}_])+$/u;

function patternOf(text: string, begins: boolean): string {
  const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
  if (without_spaces.test(text)) return escaped;
  return String.raw`(?<![\p{L}\p{N}_])${escaped}${begins ? '' : String.raw`(?![\p{L}\p{N}_])`}`;
}
