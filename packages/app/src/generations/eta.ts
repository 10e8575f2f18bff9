import type { Database } from '../platform/database.ts';
import type { GenerationWithFiles } from './rows.ts';

/** How long a model takes for one unit (a second of video, a piece), from its recent successes. In seconds. */
export interface Pace {
  readonly fast: number;
  readonly median: number;
  readonly slow: number;
  /** How many of its provider run at once, as seen now; at least 1. */
  readonly abreast: number;
}

const freshMs = 5_000;
const fewestRuns = 3;
const cached = new WeakMap<Database, Map<string, { at: number; pace: Promise<Pace | null> }>>();

/** Null while there are too few recent runs to say. */
export function readPace(db: Database, modelId: string): Promise<Pace | null> {
  const paces = cached.get(db) ?? new Map<string, { at: number; pace: Promise<Pace | null> }>();
  cached.set(db, paces);
  const now = performance.now();
  const known = paces.get(modelId);
  if (known && now - known.at < freshMs) return known.pace;
  const pace = loadPace(db, modelId);
  paces.set(modelId, { at: now, pace });
  pace.catch(() => paces.delete(modelId));
  return pace;
}

async function loadPace(db: Database, modelId: string): Promise<Pace | null> {
  const { rows } = await db.query<{ runs: bigint; pace: number[] | null; abreast: bigint }>(
    `select count(*) as runs,
            percentile_cont(array[0.1, 0.5, 0.9]) within group (order by seconds_per_unit) as pace,
            (select count(*) from holdfast.generation
              where due_at is not null and state in ('submitting', 'running')
                and provider_id = (select provider_id from holdfast.model where id = $1)) as abreast
       from (select extract(epoch from finished_at - picked_up_at)::double precision / quoted_units as seconds_per_unit
               from holdfast.generation
              where model_id = $1 and state = 'succeeded' and finished_at > holdfast.clock() - interval '7 days'
              order by finished_at desc limit 50) as recent`,
    [modelId],
  );
  const row = rows[0];
  const [fast, median, slow] = row?.pace ?? [];
  if (!row || row.runs < fewestRuns || fast === undefined || median === undefined || slow === undefined) {
    return null;
  }
  return { fast, median, slow, abreast: Math.max(1, Number(row.abreast)) };
}

/** When it will be ready, as a range; null where it is final or nothing is known. Never beyond its deadline, never before now. */
export function estimate(
  generation: Pick<
    GenerationWithFiles,
    'state' | 'quoted_units' | 'progress' | 'picked_up_at' | 'ahead' | 'now' | 'deadline_at'
  >,
  pace: Pace | null,
): { from: Date; to: Date } | null {
  const units = generation.quoted_units;
  const left = secondsLeft(generation, pace, units);
  if (left === null) return null;
  const deadline = generation.deadline_at.getTime();
  const at = (seconds: number): Date =>
    new Date(Math.min(deadline, generation.now.getTime() + Math.max(0, seconds) * 1000));
  return { from: at(left.from), to: at(left.to) };
}

function secondsLeft(
  generation: Pick<GenerationWithFiles, 'state' | 'progress' | 'picked_up_at' | 'ahead' | 'now'>,
  pace: Pace | null,
  units: number,
): { from: number; to: number } | null {
  switch (generation.state) {
    case 'queued': {
      if (pace === null) return null;
      const rounds = Math.ceil((generation.ahead ?? 0) / pace.abreast);
      const waiting = rounds * pace.median * units;
      return { from: waiting * 0.7 + pace.fast * units, to: waiting * 1.5 + pace.slow * units * 1.3 + 2 };
    }
    case 'submitting':
    case 'running':
      return runningLeft(generation, pace, units);
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

function runningLeft(
  generation: Pick<GenerationWithFiles, 'progress' | 'picked_up_at' | 'now'>,
  pace: Pace | null,
  units: number,
): { from: number; to: number } | null {
  const elapsed =
    generation.picked_up_at === null
      ? 0
      : (generation.now.getTime() - generation.picked_up_at.getTime()) / 1000;
  const done = generation.progress ?? 0;
  if (done >= 0.1) {
    const left = (elapsed / done) * (1 - done);
    return { from: left * 0.6, to: left * 1.6 + 3 };
  }
  if (pace === null) return null;
  return { from: pace.fast * units - elapsed, to: Math.max(2, pace.slow * units * 1.3 - elapsed) + 2 };
}
