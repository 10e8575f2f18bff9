import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDispute } from '../../emulators/stripe/charging.ts';
import { beginTopUp, readAutoTopUp, runTopUps, setAutoTopUp } from '../../src/payments/top-up.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';

let payments: PaymentWorld;

beforeAll(async () => {
  payments = await createPaymentWorld();
});
afterAll(() => payments.close());

const wish = { enabled: true, threshold: 100n, pack: 'starter', currency: 'usd', monthlyCap: 2000n };

/** Somebody with a kept card, a little credit, and top-ups turned on. */
async function topped(cap = 2000n) {
  const person = await payments.person();
  const session = await payments.buy(person);
  await payments.settle();
  await payments.context.credits.ledger.charge({ account: person, key: 'spend', amount: 150n });
  await setAutoTopUp(payments.context.payments, person, { ...wish, monthlyCap: cap });
  const customer = payments.stripe.account.sessions.get(session)?.customer ?? '';
  const card = payments.stripe.account.customers.get(customer)?.invoice_settings.default_payment_method ?? '';
  return { person, card, session, total: async () => (await payments.balance(person)).total };
}

const charges = () => [...payments.stripe.account.charges.values()].filter(({ paid }) => paid).length;

test('off unless turned on, and only with a card that was kept', async () => {
  const person = await payments.person();
  await payments.buy(person, 'starter', 'nothing');
  await expect(setAutoTopUp(payments.context.payments, person, wish)).rejects.toMatchObject({
    code: 'card_required',
  });
  expect(await readAutoTopUp(payments.context.payments, person)).toBeNull();
  await runTopUps(payments.context.payments);
  expect((await payments.balance(person)).total).toBe(0n);
});

test('below the threshold one pack is bought, granted once by charge and webhook together, and told', async () => {
  const ada = await topped();
  await runTopUps(payments.context.payments);
  await payments.settle();
  await runTopUps(payments.context.payments);
  expect(await ada.total()).toBe(250n);
  const { rows } = await payments.world.db.query(
    `select from holdfast.payment_mail where person_id = $1 and template = 'top_up'`,
    [ada.person],
  );
  expect(rows).toHaveLength(1);
});

test('however many workers look at once, one charge is in flight', async () => {
  const ada = await topped();
  const before = charges();
  await Promise.all(Array.from({ length: 8 }, () => runTopUps(payments.context.payments)));
  await payments.settle();
  expect(charges() - before).toBe(1);
  expect(await ada.total()).toBe(250n);
});

test('never above the monthly cap, also when asked from many sides; a new month begins anew', async () => {
  const ada = await topped(1000n);
  const { payments: deps } = payments.context;
  const { stripe } = deps;
  if (stripe === null) throw new Error('nothing is sold');
  await runTopUps(deps);
  await payments.context.credits.ledger.charge({ account: ada.person, key: 'spend more', amount: 200n });
  const begun = await Promise.all(Array.from({ length: 4 }, () => beginTopUp(deps, stripe, ada.person)));
  expect(begun).toEqual([false, false, false, false]);
  expect(await readAutoTopUp(deps, ada.person)).toMatchObject({ spentThisMonth: 990n, pausedReason: null });
  await payments.world.clock.advance('32 days');
  expect(await beginTopUp(deps, stripe, ada.person)).toBe(true);
  await runTopUps(deps);
  expect(await ada.total()).toBe(250n);
});

test('a refused card pauses it and says so; nothing is tried again until it is turned on', async () => {
  const ada = await topped();
  payments.stripe.account.cards.set(ada.card, 'declines');
  await runTopUps(payments.context.payments);
  await payments.settle();
  expect(await readAutoTopUp(payments.context.payments, ada.person)).toMatchObject({
    enabled: true,
    pausedReason: 'generic_decline',
  });
  const before = payments.stripe.account.charges.size;
  await runTopUps(payments.context.payments);
  expect(payments.stripe.account.charges.size).toBe(before);
  payments.stripe.account.cards.set(ada.card, 'pays');
  await setAutoTopUp(payments.context.payments, ada.person, wish);
  await runTopUps(payments.context.payments);
  expect(await ada.total()).toBe(250n);
});

test('a charge whose answer was lost is not made twice', async () => {
  const ada = await topped();
  const { payments: deps } = payments.context;
  const { stripe } = deps;
  if (stripe === null) throw new Error('nothing is sold');
  const before = charges();
  const dying = {
    ...deps,
    stripe: {
      ...stripe,
      chargeSavedCard: async (charge: Parameters<typeof stripe.chargeSavedCard>[0]) => {
        await stripe.chargeSavedCard(charge);
        throw new Error('the process died here');
      },
    },
  };
  await runTopUps(dying);
  expect(charges() - before).toBe(1);
  await payments.world.clock.advance('10 minutes');
  await runTopUps(deps);
  await payments.settle();
  expect(charges() - before).toBe(1);
  expect(await ada.total()).toBe(250n);
});

test('a dispute stops it', async () => {
  const ada = await topped();
  const intent = payments.stripe.account.sessions.get(ada.session)?.payment_intent ?? '';
  openDispute(payments.stripe.account, { charge: null, intent }, { amount: null });
  await payments.settle();
  const before = payments.stripe.account.charges.size;
  await runTopUps(payments.context.payments);
  expect(payments.stripe.account.charges.size).toBe(before);
  expect((await readAutoTopUp(payments.context.payments, ada.person))?.pausedReason).toBe('dispute');
});
