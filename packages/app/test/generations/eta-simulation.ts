import { estimateSeconds, mostRuns, narrowed } from '../../src/generations/estimate/eta-rules.ts';
import type { Pace, Place, Range, Run } from '../../src/generations/estimate/eta-rules.ts';

/** A provider, its people and their requests, in virtual time: what is simulated is everything but the estimate itself. */
export interface Scenario {
  readonly seed: number;
  readonly generations: number;
  readonly people: number;
  /** How many are made at once; null: as many as are sent. */
  readonly atOnce: number | null;
  readonly ownLimit: number;
  /** Between two requests, of anybody's, on average. */
  readonly everySeconds: number;
  /** How long one takes, on average. */
  readonly seconds: (units: number) => number;
  /** Standard deviation of its logarithm. */
  readonly noise: number;
  /** How often one fails and is made again after a pause. */
  readonly failing: number;
  /** Of all requests, these are one person's. */
  readonly greedy?: number;
  /** How often something goes wrong that takes so much longer, on average. */
  readonly trouble?: { readonly often: number; readonly seconds: number };
  /** So often the provider is out for so long: half of what runs then is made again afterwards, and nothing is picked up. */
  readonly outage?: { readonly everySeconds: number; readonly seconds: number };
  /** In the middle, everything takes so many times as long from there on. */
  readonly slowdown?: number;
}

export interface Outcome {
  readonly shown: number;
  readonly held: number;
  /** How wide the range was, when accepted and half-way through, on average. */
  readonly widthAtFirst: number;
  readonly widthLater: number;
}

interface Job {
  id: number;
  person: number;
  units: number;
  turn: number;
  acceptedAt: number;
  pickedUpAt: number | null;
  endsAt: number | null;
  first: (Range & { stretch: number }) | null;
}

