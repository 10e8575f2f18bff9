import { canMove } from '../../src/generations/rules.ts';
import type { GenerationStatus } from '../../src/generations/rules.ts';
import type { Facts, Violation } from '../facts.ts';

/** Two clocks are read within one statement. */
const moment_ms = 500;

/**
 * Every move is a legal one; and nothing goes back into the queue while an attempt of it is under way, which is what a worker that lost its
 * claim and wrote all the same would do.
 */
export function everyMoveIsLegal({
  generations,
  attempts,
}: Pick<Facts, 'generations' | 'attempts'>): Violation[] {
  const violations: Violation[] = [];
  const tries = Map.groupBy(attempts, ({ generationId }) => generationId);
  for (const { id, timeline, providerId } of generations) {
    for (const [index, { status, at }] of timeline.entries()) {
      const before = timeline[index - 1];
      if (before === undefined) continue;
      // Moved on to the fallback of its model, it waits there.
      if (before.status === 'queued' && status === 'queued') continue;
      if (!canMove(before.status as GenerationStatus, status as GenerationStatus)) {
        violations.push({
          check: 'moves',
          sentence: `went from ${before.status} to ${status}`,
          generationId: id,
        });
      }
      // The local renderer's attempt may be taken up again.
      if (status !== 'queued' || providerId === 'studio') continue;
      const alive = (tries.get(id) ?? []).find(
        ({ submitStartedAt, endedAt }) =>
          submitStartedAt < at && (endedAt === null || endedAt.getTime() > at.getTime() + moment_ms),
      );
      if (alive === undefined) continue;
      const sentence = `went back into the queue while attempt ${alive.number} was under way`;
      violations.push({ check: 'moves', sentence, generationId: id });
    }
  }
  return violations;
}
