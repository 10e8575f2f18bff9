/** Drizzle: a text with parameters becomes its `sql`, for the database and inside its transactions. */
import { sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable, text as textColumn } from 'drizzle-orm/pg-core';
import { createLedger, type Queryable } from '../src/index.ts';
import type { Example } from './example.ts';

const picture = pgTable('picture', { id: textColumn().primaryKey(), hold: textColumn().notNull() });

export const overDrizzle = (db: Pick<NodePgDatabase, 'execute'>): Queryable => ({
  query: async (text, values) => {
    const query = sql.empty();
    for (const part of text.split(/(\$\d+)/)) {
      query.append(
        part.startsWith('$') ? sql`${sql.param(values[Number(part.slice(1)) - 1])}` : sql.raw(part),
      );
    }
    return db.execute(query);
  },
});

export const example: Example = async ({ pool, print }) => {
  const db = drizzle({ client: pool });
  await pool.query('create table picture (id text primary key, hold text not null)');
  const ledger = createLedger(overDrizzle(db));
  await ledger.openAccount({ account: 'dora' });
  await ledger.grant({ account: 'dora', key: 'welcome', amount: 100n });

  const held = await db.transaction(async (tx) => {
    const { hold } = await ledger
      .on(overDrizzle(tx))
      .placeHold({ account: 'dora', key: 'picture-1', amount: 60n, leaseSeconds: 900 });
    await tx.insert(picture).values({ id: 'picture-1', hold: hold.id });
    return hold;
  });
  const captured = await ledger.capture({
    account: 'dora',
    key: 'picture-1 done',
    hold: held.id,
    amount: 42n,
  });
  print(`captured ${captured.hold.captured}, released ${captured.hold.released}`);
  print(`pictures: ${(await db.select().from(picture)).map(({ id }) => id).join(', ')}`);
};
