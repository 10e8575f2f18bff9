import type { Db } from '../../platform/database.ts';
import { forgetGates, readGate, secondsPushedBack } from './gate.ts';
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
  return Math.max(answer?.wait ?? 0, seconds / count / 2);
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
