import { readConfig } from './platform/config.ts';
import { HoldfastError } from './platform/errors.ts';
import { createLogger } from './platform/logger.ts';
import { startHoldfast } from './start.ts';
import type { Running } from './start.ts';

/**
 * Runs server, worker or both from the environment's settings until the process is asked to stop (SIGTERM, SIGINT, SIGHUP); a second
 * signal ends it at once. What can't start is said in a sentence.
 * @returns the exit code
 */
export async function runUntilStopped(
  parts: { server: boolean; worker: boolean },
  started?: (running: Running) => void,
): Promise<number> {
  const stopAsked = nextSignal();
  let running: Running;
  try {
    const config = readConfig(process.env);
    const log = createLogger({ level: config.logLevel });
    running = await startHoldfast({ ...parts, config, log, say: (sentence) => console.error(sentence) });
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    console.error(error.message);
    return 1;
  }
  started?.(running);
  await stopAsked;
  void nextSignal().then(() => process.exit(130));
  await running.stop();
  return 0;
}

function nextSignal(): Promise<NodeJS.Signals> {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  return new Promise((resolve) => {
    const heard = (signal: NodeJS.Signals) => {
      for (const each of signals) process.off(each, heard);
      resolve(signal);
    };
    for (const each of signals) process.on(each, heard);
  });
}
