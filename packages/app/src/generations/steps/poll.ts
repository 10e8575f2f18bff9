import { ProviderError } from '../../providers/port.ts';
import type { Provider, TaskRef, TaskStatus } from '../../providers/port.ts';
import { models } from '../catalogue/catalogue.ts';
import { endStep, readCallbacks } from './claims.ts';
import { endGeneration } from '../end/end.ts';
import { callbacksAreHealthy, questionRound, readRunPace } from './poll-pace.ts';
import { pollDelay } from './poll-schedule.ts';
import { placeInLine, takePlace, takeToken } from '../../providers/health/tokens.ts';
import { makerOf } from './attempt-of.ts';
import { failpoint } from '../failpoint.ts';
import { holdBackQuestions } from './note-health.ts';
import type { AttemptRow, ClaimedRow, GenerationRow } from '../rows.ts';
import { backoffSeconds } from '../rules.ts';
import { toIngesting, toQueued } from './transitions.ts';
import { ended, lost } from './work-context.ts';
import type { Claimed, Next, WorkContext } from './work-context.ts';
import { describe, failAttempt } from './fail-attempt.ts';
import { ingest } from './ingest.ts';

const ask_timeout_ms = 30_000;

/** Asks the provider how it stands, once. */
export async function poll(ctx: WorkContext, claimed: Claimed): Promise<Next> {
  const { deps } = ctx;
  const { row, attempt, signal } = claimed;
  failpoint('poll.claimed');
  if (attempt?.task_id == null) {
    throw new Error(`${row.id} is running, and its attempt has no task`);
  }
  const provider = deps.providers.get(row.provider_id);
  const task = taskOf(row, attempt, attempt.task_id);
  const notYet = await takeToken(deps.db, provider.id, 'status');
  if (notYet > 0) return waitForToken(ctx, row, notYet);
  if (provider.capabilities.webhooks) await readCallbacks(deps.db, attempt.token);
  let status: TaskStatus;
  try {
    const asked = AbortSignal.any([signal, AbortSignal.timeout(ask_timeout_ms)]);
    if (row.cancel_requested_at !== null && (await cancelled(provider, task, asked))) {
      return endCancelled(ctx, row);
    }
    status = await provider.status(task, asked);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return askAgain(ctx, claimed, error);
  }
  failpoint('poll.answered');
  switch (status.state) {
    case 'queued':
    case 'running':
      if (await hasRunTooLong(ctx, row, provider)) return stopAndFail(ctx, row, attempt, provider, task);
      return wait(ctx, row, status.progress);
    case 'succeeded': {
      const moved = await toIngesting(deps.db, row, {
        attemptId: attempt.id,
        outputs: status.outputs,
        costUsd: status.actualCostUsd,
        declaredSeconds: status.declaredSeconds ?? null,
      });
      if (moved === null) return lost;
      const declared_seconds = status.declaredSeconds === undefined ? null : String(status.declaredSeconds);
      const made = { ...attempt, outputs: [...status.outputs], declared_seconds };
      return ingest(ctx, { ...claimed, row: moved, attempt: made });
    }
    case 'failed':
      return failAttempt(ctx, row, attempt, {
        error: status.error,
        errorClass: provider.classify(status.error),
        costUsd: status.actualCostUsd,
      });
    case 'cancelled':
      return endCancelled(ctx, row);
    case 'gone':
      return taskGone(ctx, row, provider);
    default:
      throw new Error(`unknown state of a task ${JSON.stringify(status satisfies never)}`);
  }
}

export function taskOf(row: GenerationRow, attempt: AttemptRow, taskId: string): TaskRef {
  return {
    taskId,
    attemptToken: attempt.token,
    model: row.provider_model,
    ...(attempt.task_urls === null ? {} : { urls: attempt.task_urls }),
  };
}

/** The provider doesn't know it (any more): a render is made again; anything paid may have cost money, and is not asked for twice. */
export async function taskGone(ctx: WorkContext, row: GenerationRow, provider: Provider): Promise<Next> {
  if (provider.capabilities.idempotentSubmit) {
    const moved = await toQueued(ctx.deps.db, row, { afterSeconds: 0 });
    return moved ? { kind: 'queued', seconds: 0 } : lost;
  }
  const done = await endGeneration(ctx.deps, row, {
    state: 'failed',
    code: 'task_gone',
    errorClass: 'SYSTEM',
    detail: `${provider.id} no longer knows the task`,
    mayHaveCost: true,
  });
  return done ? ended : lost;
}

async function cancelled(provider: Provider, task: TaskRef, signal: AbortSignal): Promise<boolean> {
  if (provider.cancel === undefined) return false;
  return (await provider.cancel(task, signal)) === 'cancelled';
}

async function endCancelled(ctx: WorkContext, row: GenerationRow): Promise<Next> {
  const asked = row.cancel_requested_at !== null;
  const done = await endGeneration(ctx.deps, row, {
    state: asked ? 'cancelled' : 'failed',
    code: asked ? 'cancelled' : 'cancelled_elsewhere',
    errorClass: asked ? 'CANCELLED' : 'SYSTEM',
    detail: asked ? 'cancelled by the person while it ran' : 'its provider says it was cancelled',
    mayHaveCost: !asked,
  });
  return done ? ended : lost;
}

