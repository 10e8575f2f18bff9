import { once } from 'node:events';
import { enableCompileCache } from 'node:module';
import { keepHeapSmall } from '../src/platform/heap.ts';

/**
 * A server (`server`) or a worker (`worker`) as `holdfast start --no-worker` and `holdfast worker` are, without building the web app.
 * Says `ready` when it works.
 */
keepHeapSmall();
enableCompileCache();
const [{ readConfig }, { createLogger }, { startHoldfast }] = await Promise.all([
  import('../src/platform/config.ts'),
  import('../src/platform/logger.ts'),
  import('../src/start.ts'),
]);
const part = process.argv[2];
const config = readConfig(process.env);
const asked = once(process, 'SIGTERM');
const log = createLogger({ level: config.logLevel, name: part });
const running = await startHoldfast({ config, log, server: part === 'server', worker: part === 'worker' });
process.send?.('ready');
await asked;
await running.stop();
process.disconnect?.();
