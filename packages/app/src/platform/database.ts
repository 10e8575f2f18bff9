import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { HoldfastError } from './errors.ts';
import type { Logger } from './logger.ts';

/** The application's pool. */
export type Database = pg.Pool;
/** A connection inside a transaction. */
export type Tx = pg.PoolClient;
/** What a query takes: a transaction where the rows must agree with one another, else the pool. */
export type Db = Database | Tx;

export interface DatabaseOptions {
  /** A `postgresql://` address; may carry `options=-c role=...`. */
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly log: Logger;
  /** Connections at most. Default 10. */
  readonly max?: number;
  /** A statement that takes longer is ended by the server. Default 30,000; 0 is no limit. */
  readonly statementTimeoutMs?: number;
}

const int8_oid = 20;

/** int8 comes as bigint, numeric as text, timestamptz as Date, json as what it says. */
export const typeParsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
    if (oid === int8_oid) return BigInt;
    return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
  },
};

/** A pool of connections. Opens none before the first query. End it with `db.end()`. */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.max ?? 10,
    types: typeParsers,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
  });
  // A connection that breaks while nobody uses it is replaced at the next query; without a listener it would end the process.
  pool.on('error', (error) => {
    if (!pool.ending) options.log.warn({ err: error }, 'an idle database connection was lost');
  });
  // A new connection can die in the moment it is handed over, before whoever asked for it listens: its next query fails and is what they see.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Tries in all, when the database asks for another (serialization failure, deadlock). Default 5. */
  readonly attempts?: number;
  /**
   * Also tries again when the connection is lost, which may be after the commit: only where doing it twice does the same as
   * once. Then waits up to about ten seconds in all for the database to come back.
   */
  readonly idempotent?: boolean;
}

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws. May run `work` several times (see
 * `attempts`), so it does nothing but talk to the database.
 */
export async function inTransaction<T>(
  db: Database,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const attempts = options.attempts ?? (options.idempotent ? 9 : 5);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(db, work, options.isolation ?? 'read committed');
    } catch (error) {
      const again = isRetryable(error) || (options.idempotent === true && isConnectionLoss(error));
      if (!again || attempt >= attempts) throw error;
      await pause(Math.min(10 * 2 ** attempt, 3000) * (0.5 + Math.random()));
    }
  }
}

async function runOnce<T>(db: Database, work: (tx: Tx) => Promise<T>, isolation: string): Promise<T> {
  const tx = await db.connect();
  let broken: Error | undefined;
  // A connection that dies between two queries says so by an event; the next query fails and is what the caller sees.
  const note = (error: Error) => (broken = error);
  tx.on('error', note);
  try {
    await tx.query(`begin isolation level ${isolation}`);
    const result = await work(tx);
    await commit(tx);
    return result;
  } catch (error) {
    await tx.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    tx.off('error', note);
    tx.release(broken);
  }
}

/** A commit of a transaction in which a statement failed (and was caught) is a rollback that looks like success. */
async function commit(tx: Tx): Promise<void> {
  const { command } = await tx.query('commit');
  if (command !== 'COMMIT') {
    throw new HoldfastError(
      'transaction_aborted',
      'The transaction was rolled back because one of its statements failed.',
    );
  }
}

/** The database asks for another try: serialization failure, deadlock. Nothing was written. */
export function isRetryable(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlState(error) ?? '');
}

/** The connection was lost or refused: what was under way may or may not have been committed. */
export function isConnectionLoss(error: unknown): boolean {
  const code = sqlState(error) ?? '';
  if (code.startsWith('08') || ['57P01', '57P02', '57P03', '53300'].includes(code)) return true;
  if (['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'ECONNABORTED'].includes(code))
    return true;
  return (
    error instanceof Error &&
    /^(Connection terminated|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed))/.test(
      error.message,
    )
  );
}

/** The five characters by which SQL names an error, or Node's code of a network error. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Refuses a server that forgets what it has confirmed. */
export async function assertDurable(db: Pick<pg.ClientBase, 'query'>): Promise<void> {
  const { rows } = await db.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')`,
  );
  const off = rows.filter(({ setting }) => setting === 'off').map(({ name }) => name);
  if (off.length === 0) return;
  throw new HoldfastError(
    'postgres_not_durable',
    `This Postgres runs with ${off.join(' and ')} off, so that a crash may lose credits: turn ${off.length > 1 ? 'them' : 'it'} on in its settings (or, for tests only, set HOLDFAST_ALLOW_UNSAFE_POSTGRES=yes).`,
    { off },
  );
}