export function simulate(scenario: Scenario): Outcome {
  const random = randomOf(scenario.seed);
  const queue: Job[] = [];
  const running: Job[] = [];
  const done: { run: Run; at: number }[] = [];
  let now = 0;
  let accepted = 0;
  let nextAt = 0;
  let shown = 0;
  let held = 0;
  const first: number[] = [];
  const later: number[] = [];

  const own = (jobs: readonly Job[], person: number) => jobs.filter((job) => job.person === person);
  const before = (one: Job, other: Job) => one.turn - other.turn || one.id - other.id;

  function pace(): Pace {
    const recent = running.filter((job) => now - (job.pickedUpAt ?? 0) < 30).length;
    return {
      runs: [...done.slice(-mostRuns).map(({ run }) => run), ...[...running, ...queue].flatMap(underWay)],
      provider: {
        running: running.length,
        queued: queue.length,
        pickedUpPerSecond: recent / 30,
        atOnce: scenario.atOnce,
      },
    };
  }

  function underWay(job: Job): Run[] {
    const took = now - job.acceptedAt;
    if (job.pickedUpAt === null && took <= (job.first?.to ?? Infinity)) return [];
    return [
      {
        units: job.units,
        seconds: job.pickedUpAt === null ? null : now - job.pickedUpAt,
        ended: false,
        shown: job.first === null ? null : { ...job.first, took },
      },
    ];
  }

  function placeOf(job: Job): Place {
    const ahead = queue.filter((other) => before(other, job) < 0);
    return {
      ahead: ahead.length,
      ownAhead: own(ahead, job.person).length,
      ownRunning: own(running, job.person).length,
      ownLimit: scenario.ownLimit,
      modelWaiting: endOfOutage(now) !== null,
    };
  }

  /** Null where the provider is there at that time. */
  function endOfOutage(at: number): number | null {
    const { outage } = scenario;
    if (outage === undefined || at < outage.everySeconds) return null;
    const since = at % outage.everySeconds;
    return since < outage.seconds ? at - since + outage.seconds : null;
  }

  function accept(): void {
    const person = random() < (scenario.greedy ?? 0) ? 0 : Math.floor(random() * scenario.people);
    const mine = own([...queue, ...running], person).map((job) => job.turn + 1);
    const turn = Math.max(queue.length === 0 ? 1 : Math.min(...queue.map((job) => job.turn)), ...mine, 1);
    const units = 3 + Math.floor(random() * 8);
    const job: Job = {
      id: accepted,
      person,
      units,
      turn,
      acceptedAt: now,
      pickedUpAt: null,
      endsAt: null,
      first: null,
    };
    accepted += 1;
    queue.push(job);
    job.first = estimateSeconds(
      { state: 'queued', units, progress: null, runningSeconds: null, place: placeOf(job) },
      pace(),
    );
  }

  function durationOf(units: number): number {
    const slow = accepted > scenario.generations / 2 ? (scenario.slowdown ?? 1) : 1;
    let seconds = 0;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      seconds += scenario.seconds(units) * slow * Math.exp(scenario.noise * normal(random));
      if (random() >= scenario.failing) break;
      seconds += 2 ** attempt;
    }
    const { trouble } = scenario;
    if (trouble !== undefined && random() < trouble.often)
      seconds += trouble.seconds * (0.7 + 0.6 * random());
    return seconds;
  }

  function endOf(units: number): number {
    const ends = now + durationOf(units);
    const { outage } = scenario;
    if (outage === undefined) return ends;
    const starts = Math.ceil((now + 0.001) / outage.everySeconds) * outage.everySeconds;
    const hit = ends > starts && random() < 0.5;
    return hit ? starts + outage.seconds + durationOf(units) : ends;
  }

  function pickUp(): void {
    if (endOfOutage(now) !== null) return;
    while (scenario.atOnce === null || running.length < scenario.atOnce) {
      const next = queue
        .filter((job) => own(running, job.person).length < scenario.ownLimit)
        .toSorted(before)[0];
      if (next === undefined) return;
      queue.splice(queue.indexOf(next), 1);
      next.pickedUpAt = now;
      next.endsAt = endOf(next.units);
      running.push(next);
    }
  }

  function end(job: Job): void {
    running.splice(running.indexOf(job), 1);
    const took = now - job.acceptedAt;
    done.push({
      at: now,
      run: {
        units: job.units,
        seconds: now - (job.pickedUpAt ?? now),
        ended: true,
        shown: job.first === null ? null : { ...job.first, took },
      },
    });
    if (job.first === null) return;
    shown += 1;
    if (took >= job.first.from && took <= job.first.to) held += 1;
    first.push(job.first.to - job.first.from);
    const half = estimateSeconds(
      {
        state: 'running',
        units: job.units,
        progress: null,
        runningSeconds: (now - (job.pickedUpAt ?? now)) / 2,
        place: null,
      },
      pace(),
    );
    if (half === null) return;
    const since = took - (now - (job.pickedUpAt ?? now)) / 2;
    const range = narrowed(half, { from: job.first.from - since, to: job.first.to - since });
    later.push(range.to - range.from);
  }

  while (done.length < scenario.generations) {
    const ending = running.toSorted((one, other) => (one.endsAt ?? 0) - (other.endsAt ?? 0))[0];
    const endsAt = ending?.endsAt ?? Number.POSITIVE_INFINITY;
    const over = queue.length > 0 ? (endOfOutage(now) ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    const wanted = accepted < scenario.generations ? nextAt : Number.POSITIVE_INFINITY;
    if (over <= Math.min(endsAt, wanted)) {
      now = over;
    } else if (wanted <= endsAt) {
      now = nextAt;
      accept();
      nextAt = now - Math.log(1 - random()) * scenario.everySeconds;
    } else if (ending !== undefined) {
      now = endsAt;
      end(ending);
    }
    pickUp();
  }
  return { shown, held, widthAtFirst: mean(first), widthLater: mean(later) };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / Math.max(1, numbers.length);
}

/** mulberry32: small, seeded, good enough. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
