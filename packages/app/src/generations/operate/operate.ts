import { ProviderError } from '../../providers/port.ts';
import type { TaskStatus } from '../../providers/port.ts';
import { liveAttempt } from '../steps/claims.ts';
import type { GenerationDeps } from '../deps.ts';
import { endGeneration } from '../end/end.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';
import { isFinal } from '../rules.ts';
import { attemptOf } from '../steps/attempt-of.ts';
import { taskOf } from '../steps/poll.ts';
import { recordTask } from '../steps/transitions.ts';

/** What an operator's hand does to a generation. Who and why is noted by whoever calls these. */

const ask_timeout_ms = 30_000;
/** A worker may move it between our look and our write, and a look is quick: it is taken again a few times. */
const looks = 5;

export async function readGeneration(deps: GenerationDeps, id: string): Promise<GenerationRow | null> {
  const { rows } = await deps.db.query<GenerationRow>('select * from holdfast.generation where id = $1', [
    id,
  ]);
  return rows[0] ?? null;
}

/** Its attempt under way, or the last there was. */
export async function lastAttempt(deps: GenerationDeps, generationId: string): Promise<AttemptRow | null> {
  const { rows } = await deps.db.query<AttemptRow>(
    'select * from holdfast.attempt where generation_id = $1 order by number desc limit 1',
    [generationId],
  );
  return rows[0] ?? null;
}

export type ProvidersWord =
  | { readonly said: TaskStatus['state']; readonly detail: string }
  | { readonly said: 'no_answer' | 'no_task' | 'not_reachable'; readonly detail: string };

/**
 * Asks the provider how the last attempt stands, for the operator's eyes, and has a worker ask as well, which acts on the answer. Changes
 * nothing itself.
 */
export async function askProvider(deps: GenerationDeps, row: GenerationRow): Promise<ProvidersWord> {
  const attempt = await lastAttempt(deps, row.id);
  const word = await providersWord(deps, row, attempt);
  if (!isFinal(row.state)) await wake(deps, row.id);
  return word;
}

async function providersWord(
  deps: GenerationDeps,
  row: GenerationRow,
  attempt: AttemptRow | null,
): Promise<ProvidersWord> {
  if (attempt === null) return { said: 'no_task', detail: 'Nothing was sent to its provider yet.' };
  if (!deps.providers.has(attempt.provider_id)) {
    return { said: 'not_reachable', detail: `${attempt.provider_id} is not set up on this machine.` };
  }
  if (attempt.task_id === null) {
    return {
      said: 'no_task',
      detail: 'Its provider never told the name of a task: a worker looks for it now.',
    };
  }
  return statusOfTask(deps, row, attempt, attempt.task_id);
}

async function statusOfTask(
  deps: GenerationDeps,
  row: GenerationRow,
  attempt: AttemptRow,
  taskId: string,
): Promise<ProvidersWord> {
  const provider = deps.providers.get(attempt.provider_id);
  try {
    const status = await provider.status(taskOf(row, attempt, taskId), AbortSignal.timeout(ask_timeout_ms));
    return { said: status.state, detail: describe(status) };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return noAnswer(error);
  }
}

function describe(status: TaskStatus): string {
  switch (status.state) {
    case 'queued':
    case 'running':
      return status.progress === null ? '' : `${Math.round(status.progress * 100)} % done`;
    case 'succeeded':
      return `${status.outputs.length} ${status.outputs.length === 1 ? 'file' : 'files'}`;
    case 'failed':
      return `${status.error.code}: ${status.error.message}`.slice(0, 500);
    case 'cancelled':
      return '';
    case 'gone':
      return 'It knows no such task.';
    default:
      throw new Error(`unknown state of a task ${JSON.stringify(status satisfies never)}`);
  }
}

/** Makes its next step due now, unless one is under way. */
async function wake(deps: GenerationDeps, id: string): Promise<void> {
  await deps.db.query(
    `update holdfast.generation set due_at = holdfast.clock()
      where id = $1 and due_at > holdfast.clock() and state <> 'queued'
        and (claimed_until is null or claimed_until <= holdfast.clock())`,
    [id],
  );
  deps.wake.step(id, 0);
}

export type Adopted =
  | 'adopted'
  | 'already'
  | 'final'
  | 'no_attempt'
  | 'has_another'
  | 'of_another'
  | ProvidersWord;

/**
 * Takes a task of the provider's for what an attempt's submit has started, once the provider has confirmed that it knows it (and, where it
 * can tell, that it is this attempt's). Nothing final is changed: what ended has no hold that could be charged.
 */
