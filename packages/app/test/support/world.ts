import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { inject } from 'vitest';
import type { Clock } from '../../src/platform/clock.ts';
import { createDatabase } from '../../src/platform/database.ts';
import type { Database } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import { createLogger } from '../../src/platform/logger.ts';
import type { Logger } from '../../src/platform/logger.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { queue_schema_version } from '../../src/platform/migrations/queue-schema.ts';
import { appRole } from '../../src/platform/migrations/roles.ts';
import { queues } from '../../src/platform/queues.ts';
import { installMovableClock, movableClock } from './movable-clock.ts';
import type { MovableClock } from './movable-clock.ts';

/** A database of its own, migrated, with a clock that the test moves. */
export interface World {
  /** The application's pool: the role that servers and workers have. */
  readonly db: Database;
  /** A superuser's pool, for looking behind the scenes. */
  readonly admin: Database;
  /** Addresses, for processes and for pg-boss. */
  readonly appUrl: string;
  readonly adminUrl: string;
  /** Time for SQL (both schemas) and for TypeScript; stands still only where the test says so. */
  readonly clock: MovableClock & Clock;
  readonly log: Logger;
  /** Ends both pools and drops the database. Fails if anything else is still connected: a leak. */
  close(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const template = await ensureTemplate();
  const name = newId('world');
  await asAdmin(async (client) => {
    await client.query(`create database ${name} template ${template}`);
  });
  const adminUrl = databaseUrl(name);
  const appUrl = withRole(adminUrl, appRole);
  const log = createLogger({ level: 'silent' });
  const db = createDatabase({ url: appUrl, applicationName: 'test', log });
  const admin = createDatabase({ url: adminUrl, applicationName: 'test admin', log, max: 3 });
  return {
    db,
    admin,
    appUrl,
    adminUrl,
    clock: await movableClock(admin),
    log,
    async close() {
      await Promise.all([db.end(), admin.end()]);
      await dropUnlessLeaked(name);
    },
  };
}

async function dropUnlessLeaked(name: string): Promise<void> {
  await asAdmin(async (client) => {
    // A backend takes a moment to leave after its connection was closed; Postgres tells when all have.
    await client.query(`alter database ${name} with allow_connections false`);
    for (let look = 0; look < 200; look += 1) {
      const { rows } = await client.query<{ application_name: string; query: string }>(
        `select application_name, query from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()`,
        [name],
      );
      if (rows.length === 0) break;
      if (look === 199) {
        await client.query(`drop database ${name} with (force)`);
        throw new Error(`Connections were left open: ${JSON.stringify(rows)}`);
      }
      await client.query('select pg_sleep(0.01)');
    }
    await client.query(`drop database ${name} with (force)`);
  });
}

/** Made by the first who needs it, once per state of the migrations; the others wait for it. */
async function ensureTemplate(): Promise<string> {
  const name = `template_${fingerprint()}`;
  await asAdmin(async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('test template'))`);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount) return;
    const draft = `${name}_draft`;
    await client.query(`drop database if exists ${draft} with (force)`);
    await client.query(`create database ${draft}`);
    await migrate({ ownerUrl: databaseUrl(draft) });
    await installMovableClock(databaseUrl(draft));
    await client.query(`alter database ${draft} rename to ${name}`);
  });
  return name;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const folder of [
    '../../sql/migrations/',
    '../../../ledger/sql/migrations/',
    './',
    '../../src/platform/migrations/',
  ]) {
    const path = fileURLToPath(new URL(folder, import.meta.url));
    for (const file of readdirSync(path).sort()) {
      if (/\.(sql|ts)$/.test(file)) hash.update(readFileSync(`${path}${file}`));
    }
  }
  return hash
    .update(JSON.stringify([queues, queue_schema_version]))
    .digest('hex')
    .slice(0, 16);
}

async function asAdmin(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: inject('adminUrl') });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(name: string): string {
  const url = new URL(inject('adminUrl'));
  url.pathname = `/${name}`;
  return url.href;
}

function withRole(url: string, role: string): string {
  return `${url}?options=${encodeURIComponent(`-c role=${role}`)}`;
}
