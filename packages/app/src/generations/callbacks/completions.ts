import { timingSafeEqual } from 'node:crypto';
import type { Unit } from '../../credits/rules.ts';
import { inTransaction } from '../../platform/database.ts';
import type { Database, Db, Tx } from '../../platform/database.ts';
import { HoldfastError, InvalidInputError, NotFoundError } from '../../platform/errors.ts';
import { externalProviderId } from '../../providers/external/adapter.ts';
import type { Completion, CompletionInbox } from '../../providers/external/adapter.ts';
import type { GenerationDeps } from '../deps.ts';
import type { GenerationStatus } from '../rules.ts';

/** `completion_conflict`: something else was said of this task before, and that stands. Data: `stored`. */
export class CompletionConflictError extends HoldfastError {}

/** `task_not_started`: its renderer can't have it yet. Data: `retry_after_seconds`. */
export class TaskNotStartedError extends HoldfastError {}

/** `generation_ended`: too late, nobody is charged any more. Data: `state`. */
export class GenerationEndedError extends HoldfastError {}

/** `callback_forged`: the token is not this task's. */
export class WrongTokenError extends HoldfastError {}

export interface CompletionCall extends Completion {
  /** A task's own name, or its generation's id. */
  readonly taskId: string;
  /** The task's token; null where the whole call was signed. */
  readonly token: string | null;
}

export interface StoredCompletion {
  readonly task_id: string;
  readonly status: Completion['status'];
  readonly output_duration_seconds: number | null;
  readonly output_url: string | null;
  readonly error: string | null;
}

interface TaskRow {
  id: string;
  token: string;
  state: GenerationStatus;
  final: boolean;
  unit: Unit;
}

/**
 * Takes a renderer's word that a task has ended: kept, and whoever waits for it woken; a worker does the rest. Idempotent: the first word
 * stands, and the same again gets the same answer.
 * @throws NotFoundError `task`, WrongTokenError, InvalidInputError `output_duration_required`, CompletionConflictError, TaskNotStartedError, GenerationEndedError
 */
export async function receiveCompletion(
  deps: GenerationDeps,
  call: CompletionCall,
): Promise<StoredCompletion> {
  const { stored, woken } = await inTransaction(deps.db, (tx) => keep(tx, call));
  if (woken !== null) deps.wake.step(woken, 0);
  return stored;
}

async function keep(
  tx: Tx,
  call: CompletionCall,
): Promise<{ stored: StoredCompletion; woken: string | null }> {
  const task = await findTask(tx, call.taskId);
  if (call.token !== null && !isSame(call.token, task.token)) {
    throw new WrongTokenError('callback_forged', 'The token is not the one that came with this task.');
  }
  if (
    call.status === 'succeeded' &&
    call.outputUrl === null &&
    task.unit === 'second' &&
    !call.outputDurationSeconds
  ) {
    throw new InvalidInputError(
      'output_duration_required',
      'Say how long the result is (output_duration_seconds, more than 0), or where it can be fetched (output_url).',
      { field: 'output_duration_seconds' },
    );
  }
  const earlier = await storedFor(tx, task.id);
  if (earlier !== null) return { stored: same(call, earlier), woken: null };
  if (task.final) {
    throw new GenerationEndedError(
      'generation_ended',
      `This generation had ${task.state} before: the result is not wanted any more, and nobody is charged for it.`,
      { state: task.state },
    );
  }
  const { rowCount } = await tx.query(
    `insert into holdfast.completion (attempt_id, status, output_duration_seconds, output_url, error)
     values ($1, $2, $3, $4, $5) on conflict (attempt_id) do nothing`,
    [task.id, call.status, call.outputDurationSeconds, call.outputUrl, call.error],
  );
  const stored = await storedFor(tx, task.id);
  if (stored === null) throw new Error(`the completion of ${task.id} was not kept`);
  if (rowCount === 0) return { stored: same(call, stored), woken: null };
  const { rows } = await tx.query<{ woken: string | null }>(
    `select woken from holdfast.receive_callback($1, $2, $3, $4, 'full')`,
    [externalProviderId, task.token, `${task.token}/completion`, call.taskId],
  );
  return { stored: { task_id: call.taskId, ...stored }, woken: rows[0]?.woken ?? null };
}

/** By its own name, also before that was noted (a renderer may be quicker than we are), or by its generation's id. */
async function findTask(tx: Tx, taskId: string): Promise<TaskRow> {
  const { rows } = await tx.query<TaskRow>(
    `select a.id, a.token, g.state, g.due_at is null as final, g.unit
       from holdfast.attempt a join holdfast.generation g on g.id = a.generation_id
      where a.id in (
        select id from holdfast.attempt where provider_id = $2 and task_id = $1
        union all
        select id from holdfast.attempt where provider_id = $2 and generation_id = $1
        union all
        select id from holdfast.attempt
         where provider_id = $2 and state in ('submitting', 'submitted', 'submit_unknown') and task_id is null
           and $1 = 'ext_' || left(encode(sha256(token::bytea), 'hex'), 32))
      order by a.number desc limit 1`,
    [taskId, externalProviderId],
  );
  const [task] = rows;
  if (task !== undefined) return task;
  const { rowCount } = await tx.query(
    'select from holdfast.generation where id = $1 and provider_id = $2 and due_at is not null',
    [taskId, externalProviderId],
  );
  if (rowCount === 1) {
    throw new TaskNotStartedError(
      'task_not_started',
      'This has not been handed over yet: call again in a moment.',
      {
        retry_after_seconds: 5,
      },
    );
  }
  throw new NotFoundError('task');
}

type Stored = Omit<StoredCompletion, 'task_id'>;

async function storedFor(db: Db, attemptId: string): Promise<Stored | null> {
  const { rows } = await db.query<{
    status: Completion['status'];
    output_duration_seconds: string | null;
    output_url: string | null;
    error: string | null;
  }>(
    'select status, output_duration_seconds, output_url, error from holdfast.completion where attempt_id = $1',
    [attemptId],
  );
  const [row] = rows;
  return row === undefined
    ? null
    : { ...row, output_duration_seconds: numberOrNull(row.output_duration_seconds) };
}

/** @throws CompletionConflictError where it isn't */
function same(call: CompletionCall, stored: Stored): StoredCompletion {
  const answer = { task_id: call.taskId, ...stored };
  const agrees =
    stored.status === call.status &&
    thousandths(stored.output_duration_seconds) === thousandths(call.outputDurationSeconds) &&
    stored.output_url === call.outputUrl &&
    stored.error === call.error;
  if (agrees) return answer;
  throw new CompletionConflictError(
    'completion_conflict',
    'Something else was said of this task before, and that stands.',
    { stored: answer },
  );
}

function thousandths(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000);
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Completions as the provider looks for them. */
export function createCompletionInbox(db: Database): CompletionInbox {
  return {
    async find(attemptToken) {
      const { rows } = await db.query<{ id: string }>({
        name: 'attempt_of_token',
        text: 'select id from holdfast.attempt where token = $1',
        values: [attemptToken],
      });
      const [attempt] = rows;
      if (attempt === undefined) return 'unknown_task';
      const stored = await storedFor(db, attempt.id);
      if (stored === null) return null;
      return {
        status: stored.status,
        outputDurationSeconds: stored.output_duration_seconds,
        outputUrl: stored.output_url,
        error: stored.error,
      };
    },
  };
}
