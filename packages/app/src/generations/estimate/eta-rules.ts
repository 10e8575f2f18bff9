import type { GenerationStatus } from '../rules.ts';

/** One recent success, or one that is under way: what was asked for, and how long it took from its first pick-up on, retries included. */
export interface Run {
  readonly units: number;
  /** To its end, or so far. Null where it wasn't picked up yet. */
  readonly seconds: number | null;
  /** False while it is under way: it takes at least so long. */
  readonly ended: boolean;
  /** The first range that was shown of it, in seconds since it was accepted, with what it took, or has so far; null where none was. */
  readonly shown: {
    readonly from: number;
    readonly to: number;
    readonly stretch: number;
    readonly took: number;
  } | null;
}

/** What is going on at a provider. */
export interface ProviderPace {
  readonly running: number;
  /** Counted no further than people care. */
  readonly queued: number;
  /** In the last half minute, among what has not ended yet. */
  readonly pickedUpPerSecond: number;
  /** How many each machine makes at once; null where the provider itself keeps the queue. */
  readonly atOnce: number | null;
}

/** What is known of how fast a model is. */
export interface Pace {
  readonly runs: readonly Run[];
  readonly provider: ProviderPace;
}

/** Where something queued stands. */
export interface Place {
  /** Of anybody's, before it. */
  readonly ahead: number;
  /** Of the same person's, before it. */
  readonly ownAhead: number;
  readonly ownRunning: number;
  /** How many of this person's may run at once. */
  readonly ownLimit: number;
  /** Its provider or its model takes nothing at the moment. */
  readonly modelWaiting: boolean;
}

export interface Estimated {
  readonly state: GenerationStatus;
  readonly units: number;
  readonly progress: number | null;
  /** Since it was picked up; null before. */
  readonly runningSeconds: number | null;
  /** Null where it isn't queued, or its place isn't known yet. */
  readonly place: Place | null;
}

/** In seconds from now. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export const fewestRuns = 3;
/** How many recent runs are looked at. */
export const mostRuns = 60;
/** So many of the ranges shown are to hold; a little more than is promised. */
const held_share = 0.9;
const widest_stretch = 3;

/** When it will be ready; null where it is final, or where nobody can say. */
export function estimateSeconds(generation: Estimated, pace: Pace): (Range & { stretch: number }) | null {
  const plain = plainRange(generation, pace);
  if (plain === null) return null;
  // What is learned of first ranges is mostly of the waiting: less of it is left once it runs.
  const stretch = stretchOf(pace.runs) * (generation.state === 'queued' ? 1 : 0.5);
  return { ...stretched(plain, stretch), stretch };
}

function plainRange(generation: Estimated, pace: Pace): Range | null {
  const { runs } = pace;
  switch (generation.state) {
    case 'queued': {
      if (endedOf(runs).length < fewestRuns || generation.place?.modelWaiting === true) return null;
      if (generation.place === null && pace.provider.queued > 0) return null;
      const service = serviceLeft(runs, generation.units, 0);
      const wait = generation.place === null ? none : waiting(generation.place, pace, generation.units);
      return { from: wait.from + service.from, to: wait.to + service.to };
    }
    case 'submitting':
    case 'running':
      return runningLeft(generation, runs);
    case 'ingesting':
      return { from: 0, to: 10 };
    case 'outcome_unknown':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return null;
    default:
      throw new Error(`unknown state ${String(generation.state satisfies never)}`);
  }
}

const none: Range = { from: 0, to: 0 };

function runningLeft({ progress, runningSeconds, units }: Estimated, runs: readonly Run[]): Range | null {
  const elapsed = runningSeconds ?? 0;
  if (progress !== null && progress >= 0.1) {
    const left = (elapsed / progress) * (1 - progress);
    return { from: left * 0.6, to: left * 1.6 + 3 };
  }
  return endedOf(runs).length < fewestRuns ? null : serviceLeft(runs, units, elapsed);
}

interface Ended extends Run {
  readonly seconds: number;
}

export function endedOf(runs: readonly Run[]): readonly Ended[] {
  return runs.filter((run): run is Ended => run.ended && run.seconds !== null);
}

/**
 * How much longer, for something of so many units that has been running for so long. What is under way counts as well, as taking at least as long as it
 * has: those that take long are known before they end.
 */
export function serviceLeft(runs: readonly Run[], units: number, elapsed: number): Range {
  const ended = endedOf(runs);
  const expected = expectation(ended);
  const likely = expected(units);
  const share = survivors(
    runs.flatMap((run) =>
      run.seconds === null ? [] : [{ ratio: run.seconds / expected(run.units), ended: run.ended }],
    ),
    elapsed / likely,
  );
  if (share === null) {
    // It takes longer than all did: the longer it has taken, the longer it may.
    return { from: 0, to: Math.max(5, elapsed * 0.8) };
  }
  // What few runs say is said less surely.
  const few = 1 / ended.length;
  const from = (share(0.95) * likely) / (1 + 2 * few) - elapsed;
  const to = share(0.05) * likely * (1 + 12 * few) + 1 - elapsed;
  return { from: Math.max(0, from), to: Math.max(1, Math.max(0, from) + 1, to) };
}

