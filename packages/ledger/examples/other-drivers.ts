/** The ledger takes anything with `query(text, values)`. For what has none, three lines are enough. */
import { createLedger, type Queryable } from '../src/index.ts';
import type { Example } from './example.ts';

/** postgres.js: `unsafe` runs a text with parameters, on the pool and inside `begin`. */
export const overPostgresJs = (sql: {
  unsafe(text: string, values: unknown[]): PromiseLike<Iterable<Record<string, unknown>>>;
}): Queryable => ({
  query: async (text, values) => ({ rows: [...(await sql.unsafe(text, values))] }),
});

/** Kysely: `executeQuery` takes compiled queries; `CompiledQuery.raw(text, values)` makes one. */
export const overKysely = <Compiled>(
  db: { executeQuery(query: Compiled): Promise<{ rows: unknown[] }> },
  raw: (text: string, values: unknown[]) => Compiled,
): Queryable => ({
  query: async (text, values) => ({
    rows: (await db.executeQuery(raw(text, values))).rows as Record<string, unknown>[],
  }),
});

/** Drizzle: the driver's own client or transaction is behind `$client`. */
export const overDrizzle = (db: { $client: Queryable }): Queryable => ({
  query: (text, values) => db.$client.query(text, values),
});

/** PGlite has `query(text, values)` already; so have `pg`'s pool, client and transaction. */
export const example: Example = async ({ pool, print }) => {
  const ledgers = {
    'postgres.js': createLedger(
      overPostgresJs({ unsafe: async (text, values) => (await pool.query(text, values)).rows }),
    ),
    Kysely: createLedger(
      overKysely(
        { executeQuery: async ({ text, values }) => pool.query(text, values) },
        (text: string, values: unknown[]) => ({ text, values }),
      ),
    ),
    Drizzle: createLedger(overDrizzle({ $client: pool })),
  };
  for (const [name, ledger] of Object.entries(ledgers)) {
    await ledger.openAccount({ account: name });
    const { balance } = await ledger.grant({ account: name, key: 'welcome', amount: 7n });
    print(`${name}: ${balance.available}`);
  }
};
