/** PGlite, Postgres inside the process, has `query(text, values)` already: a ledger without a server, for one client. */
import { PGlite } from '@electric-sql/pglite';
import { createLedger, migrateLedger } from '../src/index.ts';
import type { Example } from './example.ts';

export const example: Example = async ({ print }) => {
  const db = await PGlite.create();
  await migrateLedger(db);
  const ledger = createLedger(db);
  await ledger.openAccount({ account: 'eve' });
  await ledger.grant({ account: 'eve', key: 'welcome', amount: 100n, validFor: { days: 30 } });

  await db.transaction(async (tx) => {
    const { balance } = await ledger
      .on(tx)
      .placeHold({ account: 'eve', key: 'tour', amount: 30n, leaseSeconds: 900 });
    print(`${balance.held} held, ${balance.available} available`);
  });
  const { violations } = await ledger.verify();
  print(`violations: ${violations}`);
  await db.close();
};
