import type { Facts, GenerationFact, Violation } from '../facts.ts';

/** So many times a fair share is still fair, and so many pick-ups are nothing, whatever the share. */
const most_times = 3;
const slack = 16;

interface Interval {
  readonly from: number;
  readonly to: number;
}

/**
 * Nobody waits for more than three times their fair share of others' turns. With people taking turns, the k-th of somebody's waiting
 * generations is due after k rounds of all who wait at the same provider. Turns are counted, not seconds: a vendor that stands still delays all alike.
 * While somebody has as many running as one may have, others pass by right.
 */
export function nobodyWaitsTooLong(facts: WaitingFacts): Violation[] {
  return waits(facts)
    .filter(({ passed, share }) => passed > most_times * share + slack)
    .map(({ id, provider, passed, share }) => ({
      check: 'fairness',
      sentence: `waited for ${passed} turns of others at ${provider}; its fair share was ${share}`,
      generationId: id,
    }));
}

/** So many times their fair share waited whoever waited longest, where that was for more turns than are nothing. */
export function longestWait(facts: WaitingFacts): number {
  const counted = waits(facts).filter(({ passed }) => passed > slack);
  return Math.max(0, ...counted.map(({ passed, share }) => passed / share));
}

type WaitingFacts = Pick<Facts, 'generations' | 'attempts' | 'runningPerPerson'>;

interface Wait {
  readonly id: string;
  readonly provider: string;
  /** Turns of others. */
  readonly passed: number;
  readonly share: number;
}

function waits(facts: WaitingFacts): Wait[] {
  const first = new Map(
    facts.attempts.filter(({ number }) => number === 1).map((one) => [one.generationId, one.providerId]),
  );
  const found: Wait[] = [];
  for (const [provider, all] of Map.groupBy(
    facts.generations,
    ({ id, providerId }) => first.get(id) ?? providerId,
  )) {
    const intervals = all.map(waitOf);
    const full = fullIntervals(all, facts.runningPerPerson);
    for (const [index, generation] of all.entries()) {
      const wait = intervals[index];
      if (wait === undefined || wait.to === Number.POSITIVE_INFINITY) continue;
      const people = new Set<string>();
      let before = 1;
      let passed = 0;
      for (const [other, theirs] of intervals.entries()) {
        if (other === index || theirs.from > wait.to || theirs.to < wait.from) continue;
        const person = all[other]?.personId ?? '';
        if (person === generation.personId) {
          if (theirs.from < wait.from) before += 1;
          continue;
        }
        people.add(person);
        const at = theirs.to;
        if (at <= wait.to && !within(full.get(generation.personId) ?? [], at)) passed += 1;
      }
      const share = before * (people.size + 1);
      found.push({ id: generation.id, provider, passed, share });
    }
  }
  return found;
}

/**
 * From its acceptance to its first pick-up; of one that was moved on to another provider, since it stands in that one's queue. One that ended
 * unpicked waited for nobody in the end.
 */
function waitOf({ createdAt, timeline }: GenerationFact): Interval {
  const index = timeline.findIndex(({ status }) => status === 'submitting');
  if (index < 0) return { from: createdAt.getTime(), to: Number.POSITIVE_INFINITY };
  const since = timeline.slice(1, index).findLast(({ status }) => status === 'queued')?.at ?? createdAt;
  return { from: since.getTime(), to: (timeline[index]?.at ?? createdAt).getTime() };
}

/** When each person had as many under way as one may have. */
function fullIntervals(
  all: readonly GenerationFact[],
  most: number,
): ReadonlyMap<string, readonly Interval[]> {
  const full = new Map<string, Interval[]>();
  for (const [person, theirs] of Map.groupBy(all, ({ personId }) => personId)) {
    const changes = theirs.flatMap(busyIntervals).flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ]);
    changes.sort((one, other) => one.at - other.at || other.by - one.by);
    let busy = 0;
    let since: number | null = null;
    for (const { at, by } of changes) {
      busy += by;
      if (busy >= most && since === null) since = at;
      if (busy < most && since !== null) {
        full.set(person, [...(full.get(person) ?? []), { from: since, to: at }]);
        since = null;
      }
    }
  }
  return full;
}

function busyIntervals({ timeline, finishedAt }: GenerationFact): Interval[] {
  const intervals: Interval[] = [];
  for (const [index, { status, at }] of timeline.entries()) {
    if (['queued', 'succeeded', 'failed', 'cancelled'].includes(status)) continue;
    const to = timeline[index + 1]?.at ?? finishedAt;
    intervals.push({ from: at.getTime(), to: to?.getTime() ?? Number.POSITIVE_INFINITY });
  }
  return intervals;
}

/** A pick-up right after a place became free is the next one's. */
const moment_ms = 1_500;

function within(intervals: readonly Interval[], at: number): boolean {
  return intervals.some(({ from, to }) => at >= from && at <= to + moment_ms);
}
