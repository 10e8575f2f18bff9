import type { Draft } from '../conversation.ts';
import { modelFor, products, stylesOf } from '../product-model.ts';
import type { Buttons, Turn } from '../turn.ts';
import { offer } from './confirm.ts';

/** More than a keyboard of a phone shows well. */
const most_styles = 12;

/** Asks for a style, where the model has styles; else there is nothing to choose, and the price comes next. */
export async function chooseStyle(turn: Turn, draft: Draft): Promise<void> {
  const { words } = turn;
  const model = await modelFor(turn, draft.product);
  const styles = model === null ? [] : stylesOf(model, draft.product).slice(0, most_styles);
  if (styles.length === 0) return offer(turn, { ...draft, look: null });
  turn.conversation = { step: 'style', draft };
  const choices = styles.map(({ value, label }) => ({
    text: words.styles[value] ?? label,
    callback_data: `look:${value}`.slice(0, 64),
  }));
  const rows: Buttons = [[{ text: words.surprise, callback_data: 'look:any' }]];
  for (let at = 0; at < choices.length; at += 2) rows.push(choices.slice(at, at + 2));
  await turn.show(words.chooseStyle, rows);
}

export async function chooseProduct(turn: Turn): Promise<void> {
  const { words } = turn;
  turn.conversation = { step: 'product' };
  const rows = products.map((product) => [
    { text: words.products[product], callback_data: `product:${product}` },
  ]);
  const help = products.map((product) => words.productHelp[product]).join('\n');
  await turn.show(`${words.chooseProduct}\n\n${help}`, rows);
}

export async function productChosen(turn: Turn, product: string): Promise<void> {
  const chosen = products.find((each) => each === product);
  if (chosen === undefined) return chooseProduct(turn);
  turn.conversation = { step: 'photo', product: chosen };
  await turn.show(turn.words.sendPhoto(turn.words.products[chosen]));
}
