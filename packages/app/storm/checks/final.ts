import type { Facts, Violation } from '../facts.ts';

/** Every generation has ended. */
export function everyGenerationIsFinal({ generations }: Facts): Violation[] {
  return generations
    .filter(({ state }) => !['succeeded', 'failed', 'cancelled'].includes(state))
    .map(({ id, state }) => ({ check: 'final', sentence: `is still ${state}`, generationId: id }));
}
