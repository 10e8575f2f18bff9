import { once } from 'node:events';
import { readConfig } from '../src/platform/config.ts';
import { createLogger } from '../src/platform/logger.ts';
import { startHoldfast } from '../src/start.ts';

/**
 * A server (`server`) or a worker (`worker`) as `holdfast start --no-worker` and `holdfast worker` are, without building the web app.
 * Says `ready` when it works.
 */
const part = process.argv[2];
const config = readConfig(process.env);
const asked = once(process, 'SIGTERM');
const log = createLogger({ level: config.logLevel, name: part });
const running = await startHoldfast({ config, log, server: part === 'server', worker: part === 'worker' });
process.send?.('ready');
await asked;
await running.stop();
process.disconnect?.();
