import type { Database } from '../platform/database.ts';
import type { GenerationDeps } from './deps.ts';
import { estimateSeconds, fewestRuns, mostRuns, serviceLeft } from './eta-rules.ts';
import type { Pace, Place, ProviderPace, Run } from './eta-rules.ts';
import type { GenerationWithFiles } from './rows.ts';

/** What an estimate is made of is read once in so long, by each process and model. */
const freshMs = 5_000;
/** Counting further would cost more than people care. */
const farthest = 1_000;
const mostRunning = 5_000;

interface Cached {
  readonly at: number;
  readonly value: Promise<unknown>;
}
const cached = new WeakMap<Database, Map<string, Cached>>();

/** How fast a model has been of late, and what goes on at its provider. Never asked for more than once in five seconds. */
export async function readPace(
  deps: Pick<GenerationDeps, 'db' | 'providers'>,
  of: { model: string; provider: string },
): Promise<Pace> {
  const { db, providers } = deps;
  const [runs, load] = await Promise.all([
    once(db, `runs ${of.model}`, () => loadRuns(db, of.model)),
    once(db, `load ${of.provider}`, () => loadProvider(db, of.provider)),
  ]);
  const atOnce = providers.has(of.provider)
    ? providers.get(of.provider).capabilities.concurrencyPerMachine
    : null;
  return { runs, provider: { ...load, atOnce } };
}

function once<T>(db: Database, key: string, load: () => Promise<T>): Promise<T> {
  const kept = cached.get(db) ?? new Map<string, Cached>();
  cached.set(db, kept);
  const now = performance.now();
  const known = kept.get(key);
  if (known && now - known.at < freshMs) return known.value as Promise<T>;
  const value = load();
  kept.set(key, { at: now, value });
  value.catch(() => kept.delete(key));
  return value;
}

interface RunRow {
  units: number;
  seconds: number;
  took: number;
  from: number | null;
  to: number | null;
  stretch: number | null;
}

async function loadRuns(db: Database, modelId: string): Promise<Run[]> {
  const { rows } = await db.query<RunRow>({
    name: 'recent_runs',
    text: `
      select quoted_units as units,
             greatest(0, extract(epoch from finished_at - coalesce(
               (jsonb_path_query_first(timeline, '$[*] ? (@.status == "submitting").at') #>> '{}')::timestamptz,
               picked_up_at, created_at)))::double precision as seconds,
             extract(epoch from finished_at - created_at)::double precision as took,
             extract(epoch from eta_from - created_at)::double precision as "from",
             extract(epoch from eta_to - created_at)::double precision as "to",
             eta_stretch::double precision as stretch
        from holdfast.generation
       where model_id = $1 and state = 'succeeded' and finished_at > holdfast.clock() - interval '7 days'
       order by finished_at desc limit ${mostRuns}`,
    values: [modelId],
  });
  return rows.map(({ units, seconds, took, from, to, stretch }) => ({
    units,
    seconds,
    shown: from === null || to === null || stretch === null ? null : { from, to, stretch, took },
  }));
}

async function loadProvider(db: Database, providerId: string): Promise<Omit<ProviderPace, 'atOnce'>> {
  const { rows } = await db.query<{ running: number; recent: number; queued: number }>({
    name: 'provider_pace',
    text: `
      select (select count(*)::integer
                from (select from holdfast.generation
                       where state = 'queued' and provider_id = $1 limit ${farthest}) as waiting) as queued,
             count(*)::integer as running,
             count(*) filter (where picked_up_at > holdfast.clock() - interval '30 seconds')::integer as recent
        from (select picked_up_at from holdfast.generation
               where due_at is not null and state in ('submitting', 'running', 'ingesting') and provider_id = $1
               limit ${mostRunning}) as under_way`,
    values: [providerId],
  });
  const { running = 0, recent = 0, queued = 0 } = rows[0] ?? {};
  return { running, queued, pickedUpPerSecond: recent / 30 };
}

/** What a view needs to say when. */
export type Estimable = Pick<
  GenerationWithFiles,
  'state' | 'quoted_units' | 'progress' | 'picked_up_at' | 'now' | 'deadline_at'
>;

export interface ShownRange {
  readonly from: Date;
  readonly to: Date;
  readonly stretch: number;
}

/** When it will be ready, as a range; null where it is final or nothing is known. Never beyond its deadline, never before now. */
export function estimate(generation: Estimable, place: Place | null, pace: Pace): ShownRange | null {
  const now = generation.now.getTime();
  const range = estimateSeconds(
    {
      state: generation.state,
      units: generation.quoted_units,
      progress: generation.progress,
      runningSeconds:
        generation.picked_up_at === null
          ? null
          : Math.max(0, (now - generation.picked_up_at.getTime()) / 1000),
      place,
    },
    pace,
  );
  if (range === null) return null;
  const deadline = generation.deadline_at.getTime();
  const at = (seconds: number): Date => new Date(Math.max(now, Math.min(deadline, now + seconds * 1000)));
  return { from: at(range.from), to: at(range.to), stretch: range.stretch };
}

/** What people should expect of a model today, in whole seconds; null while there are too few recent runs to say. */
export function typicalWait(pace: Pace, units: number): { from: number; to: number } | null {
  if (pace.runs.length < fewestRuns) return null;
  const { from, to } = serviceLeft(pace.runs, units, 0);
  return { from: Math.max(1, Math.floor(from)), to: Math.max(2, Math.ceil(to)) };
}

/**
 * How many of the first ranges shown held: whether it was ready within them. Of all that became ready, whatever happened on the way.
 * @param since only what was accepted from then on
 */
export async function etaAccuracy(
  db: Database,
  since: Date | null = null,
): Promise<{ shown: number; held: number; percent: number | null }> {
  const { rows } = await db.query<{ shown: number; held: number }>(
    `select count(*)::integer as shown,
            count(*) filter (where finished_at between eta_from and eta_to)::integer as held
       from holdfast.generation
      where state = 'succeeded' and eta_from is not null and ($1::timestamptz is null or created_at >= $1)`,
    [since],
  );
  const { shown = 0, held = 0 } = rows[0] ?? {};
  return { shown, held, percent: shown === 0 ? null : Math.round((1_000 * held) / shown) / 10 };
}
