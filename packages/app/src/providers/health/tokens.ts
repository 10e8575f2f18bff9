import type { Db } from '../../platform/database.ts';
import { forgetGates, gatesOf, readGate, secondsPushedBack } from './gate.ts';
import type { Gates } from './gate.ts';
import type { CallKind } from './limits.ts';
import { keptLimit, limitOf } from './limits.ts';

/**
 * Asks whether a call may leave now, under the limit that all workers share: one short statement, and none where there is no limit.
 * @returns 0: go, it is counted. Else seconds to wait before asking again; nothing is counted
 */
export async function takeToken(db: Db, providerId: string, kind: CallKind): Promise<number> {
  const gate = await readGate(db, providerId);
  const limit = limitOf(providerId, kind, gate.limits);
  if (limit === null) return secondsPushedBack(gate, kind);
  const { count, seconds } = keptLimit(limit);
  const { rows } = await db.query<{ taken: boolean; wait: number | null }>({
    name: 'take_token',
    text: `with taken as (
             insert into holdfast.provider_bucket as b (provider_id, kind, taken) values ($1, $2, array[holdfast.clock()])
             on conflict (provider_id, kind) do update
                set taken = b.taken[greatest(1, cardinality(b.taken) - $3 + 2):] || holdfast.clock()
              where coalesce(b.pushed_back_until <= holdfast.clock(), true)
                and coalesce(b.taken[cardinality(b.taken) - $3 + 1] <= holdfast.clock() - make_interval(secs => $4), true)
             returning 1
           )
           select exists (select from taken) as taken,
             (select extract(epoch from greatest(b.pushed_back_until,
                       b.taken[cardinality(b.taken) - $3 + 1] + make_interval(secs => $4)) - holdfast.clock())::double precision
                from holdfast.provider_bucket b where b.provider_id = $1 and b.kind = $2) as wait`,
    values: [providerId, kind, count, seconds],
  });
  const answer = rows[0];
  if (answer?.taken) return 0;
  // What others took at this very moment isn't in what this statement sees.
  const wait = Math.max(answer?.wait ?? 0, seconds / count / 2);
  noteRefusal(db, `${providerId}/${kind}`, wait, seconds / count);
  return wait;
}

/** Seconds from one call to the next at the pace that is kept; 0 where there is no limit. */
export async function secondsBetween(db: Db, providerId: string, kind: CallKind): Promise<number> {
  const limit = limitOf(providerId, kind, (await readGate(db, providerId)).limits);
  if (limit === null) return 0;
  const { count, seconds } = keptLimit(limit);
  return seconds / count;
}

/** By `performance.now()`: until when it is not worth asking for a token, and the place of whoever waits last. */
interface Refusal {
  untilMs: number;
  lastPlaceMs: number;
  betweenMs: number;
}
const refusals = new WeakMap<Gates, Map<string, Refusal>>();
/** Another process may give one back, and an operator may change the limit. */
const longest_refusal_ms = 1_000;
/** Nobody is put off by more: whoever has waited comes before whoever comes anew. */
const longest_wait_ms = 60_000;

function noteRefusal(db: Db, key: string, waitSeconds: number, betweenSeconds: number): void {
  const gates = gatesOf(db);
  const known = refusals.get(gates) ?? new Map<string, Refusal>();
  refusals.set(gates, known);
  const now = performance.now();
  known.set(key, {
    untilMs: now + Math.min(waitSeconds * 1000, longest_refusal_ms),
    lastPlaceMs: Math.max(known.get(key)?.lastPlaceMs ?? 0, now + waitSeconds * 1000),
    betweenMs: betweenSeconds * 1000,
  });
}

/**
 * Where this process was refused a token a moment ago: seconds after which the next of those who wait should come again, each after the one
 * before. Null where asking may be worth it.
 */
export function placeInLine(db: Db, providerId: string, kind: CallKind): number | null {
  const refusal = refusals.get(gatesOf(db))?.get(`${providerId}/${kind}`);
  const now = performance.now();
  if (refusal === undefined || refusal.untilMs <= now) return null;
  return Math.min(refusal.lastPlaceMs + refusal.betweenMs - now, longest_wait_ms) / 1000;
}

/** Somebody waits at the place that `placeInLine` gave. */
export function takePlace(db: Db, providerId: string, kind: CallKind, seconds: number): void {
  const refusal = refusals.get(gatesOf(db))?.get(`${providerId}/${kind}`);
  if (refusal) refusal.lastPlaceMs = performance.now() + seconds * 1000;
}

/** A call that was counted did not leave. */
export async function giveTokenBack(db: Db, providerId: string, kind: CallKind): Promise<void> {
  if (limitOf(providerId, kind, (await readGate(db, providerId)).limits) === null) return;
  await db.query({
    name: 'give_token_back',
    text: `update holdfast.provider_bucket set taken = taken[:cardinality(taken) - 1]
            where provider_id = $1 and kind = $2`,
    values: [providerId, kind],
  });
}

/** The vendor said that it was too much: for so many seconds nothing of the kind leaves, from any worker. For a vendor without a known limit as well. */
export async function pushBack(db: Db, providerId: string, kind: CallKind, seconds: number): Promise<void> {
  await db.query({
    name: 'push_back',
    text: `insert into holdfast.provider_bucket as b (provider_id, kind, pushed_back_until)
           values ($1, $2, holdfast.clock() + make_interval(secs => $3))
           on conflict (provider_id, kind) do update
              set pushed_back_until = greatest(b.pushed_back_until, excluded.pushed_back_until)`,
    values: [providerId, kind, seconds],
  });
  forgetGates(db);
}
