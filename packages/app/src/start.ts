import { createContext } from './context.ts';
import type { Context } from './context.ts';
import { configuredProviders } from './configured-providers.ts';
import { settleRestore } from './generations/operate/after-restore.ts';
import { firstCatalogue } from './generations/catalogue/first-prices.ts';
import { seedCatalogue } from './generations/catalogue/seed.ts';
import type { Config } from './platform/config.ts';
import { settleHeap } from './platform/heap.ts';
import type { Logger } from './platform/logger.ts';
import { applyCatalogue, readCatalogueFile } from './payments/catalogue-file.ts';
import { openDatabase } from './platform/open-database.ts';
import type { OpenDatabase } from './platform/open-database.ts';
import { startMessages } from './start-messages.ts';
import { settlePort, startServer } from './start-server.ts';
import type { RunningServer } from './start-server.ts';
import { chores } from './chores.ts';
import { startWorker } from './worker/worker.ts';
import type { Worker } from './worker/worker.ts';

export interface StartOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Sentences for the person at the terminal. */
  readonly say?: (sentence: string) => void;
  /** Default true. */
  readonly server?: boolean;
  /** Default true. */
  readonly worker?: boolean;
}

export interface Running {
  readonly context: Context;
  readonly database: OpenDatabase;
  /** Null where no server was asked for. */
  readonly server: RunningServer | null;
  readonly worker: Worker | null;
  /** Takes no new requests and no new work, waits for what is under way, then gives everything back. Safe to call twice. */
  stop(): Promise<void>;
}

/** Opens (and, where it is Holdfast's own, starts) the database, then the server and the worker. What was started is stopped when a later part fails. */
export async function startHoldfast(options: StartOptions): Promise<Running> {
  const config = await settlePort(options.config);
  const stops: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | null = null;
  const stop = () => (stopping ??= stopAll(stops));
  try {
    const database = await openDatabase({ config, say: options.say });
    stops.push(() => database.close());
    const context = await openContext(config, database, options.log);
    stops.push(() => context.close());
    warn(context);
    const worker = options.worker === false ? null : await startWorking(context);
    if (worker) stops.push(() => worker.stop());
    const messages = await startMessages(context, { deliver: options.worker !== false });
    stops.push(() => messages.stop());
    const server =
      options.server === false
        ? null
        : await startServer(context, { telegram: messages.telegram, bot: messages.bot });
    if (server) stops.push(() => server.stop());
    settleHeap();
    return { context, database, server, worker, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The context of an opened database, with the catalogue filled: also for commands that neither serve nor work. */
export async function openContext(config: Config, database: OpenDatabase, log: Logger): Promise<Context> {
  const providers = configuredProviders(config);
  const context = await createContext({ config, databaseUrl: database.appUrl, log, providers });
  try {
    const known = context.generations.providers.all().map(({ id }) => id);
    await seedCatalogue(context.db, firstCatalogue(known, config));
    await applyCatalogue(context.db, await readCatalogueFile(), { operator: false });
    return context;
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** What works, and is not as it should be in earnest. */
function warn({ config, generations, log }: Context): void {
  if (config.allowPrivateResults) {
    log.warn(
      'HOLDFAST_ALLOW_PRIVATE_RESULTS is on: results are fetched from wherever a provider says. For emulators alone.',
    );
  } else if (
    generations.providers.all().some(({ capabilities }) => capabilities.webhooks) &&
    !config.publicUrl.startsWith('https:')
  ) {
    log.warn(
      { public_url: config.publicUrl },
      'providers can not call this address when something is done: set PUBLIC_URL to https. Until then they are asked.',
    );
  }
}

async function startWorking(context: Context): Promise<Worker> {
  await settleRestore(context.generations);
  const { databaseUrl, config } = context;
  return startWorker(context.generations, {
    databaseUrl,
    rendersPerMachine: config.workerConcurrency,
    chores: chores(context),
  });
}

/** Last started, first stopped; each is given its chance. */
async function stopAll(stops: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.toReversed()) {
    await stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Holdfast did not stop cleanly.');
}