/** Only where trying anew is harmless: anything else is waited for to its deadline. */
async function hasRunTooLong(ctx: WorkContext, row: ClaimedRow, provider: Provider): Promise<boolean> {
  const limit = (await models(ctx.deps.db)).get(row.model_id)?.runTimeoutSeconds ?? null;
  if (limit === null || row.running_at === null || row.claimed_at === undefined) return false;
  if (!provider.capabilities.idempotentSubmit) return false;
  return row.claimed_at.getTime() - row.running_at.getTime() > limit * 1000;
}

async function stopAndFail(
  ctx: WorkContext,
  row: GenerationRow,
  attempt: AttemptRow,
  provider: Provider,
  task: TaskRef,
): Promise<Next> {
  await provider.cancel?.(task, AbortSignal.timeout(ask_timeout_ms));
  const error = { code: 'run_timeout', message: 'it ran longer than one attempt may, and was stopped' };
  return failAttempt(ctx, row, attempt, { error, errorClass: 'SYSTEM' });
}

/** A local render is looked at as often as its model says; everybody else is asked no oftener than is of use. */
async function secondsToNextPoll(ctx: WorkContext, row: ClaimedRow): Promise<number> {
  const { db } = ctx.deps;
  const { capabilities } = ctx.deps.providers.get(row.provider_id);
  const pollSeconds = makerOf(await models(db), row)?.pollSeconds ?? 10;
  const now = row.claimed_at ?? row.running_at;
  if (!capabilities.paid || now === null) return pollSeconds;
  return pollDelay({
    ranFor: (now.getTime() - (row.running_at ?? now).getTime()) / 1000,
    untilDeadline: (row.deadline_at.getTime() - now.getTime()) / 1000,
    pace: await paceOf(ctx, row),
    pollSeconds,
    round: await questionRound(db, row.provider_id),
    callbacksHealthy: capabilities.webhooks && (await callbacksAreHealthy(db, row.provider_id)),
    random: Math.random(),
  });
}

async function paceOf(ctx: WorkContext, row: GenerationRow): Promise<{ median: number; p95: number } | null> {
  const pace = await readRunPace(ctx.deps.db, row.model_id);
  const units = row.quoted_units;
  return pace === null ? null : { median: pace.median * units, p95: pace.p95 * units };
}

/** Its provider has just taken it: asked at once only where that may be of use already. */
export async function followUp(ctx: WorkContext, claimed: Claimed & { attempt: AttemptRow }): Promise<Next> {
  const { row } = claimed;
  const pace = await paceOf(ctx, row);
  const pollSeconds = makerOf(await models(ctx.deps.db), row)?.pollSeconds ?? 10;
  const { paid } = ctx.deps.providers.get(row.provider_id).capabilities;
  const tooSoon = paid && pace !== null && pace.median * 0.8 > pollSeconds;
  // A callback may have overtaken the submit's own answer.
  return tooSoon && row.callbacks === 0 ? wait(ctx, row, null) : poll(ctx, claimed);
}

async function wait(ctx: WorkContext, row: ClaimedRow, progress: number | null): Promise<Next> {
  const seconds = await secondsToNextPoll(ctx, row);
  const kept = await endStep(ctx.deps.db, row, {
    seconds,
    worker: ctx.worker,
    progress,
  });
  return kept ? { kind: 'wait', seconds, local: row.bound_to !== null } : lost;
}

/** All workers together ask the vendor no oftener than it allows. What could not be asked now is not put off by much. */
async function waitForToken(ctx: WorkContext, row: ClaimedRow, notYet: number): Promise<Next> {
  const seconds = placeInLine(ctx.deps.db, row.provider_id, 'status') ?? notYet;
  takePlace(ctx.deps.db, row.provider_id, 'status', seconds);
  const kept = await endStep(ctx.deps.db, row, { seconds, worker: ctx.worker });
  return kept ? { kind: 'wait', seconds, local: row.bound_to !== null } : lost;
}

/** The question failed, which says nothing of the task: it is asked again, later each time, until the deadline. */
async function askAgain(ctx: WorkContext, claimed: Claimed, error: ProviderError): Promise<Next> {
  const { row } = claimed;
  await holdBackQuestions(ctx.deps, ctx.deps.providers.get(row.provider_id), error.error, row.claimed_at);
  const seconds = backoffSeconds(row.step_failures + 1, Math.random());
  ctx.deps.log.warn(
    { generation: row.id, provider: row.provider_id, detail: describe(error.error), seconds },
    'a provider could not be asked',
  );
  const kept = await endStep(ctx.deps.db, row, {
    seconds,
    worker: ctx.worker,
    failed: true,
  });
  return kept ? { kind: 'wait', seconds, local: row.bound_to !== null } : lost;
}
