import { sqlState } from '../../platform/database.ts';
import type { Database, Db } from '../../platform/database.ts';
import type { ErrorClass, ProviderOutput } from '../../providers/port.ts';
import { same_claim } from './fence.ts';
import type { GenerationRow } from '../rows.ts';
import type { GenerationStatus } from '../rules.ts';

type Fence = Pick<GenerationRow, 'id' | 'claim' | 'state'>;

/** Every move names the state it leaves and the claim it is made under; a worker that lost either changes nothing. */
const fenced = `where id = $1 and ${same_claim} and state = $3`;
const entering = (status: GenerationStatus): string =>
  `state = '${status}', timeline = timeline || jsonb_build_array(jsonb_build_object('status', '${status}', 'at', holdfast.clock()))`;

/**
 * The commit isn't waited for. Only where a crash of the database that forgets it costs nothing but asking the provider once more; whatever is
 * committed later and waited for takes it along.
 */
const unhurried = `(select set_config('synchronous_commit', 'off', true)) as unhurried`;

/** The provider says it is made; what it made is kept with the attempt, so that fetching can be repeated. The claim is kept. */
export async function toIngesting(
  db: Db,
  row: Fence,
  made: {
    attemptId: string;
    outputs: readonly ProviderOutput[];
    costUsd: number | null;
    declaredSeconds?: number | null;
  },
): Promise<GenerationRow | null> {
  const { rows } = await db.query<GenerationRow>({
    name: 'to_ingesting',
    text: `with moved as (
             update holdfast.generation
                set ${entering('ingesting')}, progress = 1, step_failures = 0
              ${fenced} returning *
           ), noted as (
             update holdfast.attempt set outputs = $5, cost_usd = $6, declared_seconds = $7
              where id = $4 and exists (select from moved)
           )
           select moved.* from moved, ${unhurried}`,
    values: [
      row.id,
      row.claim,
      row.state,
      made.attemptId,
      JSON.stringify(made.outputs),
      made.costUsd,
      made.declaredSeconds ?? null,
    ],
  });
  return rows[0] ?? null;
}

/** Nobody knows whether the provider has it: the hold stays until that is known, or to the deadline. */
export async function toUnknown(
  db: Db,
  row: Fence,
  why: {
    attemptId: string;
    code: string;
    detail: string;
    afterSeconds: number;
    /** How long after the submit it is asked about; never beyond the deadline. Null: to the deadline. */
    unknownSeconds: number | null;
  },
): Promise<boolean> {
  const { rows } = await db.query({
    name: 'to_unknown',
    text: `with moved as (
             update holdfast.generation
                set ${entering('outcome_unknown')}, claimed_until = null,
                    due_at = holdfast.clock() + make_interval(secs => case when callbacks > 0 then 0 else $7::double precision end)
              ${fenced} returning id, deadline_at
           ), noted as (
             update holdfast.attempt
                set state = 'submit_unknown', error_code = $5, error_class = 'UNKNOWN', error_detail = $6,
                    unknown_until = least((select deadline_at from moved), submit_started_at + make_interval(secs => $8::double precision))
              where id = $4 and state = 'submitting' and exists (select from moved)
           )
           select id from moved`,
    values: [
      row.id,
      row.claim,
      row.state,
      why.attemptId,
      why.code,
      why.detail,
      why.afterSeconds,
      why.unknownSeconds,
    ],
  });
  return rows.length === 1;
}

/**
 * The model's policy: rather paid for twice than waited for. The attempt whose outcome nobody knows ends, its cost noted as the operator's, and
 * another may be made.
 */
export async function resubmitByPolicy(
  db: Db,
  row: Fence,
  attempt: { id: string; costUsd: number },
): Promise<boolean> {
  const { rows } = await db.query({
    name: 'resubmit_by_policy',
    text: `with unknown as (
             select id from holdfast.attempt where id = $4 and state = 'submit_unknown' and task_id is null for update
           ), moved as (
             update holdfast.generation
                set ${entering('queued')}, claimed_until = null, progress = null, due_at = holdfast.clock()
              ${fenced} and exists (select from unknown) returning id
           ), ended as (
             update holdfast.attempt
                set state = 'failed', ended_at = holdfast.clock(), error_code = 'resubmitted', error_class = 'UNKNOWN',
                    resubmitted_by = 'policy'
              where id in (select id from unknown) and exists (select from moved)
             returning id, generation_id, provider_id, task_id
           ), noted as (
             insert into holdfast.orphan_cost (attempt_id, generation_id, provider_id, task_id, reason, cost_usd)
             select id, generation_id, provider_id, task_id,
                    'resubmitted by the model''s policy: the attempt was submit_unknown, and may have cost up to $' || $5::numeric, null
               from ended
             on conflict (attempt_id) do nothing
           )
           select id from moved`,
    values: [row.id, row.claim, row.state, attempt.id, attempt.costUsd],
  });
  return rows.length === 1;
}

