import pg from 'pg';
import type { Config } from './config.ts';
import { assertDurable } from './database.ts';
import { HoldfastError } from './errors.ts';
import { readOrMakeSecret } from './embedded-postgres/data-directory.ts';
import { openEmbeddedPostgres } from './embedded-postgres/open.ts';
import type { EmbeddedPostgres } from './embedded-postgres/open.ts';
import { redactText } from './logger.ts';
import { migrate } from './migrate.ts';
import { appRole } from './migrations/roles.ts';

const database_name = 'holdfast';

export interface OpenDatabase {
  /** The address with which servers and workers connect: always as the application's role. */
  readonly appUrl: string;
  /** The address of a login that may become the owner's role: for migrations, backups and restores. */
  readonly ownerUrl: string;
  readonly kind: 'embedded' | 'external';
  /** Must be called at the end of the process: the last one to leave stops the embedded Postgres. */
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  readonly config: Pick<
    Config,
    'databaseUrl' | 'databaseOwnerUrl' | 'dataDirectory' | 'postgresAs' | 'allowUnsafePostgres'
  >;
  /** Sentences for the person at the terminal. */
  readonly say?: (sentence: string) => void;
  /** Default true: brings the database to this version. A restore does that itself. */
  readonly migrate?: boolean;
}

/**
 * Finds the database (DATABASE_URL, else Holdfast's own Postgres, started if need be) and brings it to this version. Refuses a
 * server that may forget what it has confirmed, unless that is allowed.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<OpenDatabase> {
  const opened = await (options.config.databaseUrl === undefined ? openOwn(options) : openOther(options));
  try {
    if (!options.config.allowUnsafePostgres) await withClient(opened.ownerUrl, assertDurable);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openOther({ config, migrate: wanted }: OpenDatabaseOptions): Promise<OpenDatabase> {
  const appUrl = config.databaseUrl ?? '';
  const ownerUrl = config.databaseOwnerUrl ?? appUrl;
  await assertReachable(
    ownerUrl,
    config.databaseOwnerUrl === undefined ? 'DATABASE_URL' : 'DATABASE_OWNER_URL',
  );
  if (wanted !== false) await migrate({ ownerUrl, appLogin: new URL(appUrl).username || undefined });
  return { kind: 'external', ownerUrl, appUrl: withRole(appUrl), close: async () => {} };
}

async function openOwn({ config, say, migrate: wanted }: OpenDatabaseOptions): Promise<OpenDatabase> {
  const postgres = await openEmbeddedPostgres({
    dataDirectory: config.dataDirectory,
    runAs: config.postgresAs,
    say,
  });
  try {
    const ownerUrl = postgres.adminUrl(database_name);
    const password = readOrMakeSecret(config.dataDirectory, 'postgres-app-password');
    await prepareEmbedded(postgres);
    if (wanted !== false) {
      await migrate({ ownerUrl });
      await letAppLogIn(ownerUrl, password);
    }
    return { kind: 'embedded', ownerUrl, appUrl: asApp(ownerUrl, password), close: () => postgres.close() };
  } catch (error) {
    await postgres.close();
    throw error;
  }
}

async function prepareEmbedded(postgres: EmbeddedPostgres): Promise<void> {
  await withClient(postgres.adminUrl('postgres'), async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database_name]);
    if (rowCount) return;
    try {
      await client.query(`create database ${database_name}`);
    } catch (error) {
      // Another process was faster.
      if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
    }
  });
}

/** In Holdfast's own Postgres the application has a login of its own, so that not even `reset role` makes it more. */
async function letAppLogIn(ownerUrl: string, password: string): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('holdfast app login'))`);
    await client.query(`alter role ${appRole} login password ${client.escapeLiteral(password)}`);
  });
}

async function assertReachable(url: string, variable: string): Promise<void> {
  try {
    await withClient(url, async () => {});
  } catch (error) {
    throw new HoldfastError(
      'database_unreachable',
      `The Postgres of ${variable} can't be used (${redactText((error as Error).message)}): start it or correct ${variable}; unset, Holdfast starts its own.`,
      {},
      { cause: error },
    );
  }
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'holdfast start',
    connectionTimeoutMillis: 10_000,
  });
  // One that dies between two queries is told by the next of them; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}

function withRole(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const others = url.searchParams.get('options') ?? '';
  url.searchParams.set('options', `${others} -c role=${appRole}`.trim());
  return url.href;
}

function asApp(ownerUrl: string, password: string): string {
  const url = new URL(ownerUrl);
  url.username = appRole;
  url.password = password;
  return url.href;
}
