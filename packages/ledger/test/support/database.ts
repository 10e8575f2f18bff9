import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { applyMutant } from './apply-mutant.ts';
import { createLedger, migrateLedger, type Ledger, type LedgerOptions } from '../../src/index.ts';

const ownerRole = 'ledger_owner';
const appRole = 'ledger_app';
const appPassword = 'ledger-app';

export type TestLedger = {
  ledger: Ledger;
  /** Connected as the application's role. */
  pool: pg.Pool;
  /** Connected as a superuser. */
  admin: pg.Pool;
  appUrl: string;
  /** Stops the clock at this instant, or lets it run again. */
  stopClock(at: Date | null): Promise<void>;
  /** Moves a stopped clock on. */
  passSeconds(seconds: number): Promise<void>;
  close(): Promise<void>;
};

/** A database of its own with the ledger in it, used as the application's role uses it, with a clock that can be moved. */
export async function createTestLedger(
  adminUrl: string,
  options: LedgerOptions & { clock?: boolean; connections?: number; durable?: boolean } = {},
): Promise<TestLedger> {
  const name = `ledger_${randomBytes(6).toString('hex')}`;
  await withClient(adminUrl, async (client) => {
    await client.query(
      `do $$ begin create role ${appRole} login password '${appPassword}';
       exception when duplicate_object or unique_violation then null; end $$`,
    );
    await client.query(
      `do $$ begin create role ${ownerRole} nologin; exception when duplicate_object or unique_violation then null; end $$`,
    );
    await client.query(`create database ${name}`);
    // only tests of durability wait for the disk
    if (options.durable !== true) {
      await client.query(`alter database ${name} set synchronous_commit = off`);
    }
  });
  const ownUrl = withDatabase(adminUrl, name);
  const admin = new pg.Pool({ connectionString: ownUrl, max: 2 });
  admin.on('error', () => undefined);
  await migrateLedger(admin, { ownerRole, appRole });
  const mutant = process.env['LEDGER_MUTANT'];
  if (mutant !== undefined) await applyMutant(admin, mutant);
  if (options.clock !== false) {
    await admin.query(await readFile(new URL('clock.sql', import.meta.url), 'utf8'));
  }
  const appUrl = withDatabase(adminUrl, name, appRole, appPassword);
  const pool = new pg.Pool({ connectionString: appUrl, max: options.connections ?? 10 });
  pool.on('error', () => undefined);

  return {
    ledger: createLedger(pool, options),
    pool,
    admin,
    appUrl,
    stopClock: async (at) => {
      await admin.query('update ledger_test.clock set fixed = $1', [at]);
    },
    passSeconds: async (seconds) => {
      await admin.query('update ledger_test.clock set fixed = fixed + make_interval(secs => $1)', [seconds]);
    },
    close: async () => {
      await pool.end();
      await admin.end();
      await withClient(adminUrl, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, database: string, user?: string, password?: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  if (user !== undefined && password !== undefined) {
    changed.username = user;
    changed.password = password;
  }
  return changed.href;
}