export async function adoptTask(deps: GenerationDeps, row: GenerationRow, taskId: string): Promise<Adopted> {
  if (isFinal(row.state)) return 'final';
  const attempt = await liveAttempt(deps.db, row.id);
  if (attempt === null) return 'no_attempt';
  if (attempt.task_id === taskId) return 'already';
  if (attempt.task_id !== null) return 'has_another';
  if (!deps.providers.has(attempt.provider_id)) {
    return { said: 'not_reachable', detail: `${attempt.provider_id} is not set up on this machine.` };
  }
  const word = await statusOfTask(deps, row, attempt, taskId);
  if (word.said === 'gone' || word.said === 'no_answer') return word;
  const refused = await refusedAsOthers(deps, row, attempt, taskId);
  if (refused !== null) return refused;
  const noted = await recordTask(deps.db, { token: attempt.token, taskId, urls: null });
  if (noted === 'taken') return 'of_another';
  await wake(deps, row.id);
  return 'adopted';
}

/** Not null where its provider says that another attempt has started that task. What can't be compared is left to the operator's judgement. */
async function refusedAsOthers(
  deps: GenerationDeps,
  row: GenerationRow,
  attempt: AttemptRow,
  taskId: string,
): Promise<'of_another' | ProvidersWord | null> {
  const provider = deps.providers.get(attempt.provider_id);
  if (provider.recognize === undefined) return null;
  const request = {
    ...(await attemptOf({ deps }, { row, attempt })),
    submittedAt: attempt.submit_started_at,
  };
  try {
    const word = await provider.recognize(request, taskId, AbortSignal.timeout(ask_timeout_ms));
    return word === 'of_another' ? word : null;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return noAnswer(error);
  }
}

function noAnswer({ error }: ProviderError): ProvidersWord {
  return { said: 'no_answer', detail: `${error.code}: ${error.message}`.slice(0, 500) };
}

export type Released = 'released' | 'already' | 'final' | 'moving';

/** Ends it as failed, credits back. What its provider may have taken for it is noted as the operator's. */
export async function releaseByHand(deps: GenerationDeps, id: string, why: string): Promise<Released> {
  for (let look = 0; look < looks; look += 1) {
    const row = await readGeneration(deps, id);
    if (row === null || isFinal(row.state)) {
      return row?.error_code === 'released_by_operator' ? (look === 0 ? 'already' : 'released') : 'final';
    }
    const done = await endGeneration(deps, row, {
      state: 'failed',
      code: 'released_by_operator',
      errorClass: 'SYSTEM',
      detail: `ended by an operator: ${why}`,
      mayHaveCost: true,
    });
    if (done) return 'released';
  }
  return 'moving';
}

/**
 * Gives up an attempt whose outcome nobody knows and has another made: a second paid submit, knowingly. What the first may have cost is
 * noted as the operator's.
 * @param attemptNumber the attempt that the operator saw: a press that comes twice, or late, does nothing
 * @returns false where that attempt isn't in doubt any more, or the deadline is near
 */
export async function resubmitByHand(
  deps: GenerationDeps,
  id: string,
  attemptNumber: number,
  why: string,
): Promise<boolean> {
  const { rows } = await deps.db.query({
    name: 'resubmit_by_hand',
    text: `with doubtful as (
             -- Locked: a task that is noted at this very moment makes it known, and there is nothing to resubmit.
             select id from holdfast.attempt
              where generation_id = $1 and number = $2 and state = 'submit_unknown' and task_id is null for update
           ), moved as (
             update holdfast.generation g
                set state = 'queued', claim = claim + 1, claimed_until = null, progress = null, due_at = holdfast.clock(),
                    timeline = timeline || jsonb_build_array(jsonb_build_object('status', 'queued', 'at', holdfast.clock()))
              where g.id = $1 and g.state = 'outcome_unknown' and g.deadline_at > holdfast.clock()
                and exists (select from doubtful)
             returning g.id
           ), ended as (
             update holdfast.attempt
                set state = 'failed', ended_at = holdfast.clock(), error_code = 'resubmitted', error_class = 'UNKNOWN',
                    error_detail = $3, resubmitted_by = 'operator'
              where id in (select id from doubtful) and exists (select from moved)
             returning id, generation_id, provider_id, task_id, cost_usd
           ), noted as (
             insert into holdfast.orphan_cost (attempt_id, generation_id, provider_id, task_id, reason, cost_usd)
             select id, generation_id, provider_id, task_id, 'resubmitted by an operator: the attempt was submit_unknown', cost_usd
               from ended
             on conflict (attempt_id) do nothing
           )
           select id from moved`,
    values: [id, attemptNumber, why.slice(0, 1_000)],
  });
  if (rows.length === 0) return false;
  deps.wake.queued(id);
  return true;
}
