import type { Db } from '../../platform/database.ts';
import { forgetGates, readGate, secondsPushedBack } from './gate.ts';
import type { CallKind } from './limits.ts';
import { limitOf, spacingOf } from './limits.ts';

/**
 * Asks whether a call may leave now, under the limit that all workers share: one short statement, and none where there is no limit.
 * @returns 0: go, it is counted. Else seconds to wait before asking again; nothing is counted
 */
export async function takeToken(db: Db, providerId: string, kind: CallKind): Promise<number> {
  const gate = await readGate(db, providerId);
  const limit = limitOf(providerId, kind, gate.limits);
  if (limit === null) return secondsPushedBack(gate, kind);
  const { everySeconds, burst } = spacingOf(limit);
  const { rows } = await db.query<{ taken: boolean; wait: number | null }>({
    name: 'take_token',
    text: `with taken as (
             insert into holdfast.provider_bucket as b (provider_id, kind, ready_at)
             values ($1, $2, holdfast.clock() + make_interval(secs => $3))
             on conflict (provider_id, kind) do update
                set ready_at = greatest(b.ready_at, holdfast.clock()) + make_interval(secs => $3)
              where b.ready_at <= holdfast.clock() + make_interval(secs => $4)
             returning 1
           )
           select exists (select from taken) as taken,
             (select extract(epoch from ready_at - holdfast.clock())::double precision - $4
                from holdfast.provider_bucket where provider_id = $1 and kind = $2) as wait`,
    values: [providerId, kind, everySeconds, everySeconds * (burst - 1)],
  });
  const answer = rows[0];
  if (answer?.taken) return 0;
  // What others took at this very moment isn't in what this statement sees.
  return Math.max(answer?.wait ?? 0, everySeconds / 2);
}

/** A call that was counted did not leave. */
export async function giveTokenBack(db: Db, providerId: string, kind: CallKind): Promise<void> {
  const limit = limitOf(providerId, kind, (await readGate(db, providerId)).limits);
  if (limit === null) return;
  await db.query({
    name: 'give_token_back',
    text: `update holdfast.provider_bucket set ready_at = ready_at - make_interval(secs => $3)
            where provider_id = $1 and kind = $2`,
    values: [providerId, kind, spacingOf(limit).everySeconds],
  });
}

/** The vendor said that it was too much: for so many seconds nothing of the kind leaves, from any worker. For a vendor without a known limit as well. */
export async function pushBack(db: Db, providerId: string, kind: CallKind, seconds: number): Promise<void> {
  const limit = limitOf(providerId, kind, (await readGate(db, providerId)).limits);
  const { everySeconds, burst } = limit === null ? { everySeconds: 0, burst: 1 } : spacingOf(limit);
  await db.query({
    name: 'push_back',
    text: `insert into holdfast.provider_bucket as b (provider_id, kind, ready_at)
           values ($1, $2, holdfast.clock() + make_interval(secs => $3))
           on conflict (provider_id, kind) do update set ready_at = greatest(b.ready_at, excluded.ready_at)`,
    values: [providerId, kind, seconds + everySeconds * (burst - 1)],
  });
  forgetGates(db);
}
