import { setTimeout as pause } from 'node:timers/promises';
import { isConnectionLoss } from '../../platform/database.ts';
import { isRemoved } from '../../platform/test-switch.ts';
import type { AttemptRow, ClaimedRow, GenerationRow } from '../rows.ts';
import { claimDue, endStep, liveAttempt, putOffUnclaimed, renewClaim } from './claims.ts';
import { endGeneration } from '../end/end.ts';
import { byCallback, unknownSeconds } from './find-task.ts';
import type { FoundTask } from './find-task.ts';
import { pickUp } from '../pick-up/pick-up.ts';
import { settleProbes } from '../pick-up/probes.ts';
import { placeInLine, takePlace } from '../../providers/health/tokens.ts';
import { ProviderError } from '../../providers/port.ts';
import type { Provider } from '../../providers/port.ts';
import {
  backoffSeconds,
  claimRenewalSeconds,
  claimSeconds,
  maxStepFailures,
  submitMarginSeconds,
} from '../rules.ts';
import { models } from '../catalogue/catalogue.ts';
import { ingest } from './ingest.ts';
import { poll, taskGone } from './poll.ts';
import { adopt, reconcile } from './reconcile.ts';
import { submit } from './submit.ts';
import { toQueued, toUnknown } from './transitions.ts';
import { lost } from './work-context.ts';
import { providerIds } from './work-context.ts';
import type { Claimed, Next, WorkContext } from './work-context.ts';

const ask_timeout_ms = 30_000;

/**
 * Takes the next generation of a provider from its queue and submits it. Null where there was none to take.
 * @param found called as soon as there is one
 * @returns what follows, for the caller to see to
 */
export async function startNext(
  ctx: WorkContext,
  provider: Provider,
  found: () => void = () => undefined,
): Promise<{ id: string; next: Next } | null> {
  const picked = await pickUp(ctx, provider);
  if (picked === null) return null;
  found();
  const { row } = picked;
  ctx.deps.metrics.pickedUp({
    provider: provider.id,
    waitedSeconds: ((row.picked_up_at?.getTime() ?? 0) - row.created_at.getTime()) / 1000,
  });
  const next = await underClaim(ctx, row, picked.attempt, 'submit', (claimed) =>
    submit(ctx, claimed, picked),
  );
  if (picked.probe !== null) await settleProbes(ctx.deps);
  return { id: row.id, next };
}

/** Takes a generation's next step, where it is due and nobody else has it. */
export async function takeStep(ctx: WorkContext, id: string): Promise<Next> {
  const putOffBy = await putOffQuestion(ctx, id);
  if (putOffBy !== null) return { kind: 'wait', seconds: putOffBy, local: false };
  const row = await claimDue(ctx.deps.db, id, {
    worker: ctx.worker,
    providers: providerIds(ctx),
  });
  if (row === null) return lost;
  const attempt = await liveAttempt(ctx.deps.db, id);
  return underClaim(ctx, row, attempt, row.state, (claimed) => step(ctx, claimed));
}

/** While a provider may not be asked, questions to it are put off without being claimed. Gives the seconds; null for whatever can be taken. */
async function putOffQuestion({ deps }: WorkContext, id: string): Promise<number | null> {
  const waits = deps.providers.all().flatMap(({ id: providerId }) => {
    const seconds = placeInLine(deps.db, providerId, 'status');
    return seconds === null ? [] : [{ providerId, seconds }];
  });
  if (waits.length === 0) return null;
  const putOff = await putOffUnclaimed(deps.db, id, waits);
  if (putOff === null) return null;
  takePlace(deps.db, putOff.providerId, 'status', putOff.seconds);
  return putOff.seconds;
}

async function step(ctx: WorkContext, claimed: Claimed): Promise<Next> {
  const { row } = claimed;
  switch (row.state) {
    case 'submitting':
      return takeOverSubmit(ctx, claimed);
    case 'running':
      return isElsewhere(ctx, row) ? takeOverRender(ctx, claimed) : poll(ctx, claimed);
    case 'ingesting':
      return ingest(ctx, claimed);
    case 'outcome_unknown':
      return reconcile(ctx, claimed);
    case 'queued':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      throw new Error(`${row.id} is ${row.state}: it has no step to claim`);
    default:
      throw new Error(`unknown state ${String(row.state satisfies never)}`);
  }
}