/** Back into the queue, at its old turn: to be tried anew, or taken up again. `failed` ends the attempt. */
export async function toQueued(
  db: Db,
  row: Fence,
  how: {
    afterSeconds: number;
    failed?: {
      attemptId: string;
      code: string;
      errorClass: ErrorClass;
      detail: string;
      /** Its provider took money for it, or doesn't say that it didn't: noted as the operator's. */
      billed?: boolean;
      costUsd?: number | null;
    };
  },
): Promise<boolean> {
  const { rows } = await db.query({
    name: 'to_queued',
    text: `with moved as (
             update holdfast.generation
                set ${entering('queued')}, claimed_until = null, progress = null, running_at = null,
                    bound_to = null, bound_machine = null, bound_until = null,
                    due_at = holdfast.clock() + make_interval(secs => $4)
              ${fenced} returning id
           ), noted as (
             update holdfast.attempt
                set state = 'failed', ended_at = holdfast.clock(), error_code = $6, error_class = $7, error_detail = $8,
                    cost_usd = coalesce($9, cost_usd)
              where id = $5 and ended_at is null and exists (select from moved)
             returning id, generation_id, provider_id, task_id, cost_usd
           ), billed as (
             insert into holdfast.orphan_cost (attempt_id, generation_id, provider_id, task_id, reason, cost_usd)
             select id, generation_id, provider_id, task_id, $6 || ': the attempt failed, and another one was made', cost_usd
               from noted where $10
             on conflict (attempt_id) do nothing
           )
           select id from moved`,
    values: [
      row.id,
      row.claim,
      row.state,
      how.afterSeconds,
      how.failed?.attemptId ?? null,
      how.failed?.code ?? null,
      how.failed?.errorClass ?? null,
      how.failed?.detail ?? null,
      how.failed?.costUsd ?? null,
      how.failed?.billed ?? false,
    ],
  });
  return rows.length === 1;
}

interface NamedTask {
  readonly token: string;
  readonly taskId: string;
  readonly urls: Readonly<Record<string, string>> | null;
}

/** `$1` the attempt's token, `$2` the task's name, `$3` its addresses. */
const record = `own as (
    select id, provider_id from holdfast.attempt where token = $1
  ), taken as (
    select 1 from holdfast.attempt a
     where a.provider_id = (select provider_id from own) and a.task_id = $2 and a.id <> (select id from own)
  ), noted as (
    update holdfast.attempt
       set task_id = $2, task_urls = $3, submitted_at = holdfast.clock(),
           state = case when ended_at is null then 'submitted' else state end
     where token = $1 and task_id is null and not exists (select from taken)
    returning id
  )`;

function recordValues({ token, taskId, urls }: NamedTask): unknown[] {
  return [token, taskId, urls === null ? null : JSON.stringify(urls)];
}

/**
 * Notes the provider's name for a task. Guarded only by the attempt's token and by not knowing it yet, even where the generation is
 * final or claimed by another: losing this name would lose money.
 * @returns `known` where this attempt has a name already, the same or another; `taken` where another attempt has this one: nothing was written
 */
export async function recordTask(db: Database, task: NamedTask): Promise<'noted' | 'known' | 'taken'> {
  try {
    const { rows } = await db.query<{ noted: boolean; taken: boolean }>({
      name: 'record_task',
      text: `with ${record}
             select exists (select from noted) as noted, exists (select from taken) as taken`,
      values: recordValues(task),
    });
    if (rows[0]?.noted === true) return 'noted';
    return rows[0]?.taken === true ? 'taken' : 'known';
  } catch (error) {
    // Both were noted at the same moment: one of the two has it.
    if (sqlState(error) === '23505') return 'taken';
    throw error;
  }
}

/**
 * The provider has it: notes the task's name, as `recordTask` does, and says so of the generation where the claim still holds. One statement, as
 * every commit is waited for. The claim is kept: the step goes on to ask how it stands.
 * @returns the row; null where the claim was lost (the name is noted all the same); `taken` where another attempt has this name
 */
export async function toRunning(
  db: Database,
  row: Fence,
  task: NamedTask,
): Promise<GenerationRow | 'taken' | null> {
  try {
    const { rows } = await db.query<GenerationRow & { is_taken: boolean }>({
      name: 'to_running',
      text: `with ${record}, moved as (
               update holdfast.generation
                  set ${entering('running')}, running_at = holdfast.clock(), step_failures = 0
                where id = $4 and ${same_claim.replace('$2', '$5')} and state = $6 and not exists (select from taken)
               returning *
             )
             select moved.*, exists (select from taken) as is_taken
               from (values (1)) as one (row) left join moved on true`,
      values: [...recordValues(task), row.id, row.claim, row.state],
    });
    const found = rows[0];
    if (found?.is_taken === true) return 'taken';
    return found === undefined || found.id === null ? null : found;
  } catch (error) {
    if (sqlState(error) === '23505') return 'taken';
    throw error;
  }
}
