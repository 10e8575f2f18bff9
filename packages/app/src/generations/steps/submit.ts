import { setTimeout as pause } from 'node:timers/promises';
import { ZodError } from 'zod';
import { isConnectionLoss } from '../../platform/database.ts';
import { ProviderError } from '../../providers/port.ts';
import type { Attempt, Provider, RawProviderError, SubmitResult } from '../../providers/port.ts';
import { failpoint } from '../failpoint.ts';
import { unknownSeconds } from './find-task.ts';
import type { PickedUp } from '../pick-up/pick-up.ts';
import { moderateAttempt } from '../accept/moderate.ts';
import { markerMaxAgeMs, maxPickups } from '../rules.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';
import { toRunning, toUnknown } from './transitions.ts';
import { ended, lost } from './work-context.ts';
import type { Claimed, Next, WorkContext } from './work-context.ts';
import { endGeneration } from '../end/end.ts';
import { models } from '../catalogue/catalogue.ts';
import { attemptOf } from './attempt-of.ts';
import { failAttempt } from './fail-attempt.ts';
import { followUp } from './poll.ts';

/** How soon an unknown outcome is asked about first. */
const reconcile_after_seconds = 5;

/**
 * The one request of an attempt whose marker is committed. What can't be proven to have started nothing is never sent again, unless
 * the provider allows that.
 */
export async function submit(ctx: WorkContext, claimed: Claimed, picked: PickedUp): Promise<Next> {
  const { deps } = ctx;
  const { row, attempt } = picked;
  failpoint('submit.marker_written');
  const provider = deps.providers.get(row.provider_id);
  if (row.pickups > maxPickups && provider.capabilities.idempotentSubmit) {
    const done = await endGeneration(deps, row, {
      state: 'failed',
      code: 'interrupted',
      errorClass: 'SYSTEM',
      detail: `picked up ${row.pickups} times`,
      mayHaveCost: true,
    });
    return done ? ended : lost;
  }
  let asked: Attempt;
  try {
    asked = await attemptOf(ctx, picked);
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    return notPrepared(ctx, row, attempt, error);
  }
  const declined = await moderateAttempt(deps, row, claimed.signal);
  if (declined !== null) return failAttempt(ctx, row, attempt, declined);
  const age = performance.now() - picked.markedAtMs;
  if (age > markerMaxAgeMs && !provider.capabilities.idempotentSubmit) {
    return failAttempt(ctx, row, attempt, {
      error: { code: 'marker_stale', message: `the marker was ${Math.round(age)} ms old: nothing was sent` },
      errorClass: 'TRANSIENT',
    });
  }
  const timeoutSeconds = (await models(deps.db)).get(row.model_id)?.submitTimeoutSeconds ?? 60;
  const result = await submitOnce(provider, asked, timeoutSeconds);
  failpoint('submit.answered');
  switch (result.kind) {
    case 'accepted': {
      const named = { token: attempt.token, taskId: result.taskId, urls: result.urls ?? null };
      const running = await holdOnTo(() => toRunning(deps.db, row, named));
      if (running === 'taken') {
        const message = `its provider answered with task ${result.taskId}, which is another attempt's`;
        return unknown(ctx, picked, provider, { code: 'task_of_another', message });
      }
      failpoint('submit.recorded');
      deps.log.info(
        { generation: row.id, attempt: attempt.id, provider: provider.id, task: result.taskId },
        'submitted',
      );
      if (running === null) return lost;
      const task = { ...attempt, task_id: result.taskId, task_urls: result.urls ?? null };
      return followUp(ctx, { ...claimed, row: running, attempt: task });
    }
    case 'rejected':
      return failAttempt(ctx, row, attempt, {
        error: result.error,
        errorClass: provider.classify(result.error),
      });
    case 'unknown':
      return unknown(ctx, picked, provider, result.error);
    default:
      throw new Error(`unknown answer to a submit: ${JSON.stringify(result satisfies never)}`);
  }
}

const outage_seconds = 60;

/** A task's name that only this process knows: it is told again while the database is away, since losing it would lose money. */
async function holdOnTo<T>(note: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + outage_seconds * 1000; ; await pause(300)) {
    try {
      return await note();
    } catch (error) {
      if (!isConnectionLoss(error) || performance.now() > until) throw error;
    }
  }
}

async function unknown(
  ctx: WorkContext,
  { row, attempt }: PickedUp,
  provider: Provider,
  error: RawProviderError,
): Promise<Next> {
  ctx.deps.log.warn(
    { generation: row.id, attempt: attempt.id, provider: provider.id, error },
    'the outcome of a submit is unknown',
  );
  const moved = await toUnknown(ctx.deps.db, row, {
    attemptId: attempt.id,
    code: error.code,
    detail: error.message,
    afterSeconds: reconcile_after_seconds,
    unknownSeconds: await unknownSeconds(ctx, row, provider),
  });
  return moved ? { kind: 'wait', seconds: reconcile_after_seconds, local: false } : lost;
}

/** The request could not even be put together: nothing has left, whatever the marker says. */
function notPrepared(
  ctx: WorkContext,
  row: GenerationRow,
  attempt: AttemptRow,
  error: unknown,
): Promise<Next> {
  // Only the catalogue can be so wrong that no request comes out of it: the operator's to mend.
  const mapping = error instanceof ZodError;
  const message = error instanceof Error ? error.message : String(error);
  return failAttempt(ctx, row, attempt, {
    error: { code: mapping ? 'mapping_invalid' : 'input_unreadable', message: message.slice(0, 1_000) },
    errorClass: mapping ? 'OPERATOR_CONFIG' : 'SYSTEM',
  });
}

/** The port promises not to throw; an adapter that does so anyway has said nothing of what the provider did. */
async function submitOnce(
  provider: Provider,
  attempt: Attempt,
  timeoutSeconds: number,
): Promise<SubmitResult> {
  try {
    // Not the claim's signal: a request that has left is better answered than cut off.
    return await provider.submit(attempt, AbortSignal.timeout(timeoutSeconds * 1000));
  } catch (error) {
    const raw =
      error instanceof ProviderError ? error.error : { code: 'adapter_threw', message: String(error) };
    return { kind: 'unknown', error: raw };
  }
}
