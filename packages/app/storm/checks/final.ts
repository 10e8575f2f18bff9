import type { Facts, Violation } from '../facts.ts';

/** Every generation has ended; and of no attempt is it still asked whether it was ever submitted. */
export function everyGenerationIsFinal({ generations, attempts }: Facts): Violation[] {
  return [
    ...generations
      .filter(({ state }) => !['succeeded', 'failed', 'cancelled'].includes(state))
      .map(({ id, state }) => ({ check: 'final', sentence: `is still ${state}`, generationId: id })),
    ...attempts
      .filter(({ state, endedAt }) => state === 'submit_unknown' && endedAt === null)
      .map(({ generationId, number }) => ({
        check: 'final',
        sentence: `its attempt ${number} is still submit_unknown`,
        generationId,
      })),
  ];
}
