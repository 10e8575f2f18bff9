import { migrateLedger } from '@holdfast/ledger';
import pg from 'pg';
import { HoldfastError } from './errors.ts';
import { migrateApp, readMigrations } from './migrations/app-schema.ts';
import { migrateQueue } from './migrations/queue-schema.ts';
import { appRole, grantToApplication, ownerRole, prepareRoles } from './migrations/roles.ts';

/** Every process that migrates takes this advisory lock; the number means nothing. */
const lock_key = 7_410_228_001;
const oldest_postgres = 15;

export interface MigrateOptions {
  /** A login that may become the owner's role (and make it, the first time). */
  readonly ownerUrl: string;
  /** The name that the application logs in as, where that is not the owner's login. */
  readonly appLogin?: string;
  /** Only for bringing back an older backup: goes no further than the schema it was made from. */
  readonly only?: { readonly migrations: readonly string[]; readonly ledger_version: number };
}

/**
 * Brings the database to this version of Holdfast. Safe to call from several processes at once: they wait for one another, and
 * all but the first find nothing to do.
 * @returns the names of the application's migrations that ran
 */
export async function migrate(options: MigrateOptions): Promise<{ ran: string[] }> {
  const client = new pg.Client({ connectionString: options.ownerUrl, application_name: 'holdfast migrate' });
  // One that dies between two queries is told by the next of them; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await refuseOldServer(client);
    await client.query('select pg_advisory_lock($1)', [lock_key]);
    return await runSteps(client, options);
  } finally {
    // Ends the lock as well.
    await client.end();
  }
}

/** All the steps, in order. Each leaves a database that it has already been done to as it is. */
async function runSteps(client: pg.Client, options: MigrateOptions): Promise<{ ran: string[] }> {
  await client.query(`set client_min_messages to warning`);
  await prepareRoles(client, options.appLogin);
  await migrateLedger(client, { ownerRole, appRole, upTo: options.only?.ledger_version });
  await client.query(`set role ${ownerRole}`);
  const done = await migrateApp(client, readMigrations(), options.only?.migrations);
  await migrateQueue(client);
  await grantToApplication(client);
  await client.query('reset role');
  return done;
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  const version = rows[0]?.version ?? '';
  if (Number.parseInt(version, 10) >= oldest_postgres) return;
  throw new HoldfastError(
    'postgres_too_old',
    `DATABASE_URL leads to Postgres ${version}, and Holdfast needs ${oldest_postgres} or newer: update it, or unset DATABASE_URL to use the one that Holdfast brings.`,
    { version },
  );
}
