import { createDatabase } from '../../src/platform/database.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { startQueue } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { createPipeline } from '../generations/pipeline.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { workerSetup } from './processes.ts';

/** A worker as a process of its own, to be killed; what it works with comes in its environment. Says `ready` when it works. */
const setup = workerSetup.read();
const log = createLogger({ level: setup.logLevel, name: 'worker process' });
const db = createDatabase({ url: setup.databaseUrl, applicationName: 'worker process', log });
const provider = createScriptedProvider({ url: setup.serviceUrl, capabilities: setup.capabilities });
const queue = await startQueue({ databaseUrl: setup.databaseUrl, log });
const pipeline = await createPipeline({
  db,
  log,
  providers: [provider],
  storageDirectory: setup.storageDirectory,
  wake: queue,
});
const worker = await startWorker(pipeline.deps, {
  databaseUrl: setup.databaseUrl,
  machine: setup.machine,
  sweepMs: 100,
});
process.stdout.write('ready\n');

process.once('SIGTERM', () => {
  const stop = async (): Promise<void> => {
    await worker.stop();
    await queue.stop();
    await db.end();
  };
  stop().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
});
