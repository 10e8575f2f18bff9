import type { Facts, Violation } from '../facts.ts';

/** One wish is one generation, however often it was sent; and nobody has one that nobody wished for. */
export function oneGenerationPerWish({ wishes, remembered, generations }: Facts): Violation[] {
  const violations: Violation[] = [];
  const wished = new Set<string>();
  for (const { personId, key, answers } of wishes) {
    const told = new Set(answers.flatMap(({ generationId }) => generationId ?? []));
    for (const id of told) wished.add(id);
    if (told.size > 1) {
      violations.push({
        check: 'keys',
        sentence: `${personId} sent key ${key} and was told of ${told.size} generations: ${[...told].join(', ')}`,
        generationId: [...told][0] ?? null,
      });
    }
    if (told.size > 0 && answers.some(({ code }) => code === 'insufficient_credits')) {
      violations.push({
        check: 'keys',
        sentence: `${personId} sent key ${key} and was both accepted and refused`,
        generationId: [...told][0] ?? null,
      });
    }
  }
  const known = new Set(generations.map(({ id }) => id));
  for (const id of wished) {
    if (!known.has(id)) {
      violations.push({ check: 'keys', sentence: `${id} was promised and is not there`, generationId: id });
    }
  }
  const keys = new Set(wishes.map(({ personId, key }) => `${personId} ${key}`));
  const owned = new Set<string>();
  for (const { personId, key, generationId } of remembered) {
    // What was asked for in chats is held against what was pressed there.
    const wanted = key.startsWith('tg/') || keys.has(`${personId} ${key}`);
    if (generationId !== null && wanted) owned.add(generationId);
  }
  for (const { id } of generations) {
    if (!owned.has(id)) {
      violations.push({ check: 'keys', sentence: 'belongs to no wish of anybody', generationId: id });
    }
  }
  return violations;
}