/**
 * Of those that take longer than `beyond`: the ratio that so great a share of them exceeds, by Kaplan and Meier's estimate. Null where nothing is known
 * to take that long.
 */
function survivors(
  observed: readonly { ratio: number; ended: boolean }[],
  beyond: number,
): ((share: number) => number) | null {
  const sorted = observed
    .filter(({ ratio }) => ratio > beyond)
    .toSorted((one, other) => one.ratio - other.ratio);
  const last = sorted.at(-1);
  if (last === undefined) return null;
  const steps: { ratio: number; left: number }[] = [];
  let left = 1;
  for (const [index, { ratio, ended }] of sorted.entries()) {
    if (!ended) continue;
    left *= 1 - 1 / (sorted.length - index);
    steps.push({ ratio, left });
  }
  // Beyond the last that has ended, all that is known is how long the others have taken so far.
  const farthest = last.ended ? last.ratio : last.ratio * 1.6;
  return (share) => steps.find((step) => step.left <= share)?.ratio ?? farthest;
}

/** Seconds as a line over units, from what recent runs took: some take as long whatever they make, some twice as long for twice as much. */
function expectation(runs: readonly Ended[]): (units: number) => number {
  const count = runs.length;
  const meanUnits = runs.reduce((sum, run) => sum + run.units, 0) / count;
  const meanSeconds = Math.max(0.05, runs.reduce((sum, run) => sum + run.seconds, 0) / count);
  const spread = runs.reduce((sum, run) => sum + (run.units - meanUnits) ** 2, 0);
  const together = runs.reduce((sum, run) => sum + (run.units - meanUnits) * (run.seconds - meanSeconds), 0);
  const steepest = meanSeconds / meanUnits;
  const slope = spread === 0 ? 0 : Math.min(steepest, Math.max(0, together / spread));
  return (units) => Math.max(0.05, meanSeconds + slope * (units - meanUnits));
}

/** Until it is picked up: as soon as both the queue and the person's own limit let it. */
function waiting(place: Place, pace: Pace, units: number): Range {
  const service = expectation(endedOf(pace.runs))(units);
  const turn = waitForTurn(place, pace.provider, service);
  const own = waitForOwn(place, service);
  return { from: Math.max(turn.from, own.from), to: Math.max(turn.to, own.to) };
}

function waitForTurn({ ahead }: Place, provider: ProviderPace, service: number): Range {
  const { running, atOnce } = provider;
  if (ahead === 0 && (atOnce === null || running < atOnce)) return { from: 0, to: 2 };
  const places = Math.max(running, atOnce ?? 1, 1);
  const perSecond = Math.max(provider.pickedUpPerSecond, places / service);
  // A provider that keeps its own queue takes as many as we may send: those before it may be waiting for their own persons' limits.
  const surely = atOnce === null ? 0 : Math.max(0, ahead - Math.max(0, atOnce - running));
  return { from: (0.6 * surely) / perSecond, to: (1.5 * (ahead + 1.5)) / perSecond + 2 };
}

function waitForOwn({ ownAhead, ownRunning, ownLimit }: Place, service: number): Range {
  const ends = ownRunning + ownAhead - ownLimit + 1;
  if (ends <= 0) return none;
  const each = service / Math.max(1, ownLimit);
  return { from: 0.5 * (ends - 1) * each, to: 1.6 * ends * each + 2 };
}

/**
 * How much ranges have to be widened so that most of them hold, learned from those that were shown: for each, by how much it missed (or had
 * to spare), before it was widened itself. What is late already is known to have missed by as much as it is late. A logarithm; 0 is as they
 * are.
 */
export function stretchOf(runs: readonly Run[]): number {
  const misses = runs.flatMap(({ shown, ended }) =>
    shown === null || (!ended && shown.took <= shown.to) ? [] : [missOf(shown)],
  );
  if (misses.length < fewestRuns) return 0;
  const sorted = misses.toSorted((one, other) => one - other);
  const place = Math.min(1, (held_share * (misses.length + 1)) / misses.length);
  return Math.min(widest_stretch, Math.max(0, quantile(sorted, place)));
}

function missOf({ from, to, stretch, took }: NonNullable<Run['shown']>): number {
  const early = Math.log((from + 1) / (took + 1));
  const late = Math.log((took + 1) / (to + 1));
  return Math.max(early, late) + stretch;
}

/**
 * A later range, no wider than the first as long as that may hold: what was promised is only made more exact, or, once it can't be kept, taken back.
 * All in seconds from now.
 */
export function narrowed(later: Range, first: Range): Range {
  if (later.from >= first.to || first.to <= 0) return later;
  return { from: Math.min(first.to, Math.max(later.from, first.from)), to: Math.min(later.to, first.to) };
}

function stretched({ from, to }: Range, stretch: number): Range {
  if (stretch === 0) return { from, to };
  const factor = Math.exp(stretch);
  return { from: Math.max(0, (from + 1) / factor - 1), to: (to + 1) * factor - 1 };
}

/** Of sorted numbers; between two of them in proportion. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = Math.min(1, Math.max(0, share)) * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
}
