/** postgres.js: `unsafe` runs a text with parameters, on the pool and inside `begin`. */
import postgres from 'postgres';
import { createLedger, type Queryable } from '../src/index.ts';
import type { Example } from './example.ts';

export const overPostgresJs = (sql: postgres.Sql | postgres.TransactionSql): Queryable => ({
  query: async (text, values) => ({
    rows: [...(await sql.unsafe(text, values as postgres.ParameterOrJSON<never>[]))],
  }),
});

export const example: Example = async ({ url, print }) => {
  const sql = postgres(url, { max: 2 });
  const ledger = createLedger(overPostgresJs(sql));
  await ledger.openAccount({ account: 'ben' });
  await ledger.grant({ account: 'ben', key: 'welcome', amount: 100n });

  await sql.begin(async (tx) => {
    const held = ledger.on(overPostgresJs(tx));
    const { balance } = await held.placeHold({ account: 'ben', key: 'one', amount: 60n, leaseSeconds: 900 });
    print(`held in a transaction: ${balance.available} available`);
  });
  const undone = sql.begin(async (tx) => {
    await ledger
      .on(overPostgresJs(tx))
      .placeHold({ account: 'ben', key: 'two', amount: 10n, leaseSeconds: 900 });
    throw new Error('something else failed');
  });
  await undone.catch((error: Error) => print(`${error.message}: nothing was held`));
  print(`${(await ledger.balance({ account: 'ben' })).available} available`);
  await sql.end();
};
