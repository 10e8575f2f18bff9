import type { Facts, Violation } from '../facts.ts';

/** While a vendor's account is dry people wait; they don't fail and aren't charged, and afterwards all goes on. */
export function drynessIsWaitedFor({ dryness, generations }: Facts): Violation[] {
  if (dryness === null) return [];
  const found = (sentence: string, generationId: string | null): Violation => ({
    check: 'dryness',
    sentence,
    generationId,
  });
  const states = new Map(generations.map(({ id, state }) => [id, state]));
  const missing = dryness.asked - dryness.generationIds.length;
  return [
    ...(missing > 0
      ? [found(`${missing} of ${dryness.asked} were not accepted while a vendor was dry`, null)]
      : []),
    ...dryness.ended.map(({ id, state }) => found(`was ${state} while its vendor was dry`, id)),
    ...dryness.generationIds
      .filter((id) => states.get(id) !== 'succeeded')
      .map((id) => found(`waited for a vendor that was dry, and is ${states.get(id)} now`, id)),
  ];
}
