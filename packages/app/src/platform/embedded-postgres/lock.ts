import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { fileProblem, PostgresProblem } from './problems.ts';

const lock_timeout_ms = 120_000;

/**
 * Runs `work` while no other process is inside `withFileLock` on the same file. The lock is an exclusive transaction on a
 * SQLite file, which Node brings: the kernel lets go of it when its holder dies, so that kill -9 never leaves it shut.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + lock_timeout_ms;
  const database = open(file);
  try {
    while (!tryLock(database, file)) {
      if (Date.now() > deadline) {
        throw new PostgresProblem(
          'postgres_failed',
          `Another Holdfast process has been starting or stopping the database for two minutes (it holds ${file}): end it, and start again.`,
        );
      }
      await pause(10 + Math.random() * 20);
    }
    return await work();
  } finally {
    database.close();
  }
}

function open(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw sqliteProblem(error, file);
  }
}

function tryLock(database: DatabaseSync, file: string): boolean {
  try {
    database.exec('begin exclusive');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === sqlite_busy) return false;
    throw sqliteProblem(error, file);
  }
}

const sqlite_busy = 5;

function sqliteProblem(error: unknown, file: string): unknown {
  const codes: Record<number, string> = { 8: 'EROFS', 13: 'ENOSPC', 14: 'EACCES', 3: 'EACCES' };
  const primary = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
  const code = codes[primary];
  return code === undefined ? error : fileProblem(Object.assign(new Error(String(error)), { code }), file);
}
