import type { Database } from '../../platform/database.ts';
import { secondsBetween } from '../../providers/health/tokens.ts';
import { runningAt } from '../pick-up/spend.ts';

const fresh_ms = 30_000;
/** How many a provider has changes sooner than how fast it is. */
const fresh_count_ms = 5_000;
const fewest_runs = 5;
const fewest_callbacks = 5;
/** One in twenty may be lost without anybody worrying. */
const healthy_share = 0.95;

interface Kept<T> {
  readonly at: number;
  readonly value: Promise<T>;
}
const kept = new WeakMap<Database, Map<string, Kept<unknown>>>();

/** Asked for by every poll, and read no oftener than a few times a minute by each process. */
function remembered<T>(db: Database, key: string, read: () => Promise<T>, ms = fresh_ms): Promise<T> {
  const known = kept.get(db) ?? new Map<string, Kept<unknown>>();
  kept.set(db, known);
  const now = performance.now();
  const before = known.get(key);
  if (before !== undefined && now - before.at < ms) return before.value as Promise<T>;
  const value = read();
  known.set(key, { at: now, value });
  value.catch(() => known.delete(key));
  return value;
}

/** How long a provider has had what a model made of late, in seconds for one unit. Null while too few are known. */
export function readRunPace(
  db: Database,
  modelId: string,
): Promise<{ readonly median: number; readonly p95: number } | null> {
  return remembered(db, `pace ${modelId}`, async () => {
    const { rows } = await db.query<{ runs: number; pace: number[] | null }>({
      name: 'run_pace',
      text: `select count(*)::integer as runs, percentile_cont(array[0.5, 0.95]) within group (order by seconds) as pace
               from (select extract(epoch from finished_at - running_at)::double precision / quoted_units as seconds
                       from holdfast.generation
                      where model_id = $1 and state = 'succeeded' and running_at is not null
                        and finished_at > holdfast.clock() - interval '7 days'
                      order by finished_at desc limit 100) as recent`,
      values: [modelId],
    });
    const [median, p95] = rows[0]?.pace ?? [];
    if ((rows[0]?.runs ?? 0) < fewest_runs || median === undefined || p95 === undefined) return null;
    return { median, p95 };
  });
}

/** Whether a provider's callbacks come: of what it has made in the last hour, nearly all were told of. */
export function callbacksAreHealthy(db: Database, providerId: string): Promise<boolean> {
  return remembered(db, `callbacks ${providerId}`, async () => {
    const { rows } = await db.query<{ made: number; told: number }>({
      name: 'callback_health',
      text: `select count(*)::integer as made,
                    count(*) filter (where exists (
                      select from holdfast.provider_callback c where c.attempt_token = recent.token))::integer as told
               from (select token from holdfast.attempt
                      where provider_id = $1 and state = 'succeeded'
                        and ended_at between holdfast.clock() - interval '1 hour' and holdfast.clock() - interval '20 seconds'
                      order by ended_at desc limit 40) as recent`,
      values: [providerId],
    });
    const { made, told } = rows[0] ?? { made: 0, told: 0 };
    return made >= fewest_callbacks && told >= made * healthy_share;
  });
}

/** Seconds that it takes to ask a provider about all that it has, once, no oftener than it allows; 0 where it sets no limit. */
export async function questionRound(db: Database, providerId: string): Promise<number> {
  const between = await secondsBetween(db, providerId, 'status');
  if (between === 0) return 0;
  return (
    between * (await remembered(db, `running ${providerId}`, () => runningAt(db, providerId), fresh_count_ms))
  );
}

/** What was read is read anew at the next look. For tests. */
export function forgetPollPace(db: Database): void {
  kept.delete(db);
}
