import type { GenerationDeps } from './deps.ts';
import type { GenerationInput } from './model.ts';
import type { GenerationView } from './views.ts';

export type AcceptRequest = { readonly quote: string } | { readonly model: string; readonly input: GenerationInput };

/**
 * Accepts a request: hold, row and idempotency record in one transaction; a worker is woken after it. A retry with the same key gets the
 * first answer, also where that was a refusal.
 * @throws InvalidInputError, NotFoundError, QuoteExpiredError, ModelUnavailableError, IdempotencyConflictError, CooldownError,
 *   TooManyGenerationsError, InsufficientCreditsError; in this order of checks, and nothing is held
 */
export declare function acceptGeneration(
  deps: GenerationDeps,
  command: { personId: string; key: string; request: AcceptRequest },
): Promise<{ generation: GenerationView; replayed: boolean }>;

/** The same model and inputs as an earlier one, at today's price. */
export declare function generateAgain(
  deps: GenerationDeps,
  command: { personId: string; key: string; generationId: string },
): Promise<{ generation: GenerationView; replayed: boolean }>;
