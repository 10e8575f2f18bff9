import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { temporaryPostgres } from './temporary-postgres.ts';

/**
 * `node tools/with-postgres.ts [--quick] <script.ts or program> [arguments]` runs it beside a fresh, fully durable Postgres;
 * with `--quick` one that never waits for the disk, for what only asks what the SQL does.
 * It gets DATABASE_URL (superuser, database `postgres`) and TEST_PGDATA (the folder whose postmaster.pid names the server's
 * process, for tests that kill it; it is started again at once, at the same address).
 */
async function main(): Promise<number> {
  const quick = process.argv[2] === '--quick';
  const [program, ...args] = process.argv.slice(quick ? 3 : 2);
  if (program === undefined) {
    console.error('Usage: node tools/with-postgres.ts [--quick] <script.ts or program> [arguments]');
    return 2;
  }
  const postgres = await temporaryPostgres(quick ? 'none' : 'full');
  const isScript = /\.(ts|mjs|js)$/.test(program);
  const child = spawn(isScript ? process.execPath : program, isScript ? [program, ...args] : args, {
    stdio: 'inherit',
    env: { ...process.env, DATABASE_URL: postgres.adminUrl('postgres'), TEST_PGDATA: postgres.cluster },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  await postgres.close();
  return code;
}

process.exitCode = await main();
