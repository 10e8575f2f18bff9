import type { Draft } from '../conversation.ts';
import type { Turn } from '../turn.ts';
import { chooseStyle } from './choose.ts';

const most_text = 1_000;
const most_name = 120;
const most_price = 40;
const most_points = 6;
const most_point = 90;

const lengthOf = (text: string): number => Array.from(text).length;
const cut = (text: string, most: number): string => Array.from(text).slice(0, most).join('');

export async function described(turn: Turn, draft: Draft, text: string | null): Promise<void> {
  const { words } = turn;
  if (text === null) {
    await turn.say(words.needText);
    return;
  }
  const given = text.trim();
  if (lengthOf(given) > most_text) {
    await turn.say(words.textTooLong(most_text, lengthOf(given)));
    return;
  }
  if (draft.product === 'reels') {
    await chooseStyle(turn, { ...draft, words: given === '' ? {} : { prompt: given } });
    return;
  }
  const [name = '', price = '', ...points] = given
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (name === '' || lengthOf(name) > most_name) {
    await turn.say(name === '' ? words.describe.neurocard : words.nameTooLong(most_name));
    return;
  }
  await chooseStyle(turn, {
    ...draft,
    words: {
      product_name: name,
      ...(price === '' ? {} : { product_price: cut(price, most_price) }),
      ...(points.length === 0
        ? {}
        : { selling_points: points.slice(0, most_points).map((point) => cut(point, most_point)) }),
    },
  });
}
