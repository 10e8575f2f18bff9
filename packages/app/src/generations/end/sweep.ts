import { endGeneration } from './end.ts';
import { liveAttempt } from '../steps/claims.ts';
import type { Db } from '../../platform/database.ts';
import type { GenerationDeps } from '../deps.ts';
import { taskOf } from '../steps/poll.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';
import { providerIds } from '../steps/work-context.ts';
import type { WorkContext } from '../steps/work-context.ts';

/** What is overdue by more than this has lost its wake-up. */
const overdue_seconds = 1;
/** Who was handed an overdue step has this long to take it. */
const handed_seconds = 5;
const batch = 100;

/** Steps whose wake-up was lost, so many at most, handed to this caller alone for a while. Their rows say what is to be done. */
export async function takeOverdue(ctx: WorkContext, limit: number): Promise<string[]> {
  const { rows } = await ctx.deps.db.query<{ id: string }>({
    name: 'take_overdue',
    text: `update holdfast.generation
              set woken_at = holdfast.clock()
            where id in (
              select id from holdfast.generation
               where due_at <= holdfast.clock() - make_interval(secs => $1) and state <> 'queued' and provider_id = any($5)
                 and (woken_at is null or woken_at < due_at or woken_at <= holdfast.clock() - make_interval(secs => $2))
                 and (bound_to is null or bound_to = $3 or bound_until <= holdfast.clock())
               order by due_at
               limit $4
               for update skip locked)
            returning id`,
    values: [overdue_seconds, handed_seconds, ctx.worker.id, limit, providerIds(ctx)],
  });
  return rows.map((row) => row.id);
}

/**
 * Ends what is past its deadline: its hold is released, whatever its provider may still do. A step under way is let finish, since
 * it ends, or its claim runs out, within seconds. Returns how many were ended.
 */
export async function enforceDeadlines(ctx: WorkContext): Promise<number> {
  const { deps } = ctx;
  const { rows } = await deps.db.query<GenerationRow>({
    name: 'past_deadline',
    text: `select * from holdfast.generation
            where due_at is not null and deadline_at <= holdfast.clock()
              and (claimed_until is null or claimed_until <= holdfast.clock())
            order by deadline_at
            limit $1`,
    values: [batch],
  });
  let endings = 0;
  for (const row of rows) {
    const attempt = await liveAttempt(deps.db, row.id);
    const done = await endGeneration(deps, row, {
      state: 'failed',
      code: row.state === 'outcome_unknown' ? 'outcome_unknown' : 'deadline',
      errorClass: 'SYSTEM',
      detail: `still ${row.state} at its deadline`,
      mayHaveCost: true,
    });
    if (!done) continue;
    endings += 1;
    if (attempt !== null) await stopAtProvider(deps, row, attempt);
  }
  return endings;
}

/** Nobody waits for it any more: a provider that can stop is asked to. The credits are already back; this is only thrift. */
async function stopAtProvider(deps: GenerationDeps, row: GenerationRow, attempt: AttemptRow): Promise<void> {
  if (!deps.providers.has(row.provider_id)) return;
  const provider = deps.providers.get(row.provider_id);
  try {
    if (provider.cancel !== undefined && attempt.task_id !== null) {
      await provider.cancel(taskOf(row, attempt, attempt.task_id), AbortSignal.timeout(10_000));
    }
    await provider.discard?.(attempt.token);
  } catch (error) {
    deps.log.warn({ err: error, generation: row.id }, 'an abandoned task could not be stopped');
  }
}

/** Hands back what this worker renders, so that another takes it up at once. For a stop in good order. */
export async function handBack(ctx: WorkContext): Promise<number> {
  const { deps, worker } = ctx;
  const { rows } = await deps.db.query<{ token: string; provider_id: string }>(
    `with handed as (
       update holdfast.generation
          set state = 'queued', claim = claim + 1, claimed_until = null, due_at = holdfast.clock(),
              pickups = pickups - 1, progress = null, running_at = null,
              bound_to = null, bound_machine = null, bound_until = null,
              timeline = timeline || jsonb_build_array(jsonb_build_object('status', 'queued', 'at', holdfast.clock()))
        where bound_to = $1 and state in ('submitting', 'running', 'ingesting')
       returning id
     )
     select a.token, a.provider_id
       from handed join holdfast.attempt a on a.generation_id = handed.id and a.ended_at is null`,
    [worker.id],
  );
  for (const { token, provider_id } of rows) {
    await deps.providers.get(provider_id).discard?.(token);
  }
  return rows.length;
}

/** Quotes that expired a month ago; what was accepted under one keeps its price in its own row. */
export async function forgetQuotes(db: Db): Promise<void> {
  await db.query(
    `delete from holdfast.quote where id in (
       select id from holdfast.quote where expires_at < holdfast.clock() - interval '30 days'
        order by expires_at limit 1000)`,
  );
}
