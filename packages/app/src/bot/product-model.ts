import { listModels } from '../generations/catalogue/catalogue.ts';
import type { ModelView } from '../generations/catalogue/catalogue.ts';
import type { GenerationInput } from '../generations/catalogue/model.ts';
import type { Draft } from './conversation.ts';
import type { Turn } from './turn.ts';
import type { Product } from './words/words-table.ts';

export const products: readonly Product[] = ['neurocard', 'reels'];

/** As people talk: a short film for a phone. */
const seconds = 5;

/** The model that makes a product: the first on offer that has its template. */
export async function modelFor(turn: Turn, product: Product): Promise<ModelView | null> {
  const models = await listModels(turn.generations);
  const fitting = models.filter(({ templates }) => templates.some(({ id }) => id === product));
  return fitting.find(({ available }) => available) ?? fitting[0] ?? null;
}

/** The styles that this model has for a product, in its own words; none where it has none. */
export function stylesOf(model: ModelView, product: Product): readonly { value: string; label: string }[] {
  const template = model.templates.find(({ id }) => id === product);
  const field = template?.inputs.find((input) => input.type === 'choice' && input.name === 'style');
  return field?.type === 'choice' ? field.choices : [];
}

/** What is asked of the model for a draft. */
export function inputOf(draft: Draft, model: ModelView): GenerationInput {
  const { look } = draft;
  const styled = stylesOf(model, draft.product).some(({ value }) => value === look);
  const limits = model.duration_seconds;
  return {
    ...draft.words,
    template: draft.product,
    image: draft.upload,
    ...(limits === null ? {} : { duration_seconds: Math.min(limits.max, Math.max(limits.min, seconds)) }),
    ...(model.aspect_ratios.includes('9:16') ? { aspect_ratio: '9:16' as const } : {}),
    ...(styled && look !== null ? { style: look } : {}),
  };
}
