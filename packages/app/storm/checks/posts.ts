import type { Facts, PostFact, Violation } from '../facts.ts';

/** Accepted posts by generation, in the order of time. */
export function acceptedPosts({ attempts, posts }: Pick<Facts, 'attempts' | 'posts'>): {
  byGeneration: ReadonlyMap<string, readonly PostFact[]>;
  unknown: readonly PostFact[];
} {
  const owners = new Map(attempts.map(({ token, generationId }) => [token, generationId]));
  const byGeneration = new Map<string, PostFact[]>();
  const unknown: PostFact[] = [];
  for (const post of posts) {
    if (!post.accepted) continue;
    const owner = post.token === null ? undefined : owners.get(post.token);
    if (owner === undefined) unknown.push(post);
    else byGeneration.set(owner, [...(byGeneration.get(owner) ?? []), post]);
  }
  return { byGeneration, unknown };
}

/**
 * At most one accepted post per generation, and one more for each that had really failed by then or that an operator sent again. The vendors'
 * own books say which had failed: what the product believes doesn't count.
 */
export function atMostOnePaidPost(facts: Facts): Violation[] {
  const { byGeneration, unknown } = acceptedPosts(facts);
  const violations: Violation[] = unknown.map((post) => ({
    check: 'posts',
    sentence: `${post.providerId} accepted task ${post.taskId}, and no attempt was marked for it`,
    generationId: null,
  }));
  const resubmitted = new Set<string | null>(
    facts.attempts.filter((attempt) => attempt.resubmitted).map(({ token }) => token),
  );
  for (const [generationId, posts] of byGeneration) {
    const unproven = posts.slice(1).filter((post, index) => {
      const earlier = posts.slice(0, index + 1);
      return earlier.some((other) => !hadFailed(other, post.at) && !resubmitted.has(other.token));
    }).length;
    if (unproven > 0) {
      violations.push({
        check: 'posts',
        sentence: `had ${posts.length} posts accepted, ${unproven} of them while an earlier one had not failed`,
        generationId,
      });
    }
    const tokens = posts.map(({ token }) => token);
    if (new Set(tokens).size < tokens.length) {
      violations.push({ check: 'posts', sentence: 'sent the same attempt twice', generationId });
    }
  }
  return violations;
}

function hadFailed(post: PostFact, by: Date): boolean {
  return (
    (post.outcome === 'failed' || post.outcome === 'cancelled') && post.endedAt !== null && post.endedAt <= by
  );
}
