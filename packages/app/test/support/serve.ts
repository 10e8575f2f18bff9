import { once } from 'node:events';
import { readConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { startHoldfast } from '../../src/start.ts';

/** A server process as `holdfast start --no-worker` is one, without building the web app. */
const config = readConfig(process.env);
const asked = once(process, 'SIGTERM');
const running = await startHoldfast({ config, log: createLogger({ level: config.logLevel }), worker: false });
await asked;
await running.stop();
