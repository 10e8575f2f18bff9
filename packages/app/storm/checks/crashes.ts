import type { Facts, Violation } from '../facts.ts';

/** Only who was killed has died. */
export function nobodyDiedByThemselves({ crashes }: Facts): Violation[] {
  return crashes.map((sentence) => ({ check: 'crash', sentence, generationId: null }));
}
