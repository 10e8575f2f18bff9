import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';

interface Identity {
  readonly pid: number;
  readonly startedAt: string | null;
}

/**
 * When a process began, as the system words it; null where there is no such process. Numbers of processes are used again: only
 * both together name one.
 */
export async function startedAt(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? null : (fields[19] ?? null);
    } catch {
      // Gone, or between two reads: either way it is not the one.
      return null;
    }
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', `${pid}`]);
    return stdout.trim() || null;
  } catch {
    // `ps` ends with 1 where there is no such process.
    return null;
  }
}

async function readIdentity(pidFile: string): Promise<Identity | null> {
  try {
    return JSON.parse(await readFile(pidFile, 'utf8')) as Identity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The process that a pidfile names, where it still runs and is the same one. */
export async function isRunning(pidFile: string): Promise<number | null> {
  const identity = await readIdentity(pidFile);
  if (!identity || identity.startedAt === null) return null;
  return (await startedAt(identity.pid)) === identity.startedAt ? identity.pid : null;
}

/** Kills the process group that a pidfile names, if it is still the same one, and removes the pidfile. */
export async function killOrphan(pidFile: string): Promise<void> {
  const pid = await isRunning(pidFile);
  if (pid !== null) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  await rm(pidFile, { force: true });
}
