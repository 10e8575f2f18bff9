import { once } from 'node:events';
import { createContext } from '../../../src/context.ts';
import { paymentJobs } from '../../../src/payments/jobs.ts';
import { readConfig } from '../../../src/platform/config.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { startServer } from '../../../src/start-server.ts';
import { doChores } from '../../../src/worker/chores.ts';
import { idleProvider } from '../../support/idle-provider.ts';

/** A server and a worker for payments in one process, as an operator runs them; says "ready", and dies by whatever signal comes. */
const config = readConfig(process.env);
const log = createLogger({ level: config.logLevel });
const context = await createContext({
  config,
  databaseUrl: process.env['STORM_DATABASE_URL'] ?? '',
  log,
  providers: [idleProvider('studio')],
  queue: { queued: () => undefined, step: () => undefined, stop: async () => undefined },
});
const asked = once(process, 'SIGTERM');
const server = await startServer(context);
const stopping = new AbortController();
const working = doChores(
  paymentJobs(context.payments).map((job) =>
    Object.assign({}, job, { everyMs: Math.min(job.everyMs, 1_000) }),
  ),
  log,
  stopping.signal,
);
console.log('ready');
await asked;
stopping.abort();
await working;
await server.stop();
await context.close();
