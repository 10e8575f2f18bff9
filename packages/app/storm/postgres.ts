import { join } from 'node:path';
import { temporaryPostgres } from '../../../tools/temporary-postgres.ts';
import { findRunning } from '../src/platform/embedded-postgres/postmaster.ts';

/** A fully durable Postgres of the storm's own, which is started again whenever it dies. */
export interface StormPostgres {
  readonly adminUrl: string;
  /** By -9. False where it was dead already. */
  kill(): boolean;
  close(): Promise<void>;
}

export async function startPostgres(): Promise<StormPostgres> {
  const postgres = await temporaryPostgres('full');
  return {
    adminUrl: postgres.adminUrl('postgres'),
    kill() {
      const running = findRunning(join(postgres.cluster));
      if (running === undefined || !running.ready) return false;
      process.kill(running.pid, 'SIGKILL');
      return true;
    },
    close: () => postgres.close(),
  };
}
