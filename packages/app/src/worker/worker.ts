import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { GenerationDeps } from '../generations/deps.ts';
import { enforceDeadlines, forgetQuotes, handBack, takeOverdue } from '../generations/end/sweep.ts';
import type { WorkContext } from '../generations/steps/work-context.ts';
import { removeInterrupted } from '../delivery/remove-interrupted.ts';
import { sweepCredits } from '../credits/jobs.ts';
import { newId } from '../platform/ids.ts';
import { isRemoved } from '../platform/test-switch.ts';
import { createBoss, queue_name } from './queue.ts';
import type { WakeUp } from './queue.ts';
import { doChores } from './chores.ts';
import type { Chore } from './chores.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner.ts';

/** Works generations until it is stopped. Any number may run, in any number of processes and machines. */
export interface Worker {
  readonly id: string;
  /** Takes no new work, lets steps end (at most `graceSeconds`, default 20), hands renders back to be taken up elsewhere. */
  stop(options?: { graceSeconds?: number }): Promise<void>;
}

export interface WorkerOptions {
  readonly databaseUrl: string;
  /** Local renders at once on this machine, summed over its workers. Default: what the renderer says. */
  readonly rendersPerMachine?: number;
  /** What its workers call this machine. Default: its host name. */
  readonly machine?: string;
  /** How often it looks for what is overdue or past its deadline. Default 1,000. */
  readonly sweepMs?: number;
  /** What else it sees to. */
  readonly chores?: readonly Chore[];
}

const steps_abreast = 8;
/** Overdue steps are taken in smaller parts while so many are under way. */
const most_steps = 64;
const credit_sweep_ms = 60_000;

/** Starts working at once; what a worker that died has left is taken up within seconds. */
export async function startWorker(deps: GenerationDeps, options: WorkerOptions): Promise<Worker> {
  const id = newId('wrk');
  const log = deps.log.child({ worker: id });
  const ctx: WorkContext = {
    deps: { ...deps, log },
    worker: { id, machine: options.machine ?? hostname() },
    ...(options.rendersPerMachine === undefined ? {} : { rendersPerMachine: options.rendersPerMachine }),
  };
  const runner = createRunner(ctx, { abreast: steps_abreast });
  const leave = deps.wake.near?.((providerId) => runner.offer(providerId));
  const boss = createBoss({ databaseUrl: options.databaseUrl, log }, 'worker');
  await boss.start();
  await boss.work<WakeUp>(
    queue_name,
    {
      localConcurrency: steps_abreast,
      batchSize: 1,
      pollingIntervalSeconds: 2,
      notifyPollingIntervalSeconds: 2,
    },
    async (jobs) => {
      for (const { data } of jobs) {
        // Picking up goes on for as long as something waits: the job that said so needn't.
        if (data.step === null) void runner.pickUp();
        else await runner.step(data.step);
      }
    },
  );
  await removeInterrupted().catch((error: unknown) => {
    log.warn({ err: error }, 'what earlier processes left half-fetched could not be removed');
  });
  const stopped = new AbortController();
  const sweeping = sweep(ctx, runner, options.sweepMs ?? 1_000, stopped.signal);
  const chores = doChores(options.chores ?? [], log, stopped.signal);
  log.info({ machine: ctx.worker.machine }, 'worker started');
  return {
    id,
    async stop({ graceSeconds = 20 } = {}) {
      leave?.();
      stopped.abort();
      const quiet = await runner.stop(graceSeconds * 1000);
      await boss.stop({ graceful: false });
      await Promise.all([sweeping, chores]);
      const handed = await handBack(ctx);
      log.info({ quiet, handed_back: handed }, 'worker stopped');
    },
  };
}

/**
 * The rows are the truth: whatever wake-ups were lost, this finds what is due. Errors are logged and the next look tries again, also
 * while the database is away.
 */
async function sweep(ctx: WorkContext, runner: Runner, everyMs: number, signal: AbortSignal): Promise<void> {
  let creditsSweptAt = performance.now();
  while (!signal.aborted) {
    try {
      if (!isRemoved('sweeper')) await enforceDeadlines(ctx);
      const room = isRemoved('sweeper') ? 0 : Math.max(0, most_steps - runner.busy());
      const overdue = await takeOverdue(ctx, room);
      if (overdue.length > 0) ctx.deps.log.info({ generations: overdue }, 'overdue steps are taken');
      for (const id of overdue) void runner.step(id);
      void runner.pickUp();
      if (performance.now() - creditsSweptAt > credit_sweep_ms) {
        creditsSweptAt = performance.now();
        await sweepCredits(ctx.deps.credits);
        await forgetQuotes(ctx.deps.db);
      }
    } catch (error) {
      ctx.deps.log.warn({ err: error }, 'a sweep failed; the next one tries again');
    }
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
