import type { Facts } from './facts.ts';

interface Moment {
  readonly at: Date;
  readonly words: string;
}

/** All that happened to one generation, from all books, in the order of time. */
export function timelineOf(facts: Facts, generationId: string, deaths: readonly Moment[]): string[] {
  const generation = facts.generations.find(({ id }) => id === generationId);
  const attempts = facts.attempts.filter((attempt) => attempt.generationId === generationId);
  const tokens = new Map(attempts.map(({ token, number }) => [token, number]));
  const moments: Moment[] = [
    ...(generation?.timeline ?? []).map(({ at, status }) => ({ at, words: status })),
    ...attempts.map(({ number, submitStartedAt }) => ({
      at: submitStartedAt,
      words: `attempt ${number}: marker`,
    })),
    ...attempts.flatMap(({ number, endedAt, state, errorClass, errorCode }) =>
      endedAt === null
        ? []
        : [{ at: endedAt, words: `attempt ${number}: ${state} ${errorClass ?? ''} ${errorCode ?? ''}` }],
    ),
    ...facts.posts.flatMap((post) => {
      const number = tokens.get(post.token ?? '');
      if (number === undefined) return [];
      const what = post.accepted ? `accepted ${post.taskId}` : 'refused';
      const end = {
        at: post.endedAt ?? post.at,
        words: `${post.providerId}: ${post.taskId} ${post.outcome}, $${post.netUsd}`,
      };
      return [
        { at: post.at, words: `${post.providerId}: post of attempt ${number} ${what}` },
        ...(post.accepted ? [end] : []),
      ];
    }),
    ...facts.operations
      .filter(({ reference }) => reference === generationId)
      .map(({ at, kind, amount, total, held }) => ({
        at,
        words: `ledger: ${kind} ${amount} -> total ${total}, held ${held}`,
      })),
  ];
  const from = Math.min(...moments.map(({ at }) => at.getTime()));
  const to = Math.max(...moments.map(({ at }) => at.getTime()));
  const near = deaths.filter(({ at }) => at.getTime() >= from - 1_000 && at.getTime() <= to);
  return [...moments, ...near.map(({ at, words }) => ({ at, words: `  (-9: ${words})` }))]
    .toSorted((one, other) => one.at.getTime() - other.at.getTime())
    .map(({ at, words }) => `${at.toISOString().slice(11, 23)}  ${words}`);
}
