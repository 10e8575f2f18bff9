import { emojiPattern } from './fonts.ts';

export type Direction = 'ltr' | 'rtl';

/** The smallest piece that moves by itself: a word with its punctuation, or an emoji. */
export interface Word {
  readonly text: string;
  /** Whether a space stands before it where it isn't first in its line. */
  readonly spaced: boolean;
  readonly emoji: boolean;
  readonly direction: Direction | 'neutral';
  /** Set where the line should be heard: a number, a shout, the word that carries the sense. */
  readonly strong: boolean;
}

const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}ー々]/u;
/** Never at the head of a line: it belongs to what is before it. */
const closing = /^[\p{Pe}\p{Pf}\p{Po}ーっゃゅょッャュョ々…]+$/u;
const opening = /[\p{Ps}\p{Pi}]$/u;

function directionOf(text: string): Word['direction'] {
  for (const character of text) {
    if (rightToLeft.test(character)) return 'rtl';
    if (/\p{L}/u.test(character)) return 'ltr';
  }
  return 'neutral';
}

/** The direction of a whole text: that of its first letter. */
export function baseDirection(text: string): Direction {
  const direction = directionOf(text);
  return direction === 'rtl' ? 'rtl' : 'ltr';
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many characters a reader sees. */
export const countCharacters = (text: string): number => [...graphemes.segment(text)].length;

const longest = 22;

/** Splits what has no spaces by dictionary, and what is too long for any line by characters. */
function pieces(token: string): string[] {
  if (unspaced.test(token)) {
    const parts: string[] = [];
    for (const { segment } of segmenter.segment(token)) {
      const last = parts.at(-1);
      if (last !== undefined && (closing.test(segment) || opening.test(last)))
        parts[parts.length - 1] = last + segment;
      else parts.push(segment);
    }
    return parts;
  }
  const characters = [...graphemes.segment(token)].map((part) => part.segment);
  if (characters.length <= longest) return [token];
  const count = Math.ceil(characters.length / longest);
  const size = Math.ceil(characters.length / count);
  return Array.from({ length: count }, (_, i) => characters.slice(i * size, (i + 1) * size).join(''));
}

/** Cuts a token where letters of the other direction begin, so that each part can stand on its own side. */
function splitDirections(token: string): string[] {
  const parts: string[] = [];
  let current: Word['direction'] = 'neutral';
  for (const character of token) {
    const own = directionOf(character);
    const last = parts.at(-1);
    if (last !== undefined && (own === 'neutral' || current === 'neutral' || own === current)) {
      parts[parts.length - 1] = last + character;
    } else parts.push(character);
    if (own !== 'neutral') current = own;
  }
  return parts;
}

/** The words of a text in the order they are read. */
export function splitWords(text: string): Word[] {
  const words: Word[] = [];
  for (const token of text.split(/\s+/).filter(Boolean)) {
    let spaced = true;
    for (const part of token.split(/(\p{RGI_Emoji})/v)) {
      if (part === '') continue;
      const emoji = emojiPattern.test(part);
      for (const piece of emoji ? [part] : splitDirections(part).flatMap(pieces)) {
        const last = words.at(-1);
        if (last && !spaced && !emoji && closing.test(piece) && !last.emoji) {
          words[words.length - 1] = { ...last, text: last.text + piece };
        } else {
          words.push({
            text: piece,
            spaced,
            emoji,
            direction: emoji ? 'neutral' : directionOf(piece),
            strong: false,
          });
        }
        spaced = false;
      }
    }
  }
  return words;
}

/** Words that carry grammar, not sense, in the languages people write most. */
const grammar = new Set(
  `a an the and or but of for to in on at by from with without into over under as is are was were be been it its this that these those
  how what why who when where your you our we i me my he she they them his her their not no so up out off if then than about just very
  и в во на с со к ко у о об от до по за из для без под над не ни но а или что как где когда это эта этот эти все мы вы ты он она они его её их
  der die das und oder ein eine mit von zu im in auf für ist le la les et ou un une de des du en pour avec dans que qui est
  el los las y o un una con por para del al se su es il lo gli e di da che per
  και το τα η ο οι του της των στο στη στην με για από που να είναι ένα μια και
  は が を に で と の も へ 的 了 在 是 和 与 就 都 而 及 着 은 는 이 가 을 를 의 에 와 과
  في من على إلى عن و هذا هذه של את על עם זה היא הוא כל`.split(/\s+/),
);

function weightOf(word: Word, position: number, count: number): number {
  if (word.emoji) return -1;
  const bare = word.text.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}%€$£¥₽₴₹]+$/gu, '');
  if (bare === '') return -1;
  if (/\p{N}/u.test(bare)) return 40 + (/[%€$£¥₽₴₹]/u.test(word.text) ? 20 : 0);
  const letters = Array.from(bare);
  if (letters.length > 1 && bare === bare.toUpperCase() && bare !== bare.toLowerCase()) return 30;
  if (grammar.has(bare.toLowerCase())) return 0;
  const shown = unspaced.test(bare) ? letters.length * 3 : letters.length;
  return Math.min(shown, 12) + (position === count - 1 ? 2.5 : 0) + (word.text.endsWith('!') ? 4 : 0);
}

/** The same words with one in a few marked strong: at least one where any carries sense, never all but where there is one only. */
export function markStrong(words: readonly Word[]): Word[] {
  const weights = words.map((word, i) => weightOf(word, i, words.length));
  const most = Math.max(1, Math.round(words.length / 5));
  const order = weights
    .map((weight, i) => ({ weight, i }))
    .filter(({ weight }) => weight > 2)
    .sort((one, two) => two.weight - one.weight || one.i - two.i)
    .slice(0, most);
  const chosen = new Set(order.map(({ i }) => i));
  return words.map((word, i) => ({ ...word, strong: chosen.has(i) }));
}
