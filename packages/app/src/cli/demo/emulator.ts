import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HoldfastError } from '../../platform/errors.ts';

const emulator = join(import.meta.dirname, '../../../emulators/main.ts');
const start_timeout_ms = 30_000;

/** A program of its own: nothing of the product knows emulators. */
export async function startEmulator(
  vendor: 'stripe' | 'telegram',
): Promise<{ url: string; stop: () => void }> {
  const child = spawn(process.execPath, [emulator, vendor], { stdio: ['ignore', 'pipe', 'inherit'] });
  const started = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const url = /is emulated at (\S+)/.exec(line)?.[1];
    if (url !== undefined) started.resolve(url);
  });
  child.once('exit', () => started.reject(new HoldfastError('demo_failed', `The emulated ${vendor} ended.`)));
  const timer = setTimeout(
    () => started.reject(new HoldfastError('demo_failed', `The emulated ${vendor} did not start in time.`)),
    start_timeout_ms,
  );
  try {
    return { url: await started.promise, stop: () => void child.kill() };
  } catch (error) {
    child.kill();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
