import type { GenerationDeps } from './deps.ts';
import type { GenerationView } from './views.ts';

/**
 * Cancels: before the submit at once and for free; afterwards it asks the provider where that can stop, and the answer decides. Cancelling what
 * is already cancelled returns it.
 * @throws NotFoundError `generation`, NotCancellableError
 */
export declare function cancelGeneration(
  deps: GenerationDeps,
  command: { personId: string; generationId: string },
): Promise<GenerationView>;
