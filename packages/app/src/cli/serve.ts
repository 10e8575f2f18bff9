import { readConfig } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { startHoldfast } from '../start.ts';
import { ensureWebBuilt } from '@holdfast/web/build';
import { say } from './run.ts';

/** `holdfast start` and `holdfast worker`: runs until SIGTERM or Ctrl-C, then stops in good order. */
export async function serve(parts: { server: boolean; worker: boolean }): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger({ level: config.logLevel, name: 'holdfast' });
  const stopping = stopSignal();
  if (parts.server) await ensureWebBuilt();
  const running = await startHoldfast({ config, log, say, ...parts });
  if (running.server) say(`Holdfast is open at ${running.context.config.publicUrl} (Ctrl-C stops it).`);
  else say('The worker is working (Ctrl-C stops it).');
  await stopping;
  say('Stopping: finishing what is under way. Ctrl-C again ends at once; nothing is lost either way.');
  await running.stop();
}

/** Resolves at the first SIGTERM or Ctrl-C; the second one ends the process. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