/** A worker died between its marker and the note of the answer: the request may have left. */
async function takeOverSubmit(ctx: WorkContext, claimed: Claimed): Promise<Next> {
  const { row, attempt } = claimed;
  if (attempt === null) throw new Error(`${row.id} is being submitted, and has no attempt`);
  const { db, providers, log } = ctx.deps;
  if (providers.get(row.provider_id).capabilities.idempotentSubmit || isRemoved('marker')) {
    log.info({ generation: row.id, attempt: attempt.id }, 'taken up again');
    const moved = await toQueued(db, row, { afterSeconds: 0 });
    return moved ? { kind: 'queued', seconds: 0 } : lost;
  }
  const named = row.callbacks > 0 ? await byCallbackIfAsked(ctx, claimed, attempt) : null;
  if (named !== null) return adopt(ctx, { ...claimed, attempt }, named);
  const timeout = (await models(db)).get(row.model_id)?.submitTimeoutSeconds ?? 60;
  const { rows } = await db.query<{ left: number }>(
    `select extract(epoch from $1::timestamptz + make_interval(secs => $2) - holdfast.clock())::double precision as left`,
    [attempt.submit_started_at, timeout + submitMarginSeconds],
  );
  const left = rows[0]?.left ?? 0;
  if (left > 0) {
    // Whoever sent it may still be waiting for the answer.
    const kept = await endStep(db, row, { seconds: left, worker: ctx.worker });
    return kept ? { kind: 'wait', seconds: left, local: false } : lost;
  }
  log.warn({ generation: row.id, attempt: attempt.id }, 'the outcome of a submit is unknown');
  const moved = await toUnknown(db, row, {
    attemptId: attempt.id,
    code: 'worker_lost',
    detail: 'the worker that submitted it was lost before it noted the answer',
    afterSeconds: 0,
    unknownSeconds: await unknownSeconds(ctx, row, providers.get(row.provider_id)),
  });
  return moved ? { kind: 'wait', seconds: 0, local: false } : lost;
}

/** A callback may tell what the lost worker could not note any more. */
async function byCallbackIfAsked(
  ctx: WorkContext,
  { row, signal }: Claimed,
  attempt: AttemptRow,
): Promise<FoundTask | null> {
  if (attempt.task_id !== null) return { taskId: attempt.task_id, urls: attempt.task_urls };
  try {
    return await byCallback(
      ctx,
      row,
      attempt,
      AbortSignal.any([signal, AbortSignal.timeout(ask_timeout_ms)]),
    );
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    ctx.deps.log.warn({ generation: row.id, err: error }, 'a provider could not be asked');
    return null;
  }
}

function isElsewhere(ctx: WorkContext, row: GenerationRow): boolean {
  return row.bound_to !== null && row.bound_to !== ctx.worker.id;
}

/** The worker that rendered it hasn't been heard of: what it left may be whole; otherwise it is rendered again, in turn. */
async function takeOverRender(ctx: WorkContext, claimed: Claimed): Promise<Next> {
  const { row, attempt } = claimed;
  const provider = ctx.deps.providers.get(row.provider_id);
  ctx.deps.log.info(
    { generation: row.id, attempt: attempt?.id, lost_worker: row.bound_to },
    'a render is taken up again',
  );
  return taskGone(ctx, row, provider);
}

/** Runs a step while its claim is kept alive; an unexpected error puts the step off. */
async function underClaim(
  ctx: WorkContext,
  row: ClaimedRow,
  attempt: AttemptRow | null,
  name: string,
  work: (claimed: Claimed) => Promise<Next>,
): Promise<Next> {
  const { deps } = ctx;
  const started = performance.now();
  const lostClaim = new AbortController();
  const renewal = setInterval(() => {
    renewClaim(deps.db, row, ctx.worker).then(
      (kept) => kept || lostClaim.abort(),
      (error: unknown) => deps.log.warn({ err: error, generation: row.id }, 'a claim could not be renewed'),
    );
  }, claimRenewalSeconds * 1000);
  let ok = false;
  try {
    const next = await work({ row, attempt, signal: lostClaim.signal });
    ok = true;
    return next;
  } catch (error) {
    deps.log.error({ err: error, generation: row.id, step: name }, 'a step failed');
    return await putOff(ctx, row, error);
  } finally {
    clearInterval(renewal);
    deps.metrics.step({
      step: name,
      provider: row.provider_id,
      seconds: (performance.now() - started) / 1000,
      ok,
    });
  }
}

/** Puts a step off; where the database is away, tries until its claim has run out: after that the sweeper finds the row. */
async function putOff(ctx: WorkContext, row: GenerationRow, error: unknown): Promise<Next> {
  for (let look = 0; ; look += 1) {
    try {
      return await writePutOff(ctx, row, error);
    } catch (failure) {
      if (look < claimSeconds && isConnectionLoss(failure)) {
        await pause(1_000);
        continue;
      }
      ctx.deps.log.warn({ err: failure, generation: row.id }, 'a step could not be put off');
      return lost;
    }
  }
}

async function writePutOff(ctx: WorkContext, row: GenerationRow, error: unknown): Promise<Next> {
  const { deps } = ctx;
  const { rows } = await deps.db.query<GenerationRow>(
    'select * from holdfast.generation where id = $1 and claim = $2 and claimed_until is not null',
    [row.id, row.claim],
  );
  const now = rows[0];
  if (now === undefined) return lost;
  if (now.step_failures + 1 >= maxStepFailures && now.state === 'ingesting') {
    const done = await endGeneration(deps, now, {
      state: 'failed',
      code: 'output_unavailable',
      errorClass: 'SYSTEM',
      detail: `its step failed ${maxStepFailures} times in a row: ${String(error)}`,
      mayHaveCost: true,
    });
    return done ? { kind: 'ended' } : lost;
  }
  const seconds = backoffSeconds(now.step_failures + 1, Math.random());
  const kept = await endStep(deps.db, now, { seconds, worker: ctx.worker, failed: true });
  return kept ? { kind: 'wait', seconds, local: now.bound_to !== null } : lost;
}
