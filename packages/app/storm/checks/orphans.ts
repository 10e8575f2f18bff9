import type { Facts, Violation } from '../facts.ts';

/** Less than this is nothing. */
const least_usd = 1e-9;

/** What a vendor billed and nobody was delivered is listed for the operator; what is listed was really asked for. */
export function everyOrphanCostIsListed(facts: Facts): Violation[] {
  const attempts = new Map(facts.attempts.map((attempt) => [attempt.token, attempt]));
  const listed = new Set(facts.orphans.map(({ attemptId }) => attemptId));
  const violations: Violation[] = [];
  for (const post of facts.posts) {
    if (!post.accepted || post.netUsd < least_usd || post.token === null) continue;
    const attempt = attempts.get(post.token);
    if (attempt === undefined || attempt.state === 'succeeded' || listed.has(attempt.id)) continue;
    violations.push({
      check: 'orphan cost',
      sentence: `${post.providerId} billed $${post.netUsd.toFixed(3)} for task ${post.taskId} (${post.outcome}), its attempt is ${attempt.state} (${attempt.errorCode}), and that is not listed`,
      generationId: attempt.generationId,
    });
  }
  return violations;
}
