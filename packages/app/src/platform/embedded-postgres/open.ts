import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findBinaries } from './binaries.ts';
import { countClients, register } from './clients.ts';
import { adminName, checkCluster, createCluster, giveClusterTo } from './cluster.ts';
import { claimDataDirectory, giveToOwner, readOrMakeSecret } from './data-directory.ts';
import { withFileLock } from './lock.ts';
import { settlePlacement } from './placement.ts';
import { findRunning, startPostmaster, stopPostmaster } from './postmaster.ts';
import type { Running } from './postmaster.ts';
import { PostgresProblem } from './problems.ts';
import type { RunAsSetting } from './run-as.ts';

const default_port = 5432;
const watch_interval_ms = 500;
const settle_timeout_ms = 60_000;

export interface EmbeddedPostgresOptions {
  readonly dataDirectory: string;
  /** Sentences for the person at the terminal: where the database is kept, that it was started again. */
  readonly say?: (sentence: string) => void;
  readonly runAs?: RunAsSetting;
  /** `none` is for tests alone. */
  readonly durability?: 'full' | 'none';
  /** Also listen on 127.0.0.1, at a free port (by password). */
  readonly loopback?: boolean;
}

export interface EmbeddedPostgres {
  /** The superuser's address of a database. By the socket; by 127.0.0.1 where `loopback` was asked for. */
  adminUrl(database: string): string;
  /** The folder with the cluster's files. */
  readonly cluster: string;
  /** Leaves; the last process to leave stops the server. */
  close(): Promise<void>;
}

/**
 * Starts Holdfast's own Postgres, or joins the one that another process of the same data directory has started, or takes
 * over one whose processes were all killed. While it is open, the server is started again whenever it dies. Any number of
 * processes may call it at the same moment.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDirectory = claimDataDirectory(options.dataDirectory);
  const say = options.say ?? (() => {});
  const lockFile = join(dataDirectory, 'postgres.lock');
  const port = options.loopback ? await freePort() : default_port;
  const ensure = () => ensureRunning(dataDirectory, options, port);
  const { running, cluster, password, registration } = await withFileLock(lockFile, async () => {
    const started = await ensure();
    const own = register(dataDirectory);
    giveToOwner(dataDirectory);
    return { ...started, registration: own };
  });
  const watch = watchOver(
    cluster,
    async () => {
      await withFileLock(lockFile, ensure);
      say('The database had stopped and was started again.');
    },
    say,
  );
  let closing: Promise<void> | undefined;
  const close = async () => {
    await watch.end();
    await withFileLock(lockFile, async () => {
      registration.leave();
      if (countClients(dataDirectory) > 0) return;
      await stopPostmaster(cluster);
      const { socketDirectory } = running;
      if (dirname(socketDirectory) !== dataDirectory)
        rmSync(socketDirectory, { recursive: true, force: true });
    });
  };
  return {
    cluster,
    adminUrl: (database) => url(running, options.loopback ?? false, password, database),
    close: () => (closing ??= close()),
  };
}

function url(address: Running, loopback: boolean, password: string, database: string): string {
  const host = loopback ? '127.0.0.1' : encodeURIComponent(address.socketDirectory);
  return `postgresql://${adminName}:${password}@${host}:${address.port}/${database}`;
}

async function ensureRunning(
  dataDirectory: string,
  options: EmbeddedPostgresOptions,
  port: number,
): Promise<{ running: Running; cluster: string; password: string }> {
  const found = findBinaries(dataDirectory);
  const say = options.say ?? (() => {});
  const place = settlePlacement(dataDirectory, found, options.runAs ?? 'auto', say);
  const { cluster, socketDirectory, runAs, binaries } = place;
  const password = readOrMakeSecret(dataDirectory, 'postgres-password');
  const joined = await settled(cluster);
  if (joined) return { running: joined, cluster, password };
  await refuseHidden(dataDirectory, socketDirectory);
  const durability = options.durability ?? 'full';
  if (checkCluster(cluster, binaries) === 'missing') {
    await createCluster({ cluster, binaries, runAs, password, durability });
    place.noteCreated();
  }
  giveClusterTo(runAs, cluster);
  const running = await startPostmaster({
    cluster,
    binaries,
    runAs,
    address: { socketDirectory, port },
    loopback: options.loopback ?? false,
    durability,
    logFile: join(dataDirectory, 'postgres.log'),
  });
  return { running, cluster, password };
}

/**
 * A server whose process isn't to be seen, but whose socket answers, works in another container on the same volume. A second one
 * on its files would destroy them.
 */
async function refuseHidden(dataDirectory: string, socketDirectory: string): Promise<void> {
  const answered = await new Promise<boolean>((resolve) => {
    const socket = connect(join(socketDirectory, `.s.PGSQL.${default_port}`));
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
  if (!answered) return;
  throw new PostgresProblem(
    'data_directory_in_use',
    `Another container or machine works on ${dataDirectory}: only processes that see one another can share it; give all of them the DATABASE_URL of one Postgres.`,
  );
}

/** The server that runs, once it has made up its mind: one that is just starting is waited for, one that stops is too. */
async function settled(cluster: string): Promise<Running | undefined> {
  const deadline = Date.now() + settle_timeout_ms;
  for (;;) {
    const running = findRunning(cluster);
    if (!running || running.ready) return running;
    if (Date.now() > deadline) {
      throw new PostgresProblem(
        'postgres_failed',
        `The Postgres of ${cluster} (process ${running.pid}) has neither started nor stopped for a minute: end it, and start again.`,
      );
    }
    await pause(20);
  }
}

/** Looks twice a second whether the server lives, and calls `restart` when it doesn't; one at a time. */
function watchOver(cluster: string, restart: () => Promise<void>, say: (sentence: string) => void) {
  let busy: Promise<void> | undefined;
  let lastSaid = '';
  const tryRestart = async () => {
    try {
      await restart();
      lastSaid = '';
    } catch (error) {
      const sentence = `The database can't be started again: ${error instanceof Error ? error.message : String(error)}`;
      if (sentence !== lastSaid) say(sentence);
      lastSaid = sentence;
    } finally {
      busy = undefined;
    }
  };
  const look = () => {
    if (!busy && !findRunning(cluster)) busy = tryRestart();
  };
  const timer = setInterval(look, watch_interval_ms);
  timer.unref();
  return {
    async end() {
      clearInterval(timer);
      await busy;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
