import type { GenerationDeps } from './deps.ts';
import type { GenerationInput } from './model.ts';
import type { QuoteView } from './views.ts';

/**
 * Pins a price, a provider and exactly these inputs until `expires_at`. Holds nothing.
 * @throws InvalidInputError (`data.field` names the input), NotFoundError `model` or `upload`, PolicyUnavailableError
 */
export declare function createQuote(
  deps: GenerationDeps,
  request: { personId: string; model: string; input: GenerationInput },
): Promise<QuoteView>;

/** What a request would cost, without writing a quote. */
export declare function calculateCost(
  deps: GenerationDeps,
  request: { personId: string; model: string; input: GenerationInput },
): Promise<Omit<QuoteView, 'id' | 'expires_at'>>;
