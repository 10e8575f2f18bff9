/** A partial refund and a dispute of one payment take back what they are worth, in any order, and a won dispute restores. */
import type { Example } from './example.ts';

export const example: Example = async ({ ledger, print }) => {
  await ledger.openAccount({ account: 'bob' });
  await ledger.grant({
    account: 'bob',
    key: 'checkout cs_1',
    amount: 200n,
    bonus: { amount: 20n },
    payment: { id: 'ch_1', paid: 990n },
  });
  const refund = await ledger.clawback({ account: 'bob', key: 'evt_1', payment: 'ch_1', refunded: 495n });
  print(`half refunded: ${refund.amount} of 220 taken back, ${refund.balance.available} left`);
  const again = await ledger.clawback({ account: 'bob', key: 'evt_2', payment: 'ch_1', refunded: 495n });
  print(`the same event by another id: ${again.amount}`);
  const dispute = { id: 'dp_1', withdrawn: 495n };
  const lost = await ledger.clawback({ account: 'bob', key: 'evt_3', payment: 'ch_1', dispute });
  print(`the other half disputed: ${lost.balance.available} left`);
  const won = await ledger.clawback({
    account: 'bob',
    key: 'evt_4',
    payment: 'ch_1',
    dispute: { ...dispute, reinstated: 495n },
  });
  print(`the dispute is won: ${won.balance.available} left`);
};
