import type { Db } from '../../platform/database.ts';
import { isRemoved } from '../../platform/test-switch.ts';
import type { AttemptRow, ClaimedRow, GenerationRow } from '../rows.ts';
import { same_claim } from './fence.ts';
import { bindingSeconds, claimSeconds } from '../rules.ts';
import type { WorkerIdentity } from './work-context.ts';

/**
 * Claims a generation's next step, if it is due, nobody else has it and this process can reach its provider. Raises the claim number: whoever
 * claimed it before can't write any more. What another machine renders is left alone while its worker is believed to live. What is
 * queued is picked up in turn, see `pick-up.ts`.
 */
export async function claimDue(
  db: Db,
  id: string,
  who: { worker: WorkerIdentity; providers: readonly string[] },
): Promise<ClaimedRow | null> {
  const { rows } = await db.query<ClaimedRow>({
    name: 'claim_due',
    text: `update holdfast.generation
              set claim = claim + 1,
                  claimed_until = holdfast.clock() + make_interval(secs => $2),
                  due_at = holdfast.clock() + make_interval(secs => $2)
            where id = $1 and due_at <= holdfast.clock() and state <> 'queued' and provider_id = any($4)
              and (bound_to is null or bound_to = $3 or bound_until <= holdfast.clock())
            returning *, holdfast.clock() as claimed_at`,
    values: [id, claimSeconds, who.worker.id, who.providers],
  });
  return rows[0] ?? null;
}

/**
 * Puts off a question that is due to a provider which may not be asked now. Nobody's claim is touched: who asked last and wakes late may still
 * say what it heard.
 * @returns null where it is not due, or no question to one of these
 */
export async function putOffUnclaimed(
  db: Db,
  id: string,
  waits: readonly { providerId: string; seconds: number }[],
): Promise<{ providerId: string; seconds: number } | null> {
  const { rows } = await db.query<{ provider_id: string }>({
    name: 'put_off_unclaimed',
    text: `update holdfast.generation
              set due_at = holdfast.clock()
                    + make_interval(secs => ($3::double precision[])[array_position($2::text[], provider_id)])
            where id = $1 and due_at <= holdfast.clock() and state = 'running' and bound_to is null
              and provider_id = any($2)
            returning provider_id`,
    values: [id, waits.map(({ providerId }) => providerId), waits.map(({ seconds }) => seconds)],
  });
  return waits.find(({ providerId }) => providerId === rows[0]?.provider_id) ?? null;
}

/** The attempt that is under way or whose result is being fetched. */
export async function liveAttempt(db: Db, generationId: string): Promise<AttemptRow | null> {
  const { rows } = await db.query<AttemptRow>({
    name: 'live_attempt',
    text: `select * from holdfast.attempt
            where generation_id = $1 and state in ('submitting', 'submitted', 'submit_unknown')`,
    values: [generationId],
  });
  return rows[0] ?? null;
}

/** Keeps a claim (and what binds a local render to this worker) alive during a step. False where it was lost. */
export async function renewClaim(
  db: Db,
  row: Pick<GenerationRow, 'id' | 'claim'>,
  worker: WorkerIdentity,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'renew_claim',
    text: `update holdfast.generation
              set claimed_until = holdfast.clock() + make_interval(secs => $3),
                  due_at = holdfast.clock() + make_interval(secs => $3),
                  bound_until = case when bound_to = $4 then holdfast.clock() + make_interval(secs => $5) end
            where id = $1 and ${same_claim} and claimed_until is not null`,
    values: [row.id, row.claim, claimSeconds, worker.id, bindingSeconds],
  });
  return rowCount === 1 || isRemoved('claim');
}

/**
 * Ends a step: the next is due in so many seconds, or at once where a callback came in meanwhile.
 * @returns false where the claim was lost
 */
export async function endStep(
  db: Db,
  row: Pick<GenerationRow, 'id' | 'claim' | 'callbacks'>,
  next: {
    seconds: number;
    worker: WorkerIdentity;
    progress?: number | null;
    failed?: boolean;
  },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'end_step',
    text: `update holdfast.generation
              set claimed_until = null,
                  due_at = holdfast.clock() + make_interval(secs => case
                    when callbacks <> $6 then 0
                    else $3::double precision end),
                  step_failures = case when $5 then step_failures + 1 else 0 end,
                  progress = coalesce($4, progress),
                  bound_until = case when bound_to = $7 then holdfast.clock() + make_interval(secs => $8) else bound_until end
            where id = $1 and ${same_claim} and claimed_until is not null`,
    values: [
      row.id,
      row.claim,
      next.seconds,
      next.progress ?? null,
      next.failed ?? false,
      row.callbacks,
      next.worker.id,
      bindingSeconds + next.seconds,
    ],
  });
  return rowCount === 1;
}

/** Before a provider is asked: what its callbacks could say is in its answer. Those that come later make the next question due at once. */
export async function readCallbacks(db: Db, token: string): Promise<void> {
  await db.query({
    name: 'read_callbacks',
    text: `update holdfast.provider_callback set read_at = holdfast.clock()
            where attempt_token = $1 and read_at is null`,
    values: [token],
  });
}

/** Tasks that callbacks have named for an attempt, those that are the provider's own word first. None is believed before it was asked about. */
export async function namedTasks(
  db: Db,
  token: string,
): Promise<{ task_id: string; trust: 'full' | 'hint' }[]> {
  const { rows } = await db.query<{ task_id: string; trust: 'full' | 'hint' }>({
    name: 'named_tasks',
    text: `select task_id, min(trust) as trust from holdfast.provider_callback
            where attempt_token = $1 and task_id is not null
            group by task_id order by min(trust), min(id) limit 10`,
    values: [token],
  });
  return rows;
}
