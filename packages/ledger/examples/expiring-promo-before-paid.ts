/** What expires first is spent first; promotional before paid; and a hold keeps what it pins past the expiry. */
import type { Example } from './example.ts';

export const example: Example = async ({ ledger, print }) => {
  await ledger.openAccount({ account: 'eve' });
  await ledger.grant({ account: 'eve', key: 'bought', amount: 100n, class: 'paid' });
  await ledger.grant({ account: 'eve', key: 'week', amount: 30n, validFor: { days: 7 } });
  await ledger.grant({ account: 'eve', key: 'day', amount: 20n, validFor: { days: 1 } });
  const { slices } = await ledger.placeHold({ account: 'eve', key: 'video', amount: 60n, leaseSeconds: 900 });
  for (const { lot, amount } of slices) print(`${amount} from lot ${lot}`);
  for (const line of (await ledger.explain({ account: 'eve' })).lines) {
    print(line.text.replaceAll(/\d{4}-\d\d-\d\d/g, 'date'));
  }
};
