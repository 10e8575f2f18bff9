/** Kysely: `CompiledQuery.raw(text, values)` makes a query of a text, for the database and inside its transactions. */
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { createLedger, InsufficientCreditsError, type Queryable } from '../src/index.ts';
import type { Example } from './example.ts';

type Database = { job: { id: string; hold: string } };

export const overKysely = (db: Kysely<Database>): Queryable => ({
  query: async (text, values) => db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, values)),
});

export const example: Example = async ({ pool, print }) => {
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  await pool.query('create table job (id text primary key, hold text not null)');
  const ledger = createLedger(overKysely(db));
  await ledger.openAccount({ account: 'cem' });
  await ledger.grant({ account: 'cem', key: 'welcome', amount: 100n });

  for (const id of ['job-1', 'job-2']) {
    try {
      await db.transaction().execute(async (tx) => {
        const { hold } = await ledger
          .on(overKysely(tx))
          .placeHold({ account: 'cem', key: id, amount: 60n, leaseSeconds: 900 });
        await tx.insertInto('job').values({ id, hold: hold.id }).execute();
      });
      print(`${id}: held`);
    } catch (error) {
      if (!(error instanceof InsufficientCreditsError)) throw error;
      print(`${id}: ${error.shortfall} short`);
    }
  }
  const jobs = await db.selectFrom('job').select('id').execute();
  print(`jobs: ${jobs.map(({ id }) => id).join(', ')}`);
};
