import { inTransaction } from '../platform/database.ts';
import type { Tx } from '../platform/database.ts';
import { newId, newToken } from '../platform/ids.ts';
import type { Provider } from '../providers/port.ts';
import type { AttemptRow, GenerationRow } from './rows.ts';
import { bindingSeconds, claimSeconds } from './rules.ts';
import type { WorkContext } from './work-context.ts';

export interface PickedUp {
  readonly row: GenerationRow;
  readonly attempt: AttemptRow;
  /** By this process' monotonic clock, taken before the marker was written. */
  readonly markedAtMs: number;
}

/**
 * Takes the next generation of a provider from its queue, in turn, and writes the marker of its attempt: from this commit on the
 * submit may have happened. Null where nothing waits, nobody may have more at once, or this machine renders as much as it can.
 */
export async function pickUp(ctx: WorkContext, provider: Provider): Promise<PickedUp | null> {
  const markedAtMs = performance.now();
  const capacity =
    provider.capabilities.concurrencyPerMachine === null
      ? null
      : (ctx.rendersPerMachine ?? provider.capabilities.concurrencyPerMachine);
  return inTransaction(ctx.deps.db, async (tx) => {
    if (capacity !== null && !(await hasCapacity(tx, ctx, provider, capacity))) return null;
    const row = await takeNext(tx, ctx, provider.id, capacity !== null);
    if (row === null) return null;
    const attempt = await writeMarker(tx, row, provider.capabilities.idempotentSubmit);
    return { row, attempt, markedAtMs };
  });
}

/** Counted under a lock of this machine's, so that its workers don't overrun it together. */
async function hasCapacity(tx: Tx, ctx: WorkContext, provider: Provider, capacity: number): Promise<boolean> {
  await tx.query({
    name: 'lock_lane',
    text: 'select pg_advisory_xact_lock(hashtextextended($1, 21))',
    values: [`${ctx.worker.machine}/${provider.id}`],
  });
  const { rows } = await tx.query<{ busy: number }>({
    name: 'count_lane',
    text: `select count(*)::integer as busy from holdfast.generation
            where bound_machine = $1 and provider_id = $2 and bound_to is not null
              and state in ('submitting', 'running') and bound_until > holdfast.clock()`,
    values: [ctx.worker.machine, provider.id],
  });
  return (rows[0]?.busy ?? 0) < capacity;
}

async function takeNext(
  tx: Tx,
  ctx: WorkContext,
  providerId: string,
  bind: boolean,
): Promise<GenerationRow | null> {
  const { rows } = await tx.query<GenerationRow>({
    name: 'take_next',
    text: `
      with next as (
        select g.id from holdfast.generation g
         where g.state = 'queued' and g.provider_id = $1 and g.due_at <= holdfast.clock()
           and g.deadline_at > holdfast.clock()
           and (select count(*) from holdfast.generation r
                 where r.person_id = g.person_id and r.due_at is not null and r.state <> 'queued') < $2
         order by g.turn, g.id
         limit 1
         for update skip locked
      )
      update holdfast.generation g
         set state = 'submitting',
             timeline = timeline || jsonb_build_array(jsonb_build_object('status', 'submitting', 'at', holdfast.clock())),
             claim = claim + 1,
             claimed_until = holdfast.clock() + make_interval(secs => $3),
             due_at = holdfast.clock() + make_interval(secs => $3),
             pickups = pickups + 1,
             picked_up_at = holdfast.clock(),
             bound_to = $4, bound_machine = $5,
             bound_until = case when $4::text is not null then holdfast.clock() + make_interval(secs => $6) end
        from next
       where g.id = next.id
      returning g.*`,
    values: [
      providerId,
      ctx.deps.settings.maxRunningPerPerson,
      claimSeconds,
      bind ? ctx.worker.id : null,
      bind ? ctx.worker.machine : null,
      bindingSeconds,
    ],
  });
  return rows[0] ?? null;
}

/**
 * A new attempt; or the one that is still alive, where the provider allows the same to be submitted again (a render whose machine was
 * lost). For any other provider a live attempt of something queued can't exist, and the table's unique index says so.
 */
async function writeMarker(tx: Tx, row: GenerationRow, mayRepeat: boolean): Promise<AttemptRow> {
  const { rows } = await tx.query<AttemptRow>({
    name: 'write_marker',
    text: `
      insert into holdfast.attempt (id, generation_id, number, provider_id, token)
      select $1, $2, 1 + count(*), $3, $4 from holdfast.attempt where generation_id = $2
      on conflict (generation_id) where state in ('submitting', 'submitted', 'submit_unknown')
      do update set submit_started_at = holdfast.clock(), state = 'submitting'
         where $5
      returning *`,
    values: [newId('att'), row.id, row.provider_id, newToken(), mayRepeat],
  });
  const attempt = rows[0];
  if (!attempt) throw new Error(`${row.id} is queued and has a live attempt that must not be repeated`);
  return attempt;
}
