import { listModels } from '../../generations/catalogue/catalogue.ts';
import type { ModelView } from '../../generations/catalogue/catalogue.ts';
import type { GenerationInput } from '../../generations/catalogue/model.ts';
import type { Draft } from '../conversation.ts';
import type { Buttons, Turn } from '../turn.ts';
import type { Product } from '../words/words-table.ts';

export const products: readonly Product[] = ['neurocard', 'reels'];

/** As people talk: a short film for a phone. */
const seconds = 5;

/** The model that makes a product: the first on offer that has its template. */
export async function modelFor(turn: Turn, product: Product): Promise<ModelView | null> {
  const models = await listModels(turn.generations);
  const fitting = models.filter(({ templates }) => templates.some(({ id }) => id === product));
  return fitting.find(({ available }) => available) ?? fitting[0] ?? null;
}

/** Looks differ by the number that decides the composition; a model with styles of its own offers those. */
const looks: Readonly<Record<string, number>> = { A: 11, B: 29, C: 47, D: 83 };

function stylesOf(model: ModelView, product: Product): readonly { value: string; label: string }[] {
  const template = model.templates.find(({ id }) => id === product);
  const field = template?.inputs.find((input) => input.type === 'choice' && input.name === 'style');
  return field?.type === 'choice' ? field.choices : [];
}

export async function chooseStyle(turn: Turn, draft: Draft): Promise<void> {
  turn.conversation = { step: 'style', draft };
  const { words } = turn;
  const model = await modelFor(turn, draft.product);
  const styles = model === null ? [] : stylesOf(model, draft.product);
  const choices =
    styles.length > 0
      ? styles.map(({ value, label }) => ({ text: label, callback_data: `look:${value}`.slice(0, 64) }))
      : Object.keys(looks).map((letter) => ({ text: words.look(letter), callback_data: `look:${letter}` }));
  const rows: Buttons = [[{ text: words.surprise, callback_data: 'look:any' }]];
  for (let at = 0; at < choices.length; at += 2) rows.push(choices.slice(at, at + 2));
  await turn.show(words.chooseStyle, rows);
}

/** What is asked of the model for a draft. `look:any` is another look each time. */
export function inputOf(draft: Draft, model: ModelView, offer: string): GenerationInput {
  const { look } = draft;
  const styled = stylesOf(model, draft.product).some(({ value }) => value === look);
  const seed = look === null || look === 'any' ? seedOf(offer) : looks[look];
  const limits = model.duration_seconds;
  return {
    ...draft.words,
    template: draft.product,
    image: draft.upload,
    ...(limits === null ? {} : { duration_seconds: Math.min(limits.max, Math.max(limits.min, seconds)) }),
    ...(model.aspect_ratios.includes('9:16') ? { aspect_ratio: '9:16' as const } : {}),
    ...(styled && look !== null ? { style: look } : {}),
    ...(styled || seed === undefined ? {} : { seed }),
  };
}

/** A number that follows from the offer's name, so that a retry asks for the same. */
function seedOf(offer: string): number {
  let seed = 7;
  for (const letter of offer) seed = (seed * 31 + (letter.codePointAt(0) ?? 0)) % 4_294_967_295;
  return seed;
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
