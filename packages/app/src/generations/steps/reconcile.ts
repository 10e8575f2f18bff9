import { ProviderError } from '../../providers/port.ts';
import { endStep, readCallbacks } from '../claims.ts';
import { backoffSeconds } from '../rules.ts';
import { recordTask, toRunning } from '../transitions.ts';
import { lost } from '../work-context.ts';
import type { Claimed, Next, WorkContext } from '../work-context.ts';
import { failAttempt } from './fail-attempt.ts';
import { poll } from './poll.ts';
import { attemptOf } from './attempt-of.ts';

const ask_timeout_ms = 30_000;

/** After a submit whose outcome nobody knows: asks its provider whether it has it. Never submits again by itself. */
export async function reconcile(ctx: WorkContext, claimed: Claimed): Promise<Next> {
  const { deps } = ctx;
  const { row, attempt, signal } = claimed;
  if (attempt === null) throw new Error(`${row.id} has an unknown outcome, and no attempt`);
  const provider = deps.providers.get(row.provider_id);
  if (provider.capabilities.webhooks) await readCallbacks(deps.db, attempt.token);
  const found = await ask();
  if (found === 'cannot_tell') {
    const seconds = 10 + backoffSeconds(row.step_failures + 1, Math.random());
    const kept = await endStep(deps.db, row, {
      seconds,
      worker: ctx.worker,
      failed: true,
    });
    return kept ? { kind: 'wait', seconds, local: false } : lost;
  }
  if (found === 'absent') {
    return failAttempt(ctx, row, attempt, {
      error: { code: 'never_started', message: 'its provider has proven that it never started' },
      errorClass: 'SYSTEM',
    });
  }
  await recordTask(deps.db, {
    token: attempt.token,
    taskId: found.found.taskId,
    urls: found.found.urls ?? null,
  });
  const running = await toRunning(deps.db, row);
  if (running === null) return lost;
  deps.log.info({ generation: row.id, attempt: attempt.id, task: found.found.taskId }, 'adopted');
  const adopted = { ...attempt, task_id: found.found.taskId, task_urls: found.found.urls ?? null };
  return poll(ctx, { ...claimed, row: running, attempt: adopted });

  async function ask(): Promise<Awaited<ReturnType<NonNullable<typeof provider.reconcile>>>> {
    if (attempt === null || provider.reconcile === undefined) return 'cannot_tell';
    // A callback, or a submit that was answered late, may have told its name meanwhile.
    if (attempt.task_id !== null) {
      return {
        found: { taskId: attempt.task_id, attemptToken: attempt.token, model: row.provider_model },
      };
    }
    const asked = AbortSignal.any([signal, AbortSignal.timeout(ask_timeout_ms)]);
    try {
      const request = await attemptOf(ctx, { row, attempt });
      return await provider.reconcile({ ...request, submittedAt: attempt.submit_started_at }, asked);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      deps.log.warn({ generation: row.id, err: error }, 'a provider could not be asked');
      return 'cannot_tell';
    }
  }
}
