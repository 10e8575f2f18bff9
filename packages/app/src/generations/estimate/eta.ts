import type { Database } from '../../platform/database.ts';
import type { GenerationDeps } from '../deps.ts';
import { endedOf, estimateSeconds, fewestRuns, mostRuns, narrowed, serviceLeft } from './eta-rules.ts';
import type { Pace, Place, ProviderPace, Run } from './eta-rules.ts';
import type { GenerationWithFiles } from '../rows.ts';

/** What an estimate is made of is read once in so long, by each process and model. */
const freshMs = 5_000;
/** Counting further would cost more than people care. */
const farthest = 1_000;
const mostCounted = 5_000;
/** A sample of what is under way says as much as all of it. */
const mostUnderWay = 500;
const mostOfModel = 200;

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
  const { underWay, ...provider } = load;
  return { runs: [...runs, ...(underWay.get(of.model) ?? [])], provider: { ...provider, atOnce } };
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
  seconds: number | null;
  took: number;
  from: number | null;
  to: number | null;
  stretch: number | null;
}

/** When it was first picked up: what it took includes what was tried in vain. */
const first_pick_up = `(jsonb_path_query_first(timeline, '$[*] ? (@.status == "submitting").at') #>> '{}')::timestamptz`;

async function loadRuns(db: Database, modelId: string): Promise<Run[]> {
  const { rows } = await db.query<RunRow>({
    name: 'recent_runs',
    text: `
      select quoted_units as units,
             greatest(0, extract(epoch from finished_at - coalesce(${first_pick_up}, picked_up_at, created_at)))::double precision as seconds,
             extract(epoch from finished_at - created_at)::double precision as took,
             extract(epoch from eta_from - created_at)::double precision as "from",
             extract(epoch from eta_to - created_at)::double precision as "to",
             eta_stretch::double precision as stretch
        from holdfast.generation
       where model_id = $1 and state = 'succeeded' and finished_at > holdfast.clock() - interval '7 days'
       order by finished_at desc limit ${mostRuns}`,
    values: [modelId],
  });
  return rows.map((row) => runOf(row, true));
}

function runOf({ units, seconds, took, from, to, stretch }: RunRow, ended: boolean): Run {
  const shown = from === null || to === null || stretch === null ? null : { from, to, stretch, took };
  return { units, seconds, ended, shown };
}

interface Load extends Omit<ProviderPace, 'atOnce'> {
  /** By model: what was picked up and hasn't ended, and what is later than it was said to be. */
  readonly underWay: ReadonlyMap<string, readonly Run[]>;
}

async function loadProvider(db: Database, providerId: string): Promise<Load> {
  const [counts, late] = await Promise.all([
    db.query<{ running: number; recent: number; queued: number }>({
      name: 'provider_pace',
      text: `
        select (select count(*)::integer
                  from (select from holdfast.generation
                         where state = 'queued' and provider_id = $1 limit ${farthest}) as waiting) as queued,
               count(*)::integer as running,
               count(*) filter (where picked_up_at > holdfast.clock() - interval '30 seconds')::integer as recent
          from (select picked_up_at from holdfast.generation
                 where due_at is not null and state in ('submitting', 'running', 'ingesting') and provider_id = $1
                 limit ${mostCounted}) as running`,
      values: [providerId],
    }),
    db.query<RunRow & { model: string }>({
      name: 'under_way',
      text: `
        select model_id as model, quoted_units as units,
               extract(epoch from holdfast.clock() - ${first_pick_up})::double precision as seconds,
               extract(epoch from holdfast.clock() - created_at)::double precision as took,
               extract(epoch from eta_from - created_at)::double precision as "from",
               extract(epoch from eta_to - created_at)::double precision as "to",
               eta_stretch::double precision as stretch
          from holdfast.generation
         where due_at is not null and provider_id = $1 and (picked_up_at is not null or eta_to < holdfast.clock())
         limit ${mostUnderWay}`,
      values: [providerId],
    }),
  ]);
  const underWay = new Map<string, Run[]>();
  for (const row of late.rows) {
    const ofModel = underWay.get(row.model) ?? [];
    underWay.set(row.model, ofModel);
    if (ofModel.length < mostOfModel) ofModel.push(runOf(row, false));
  }
  const { running = 0, recent = 0, queued = 0 } = counts.rows[0] ?? {};
  return { running, queued, pickedUpPerSecond: recent / 30, underWay };
}

/** What a view needs to say when. */
export type Estimable = Pick<
  GenerationWithFiles,
  'state' | 'quoted_units' | 'progress' | 'picked_up_at' | 'now' | 'deadline_at' | 'eta_from' | 'eta_to'
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
  const inSeconds = (at: Date): number => (at.getTime() - now) / 1000;
  const { eta_from, eta_to } = generation;
  const shown =
    eta_from == null || eta_to == null
      ? range
      : narrowed(range, { from: inSeconds(eta_from), to: inSeconds(eta_to) });
  const deadline = generation.deadline_at.getTime();
  const at = (seconds: number): Date => new Date(Math.max(now, Math.min(deadline, now + seconds * 1000)));
  return { from: at(shown.from), to: at(shown.to), stretch: range.stretch };
}

/** What people should expect of a model today, in whole seconds; null while there are too few recent runs to say. */
export function typicalWait(pace: Pace, units: number): { from: number; to: number } | null {
  if (endedOf(pace.runs).length < fewestRuns) return null;
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
