import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { fileProblem, outputProblem, PostgresProblem } from './problems.ts';
import { spawnAs } from './run-as.ts';
import type { RunAs } from './run-as.ts';

const start_timeout_ms = 60_000;
const stop_timeout_ms = 60_000;
const log_limit_bytes = 10_000_000;

export interface Address {
  /** The directory of its unix socket. */
  readonly socketDirectory: string;
  readonly port: number;
}

export interface Running extends Address {
  readonly pid: number;
  readonly ready: boolean;
}

export interface PostmasterOptions {
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  readonly address: Address;
  /** Also listens on 127.0.0.1 at the same port; by password, as on the socket. */
  readonly loopback: boolean;
  /** `none` is for tests alone: a crash of the machine may lose everything. */
  readonly durability: 'full' | 'none';
  readonly logFile: string;
}

/** The server that works on this cluster, if one does. What a crash left behind doesn't count. */
export function findRunning(cluster: string): Running | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw fileProblem(error, cluster);
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isPostgres(pid)) return undefined;
  return {
    pid,
    port: Number(lines[3]),
    socketDirectory: lines[4] ?? '',
    ready: lines[7]?.trim() === 'ready',
  };
}

/** Not on macOS, nor in a chroot that nobody has mounted it in. */
const hasProcessList = existsSync(`/proc/${process.pid}/stat`);

/** Whether the process lives and is a Postgres: a number left in a file may have been given to another program since. */
export function isPostgres(pid: number): boolean {
  if (!isAlive(pid)) return false;
  if (!hasProcessList) return true;
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres' && !isZombie(pid);
  } catch {
    return false; // It ended in between.
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isZombie(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z';
}

/** Starts the server and waits until it takes connections. Must be called by one process at a time. */
export async function startPostmaster(options: PostmasterOptions): Promise<Running> {
  // A pid file whose number now belongs to some other program would keep Postgres from starting.
  if (!findRunning(options.cluster)) rmSync(join(options.cluster, 'postmaster.pid'), { force: true });
  const deadline = Date.now() + start_timeout_ms;
  for (;;) {
    const attempt = await tryStart(options, deadline);
    if (typeof attempt !== 'string') return attempt;
    // After kill -9 of the server its last backends need a moment to notice and let go of the shared memory.
    const passing = /pre-existing shared memory block|is still in use|another postmaster/i.test(attempt);
    if (!passing || Date.now() > deadline) {
      throw outputProblem(attempt, options.cluster, options.logFile);
    }
    await pause(100);
  }
}

async function tryStart(options: PostmasterOptions, deadline: number): Promise<Running | string> {
  const log = openLog(options.logFile);
  const before = statSync(options.logFile).size;
  const end = { reached: false, failure: '' };
  const child = spawnAs(options.runAs, join(options.binaries.root, 'bin/postgres'), settings(options), {
    stdio: ['ignore', log, log],
    environment: options.binaries.environment,
  });
  closeSync(log);
  child.on('error', (error) => {
    end.failure = `FATAL: ${error.message}`;
    end.reached = true;
  });
  child.on('exit', () => (end.reached = true));
  child.unref();
  while (!end.reached) {
    const running = findRunning(options.cluster);
    if (running?.ready && running.pid === child.pid) return running;
    if (Date.now() > deadline) {
      child.kill('SIGQUIT');
      throw new PostgresProblem(
        'postgres_failed',
        `Holdfast's own Postgres wasn't ready after ${start_timeout_ms / 1000} seconds: see ${options.logFile}, and start again.`,
      );
    }
    await pause(10);
  }
  return end.failure || readFileSync(options.logFile).subarray(before).toString('utf8');
}

function openLog(logFile: string): number {
  try {
    if (existsSync(logFile) && statSync(logFile).size > log_limit_bytes)
      renameSync(logFile, `${logFile}.old`);
    return openSync(logFile, 'a', 0o600);
  } catch (error) {
    throw fileProblem(error, logFile);
  }
}

function settings(options: PostmasterOptions): string[] {
  const values: Record<string, string | number> = {
    unix_socket_directories: options.address.socketDirectory,
    unix_socket_permissions: '0700',
    listen_addresses: options.loopback ? '127.0.0.1' : '',
    port: options.address.port,
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    ...(options.durability === 'none'
      ? {
          fsync: 'off',
          synchronous_commit: 'off',
          full_page_writes: 'off',
          autovacuum: 'on',
          max_wal_size: '4GB',
        }
      : { fsync: 'on', synchronous_commit: 'on' }),
  };
  return [
    '-D',
    options.cluster,
    ...Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/** Stops the server after it has ended its transactions' sessions and written everything down. */
export async function stopPostmaster(cluster: string): Promise<void> {
  const running = findRunning(cluster);
  if (!running) return;
  send(running.pid, 'SIGINT');
  const deadline = Date.now() + stop_timeout_ms;
  while (isThere(running.pid, cluster)) {
    if (Date.now() > deadline) {
      send(running.pid, 'SIGQUIT');
      return;
    }
    await pause(10);
  }
}

/** Its file goes a moment before itself. Where the ended can't be told from the living, the file must do. */
function isThere(pid: number, cluster: string): boolean {
  return isPostgres(pid) && (hasProcessList || existsSync(join(cluster, 'postmaster.pid')));
}

/** Stops it at once, without waiting, for a process that is ending and a cluster that nobody needs. */
export function killPostmaster(cluster: string): void {
  const running = findRunning(cluster);
  if (running) send(running.pid, 'SIGQUIT');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
