import { models } from '../catalogue/catalogue.ts';
import { endStep, readCallbacks } from './claims.ts';
import { endGeneration } from '../end/end.ts';
import { findTask } from './find-task.ts';
import type { FoundTask } from './find-task.ts';
import type { AttemptRow, ClaimedRow } from '../rows.ts';
import { backoffSeconds } from '../rules.ts';
import { resubmitByPolicy, toRunning } from './transitions.ts';
import { ended, lost } from './work-context.ts';
import type { Claimed, Next, WorkContext } from './work-context.ts';
import { makerOf } from './attempt-of.ts';
import { failAttempt } from './fail-attempt.ts';
import { poll } from './poll.ts';

/** Before that, a callback may well be on its way: what is made anew is paid for twice. */
const resubmit_after_seconds = 60;

/**
 * After a submit whose outcome nobody knows: asks its provider whether it has it, until that is no longer of use. Never submits again by itself, but where
 * the model's policy says that its cost may be risked twice.
 */
export async function reconcile(ctx: WorkContext, claimed: Claimed): Promise<Next> {
  const { deps } = ctx;
  const { row, attempt, signal } = claimed;
  if (attempt === null) throw new Error(`${row.id} has an unknown outcome, and no attempt`);
  const provider = deps.providers.get(row.provider_id);
  if (provider.capabilities.webhooks) await readCallbacks(deps.db, attempt.token);
  const found = await findTask(ctx, row, attempt, signal);
  if (found === 'absent') {
    return failAttempt(ctx, row, attempt, {
      error: { code: 'never_started', message: 'its provider has proven that it never started' },
      errorClass: 'SYSTEM',
    });
  }
  if (found === 'cannot_tell') return goOn(ctx, row, attempt);
  return adopt(ctx, { ...claimed, attempt }, found);
}

/** The task is the attempt's: it goes on as if the submit had been answered. One that another attempt has can't be told apart from it. */
export async function adopt(
  ctx: WorkContext,
  claimed: Claimed & { attempt: AttemptRow },
  found: FoundTask,
): Promise<Next> {
  const { deps } = ctx;
  const { row, attempt } = claimed;
  const running = await toRunning(deps.db, row, { token: attempt.token, ...found });
  if (running === 'taken') {
    deps.log.warn({ generation: row.id, task: found.taskId }, "a task that was found is another attempt's");
    return goOn(ctx, row, attempt);
  }
  if (running === null) return lost;
  deps.log.info({ generation: row.id, attempt: attempt.id, task: found.taskId }, 'adopted');
  const adopted = { ...attempt, task_id: found.taskId, task_urls: found.urls };
  return poll(ctx, { ...claimed, row: running, attempt: adopted });
}

async function goOn(ctx: WorkContext, row: ClaimedRow, attempt: AttemptRow): Promise<Next> {
  const now = row.claimed_at ?? attempt.submit_started_at;
  const left = secondsBetween(now, attempt.unknown_until ?? row.deadline_at);
  if (row.state === 'outcome_unknown' && left <= 0) {
    const done = await endGeneration(ctx.deps, row, {
      state: 'failed',
      code: 'outcome_unknown',
      errorClass: 'SYSTEM',
      detail: 'nobody could say whether its provider has started it, for as long as that could be learned',
      mayHaveCost: true,
    });
    return done ? ended : lost;
  }
  const risk = row.state === 'outcome_unknown' ? await riskOf(ctx, row, attempt) : null;
  const wait = resubmit_after_seconds - secondsBetween(attempt.submit_started_at, now);
  if (risk !== null && wait <= 0) {
    const moved = await resubmitByPolicy(ctx.deps.db, row, { id: attempt.id, costUsd: risk });
    if (!moved) return lost;
    ctx.deps.log.warn(
      { generation: row.id, attempt: attempt.id, risked_usd: risk },
      "made anew by the model's policy, though its outcome is unknown",
    );
    return { kind: 'queued', seconds: 0 };
  }
  const pause = 10 + backoffSeconds(row.step_failures + 1, Math.random());
  const seconds = Math.max(0.5, Math.min(pause, left, risk === null ? pause : wait));
  const kept = await endStep(ctx.deps.db, row, { seconds, worker: ctx.worker, failed: true });
  return kept ? { kind: 'wait', seconds, local: false } : lost;
}

/** What making it anew may cost twice, where the model's policy allows that much and it was not done before. Null: it is not made anew. */
async function riskOf(ctx: WorkContext, row: ClaimedRow, attempt: AttemptRow): Promise<number | null> {
  const model = makerOf(await models(ctx.deps.db), row);
  if (model?.maxUnknownCostUsd == null || model.providerPriceUsd === null) return null;
  const cost = model.providerPriceUsd * row.quoted_units;
  if (cost > model.maxUnknownCostUsd) return null;
  const { rows } = await ctx.deps.db.query<{ before: boolean }>({
    name: 'made_anew_before',
    text: `select exists (select from holdfast.attempt
                           where generation_id = $1 and id <> $2 and resubmitted_by is not null) as before`,
    values: [row.id, attempt.id],
  });
  return rows[0]?.before === true ? null : cost;
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1000;
}
