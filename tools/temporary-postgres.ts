import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { openEmbeddedPostgres } from '../packages/app/src/platform/embedded-postgres/open.ts';
import type { EmbeddedPostgres } from '../packages/app/src/platform/embedded-postgres/open.ts';
import { isAlive, killPostmaster } from '../packages/app/src/platform/embedded-postgres/postmaster.ts';

const prefix = 'holdfast-temporary-';

/**
 * A fresh embedded Postgres in a temporary folder, gone with this process: at `close`, when the process exits, and, if it was
 * killed, when the next one comes by here.
 * @param durability `none` for tests that only ask what the SQL does; `full` for benches and for tests that kill things
 */
export async function temporaryPostgres(durability: 'full' | 'none'): Promise<EmbeddedPostgres> {
  sweep();
  const dataDirectory = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  // The user that Postgres may have to run as gets in: the cluster inside is closed to others by itself.
  chmodSync(dataDirectory, 0o711);
  const discard = () => {
    killPostmaster(join(dataDirectory, 'postgres'));
    remove(dataDirectory);
  };
  process.once('exit', discard);
  const postgres = await openEmbeddedPostgres({ dataDirectory, durability, loopback: true });
  return {
    ...postgres,
    async close() {
      await postgres.close();
      process.off('exit', discard);
      remove(dataDirectory);
    },
  };
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    if (isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    const left = join(tmpdir(), name);
    for (const path of readdirSync(left, { recursive: true, encoding: 'utf8' })) {
      if (basename(path) === 'postmaster.pid') killPostmaster(dirname(join(left, path)));
    }
    remove(left);
  }
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
