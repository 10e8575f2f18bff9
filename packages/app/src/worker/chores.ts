import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../platform/logger.ts';

/** Something that is looked at every so often, by every worker: whoever does it takes what is due so that nobody else does it too. */
export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  /** Short, and safe to end at any point. The signal is aborted when the worker stops. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Does each chore at once and then every so often, never twice at the same time in this process; a chore that takes long or fails holds up
 * no other. Errors are logged, and the next time tries again.
 * @returns when all have ended, after the signal was aborted
 */
export async function doChores(chores: readonly Chore[], log: Logger, signal: AbortSignal): Promise<void> {
  await Promise.all(chores.map((chore) => repeat(chore, log, signal)));
}

async function repeat(chore: Chore, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await chore.run(signal);
    } catch (error) {
      if (!signal.aborted)
        log.warn({ err: error, chore: chore.name }, 'a chore failed; the next time tries again');
    }
    // Jittered, so that workers that were started together don't all ask at once.
    await pause(chore.everyMs * (0.9 + 0.2 * Math.random()), undefined, { signal }).catch(() => undefined);
  }
}
