/** Your own row, the hold and whatever else you write commit together, or not at all. */
import { InsufficientCreditsError } from '../src/index.ts';
import type { Example } from './example.ts';

export const example: Example = async ({ pool, ledger, print }) => {
  await pool.query('create table video (id text primary key, hold text not null)');
  await ledger.openAccount({ account: 'ann' });
  await ledger.grant({ account: 'ann', key: 'welcome', amount: 100n, validFor: { months: 6 } });

  for (const id of ['video-1', 'video-2']) {
    const tx = await pool.connect();
    try {
      await tx.query('begin');
      const { hold, balance } = await ledger
        .on(tx)
        .placeHold({ account: 'ann', key: id, amount: 60n, leaseSeconds: 900, reference: id });
      await tx.query('insert into video (id, hold) values ($1, $2)', [id, hold.id]);
      await tx.query('commit');
      print(`${id}: held ${hold.amount}, ${balance.available} available`);
    } catch (error) {
      if (!(error instanceof InsufficientCreditsError)) throw error;
      // the refusal was returned, not raised: the transaction lives and may say why
      await tx.query('commit');
      print(`${id}: ${error.required} required, ${error.available} available, ${error.shortfall} short`);
    } finally {
      tx.release();
    }
  }
  const { rows } = await pool.query('select id from video');
  print(`videos: ${rows.map((row: { id: string }) => row.id).join(', ')}`);
};
