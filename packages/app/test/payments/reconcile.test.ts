import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeDispute, openDispute, refundCharge } from '../../emulators/stripe/charging.ts';
import { advanceClock, newClock } from '../../emulators/stripe/clocks.ts';
import { ensureCustomer } from '../../src/payments/buy.ts';
import { iPaidBut } from '../../src/payments/i-paid.ts';
import { listOrders } from '../../src/payments/order-queries.ts';
import { reconcile, reconcileHourly } from '../../src/payments/reconcile.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';

let payments: PaymentWorld;

beforeEach(async () => {
  payments = await createPaymentWorld();
});
afterEach(() => payments.close());

async function eventful(): Promise<string[]> {
  const { account } = payments.stripe;
  const [buyer, refunded, disputed, subscriber] = await Promise.all(
    [1, 2, 3, 4].map(() => payments.person()),
  );
  if (!buyer || !refunded || !disputed || !subscriber) throw new Error('no people');
  await payments.buy(buyer, 'creator');
  const intent = (session: string) => ({
    charge: null,
    intent: account.sessions.get(session)?.payment_intent ?? '',
  });
  refundCharge(account, intent(await payments.buy(refunded)), { amount: 495, reason: null });
  const dispute = openDispute(account, intent(await payments.buy(disputed)), { amount: null });
  closeDispute(account, dispute.id, 'lost');
  const clock = newClock(account, { frozen_time: String(Math.floor(Date.now() / 1000)) });
  const { stripe } = payments.context.payments;
  if (stripe === null) throw new Error('nothing is sold');
  const customer = account.customers.get(await ensureCustomer(payments.context.payments, stripe, subscriber));
  if (customer) customer.test_clock = clock.id;
  await payments.subscribe(subscriber);
  advanceClock(account, clock, Math.floor(Date.now() / 1000) + 40 * 86_400);
  return [buyer, refunded, disputed, subscriber];
}

async function state(people: string[]) {
  return Promise.all(
    people.map(async (person) => ({
      total: (await payments.balance(person)).total,
      tier: await payments.tier(person),
      orders: (await listOrders(payments.world.db, { personId: person, limit: 10 }))
        .map(({ kind, state }) => `${kind} ${state}`)
        .toSorted(),
    })),
  );
}

const right = [
  { total: 660n, tier: 'free', orders: ['pack paid'] },
  { total: 100n, tier: 'free', orders: ['pack paid'] },
  { total: 0n, tier: 'free', orders: ['pack paid'] },
  { total: 1000n, tier: 'creator', orders: ['plan paid', 'refill paid', 'refill paid'] },
];

test('with every webhook lost, comparing alone brings the same state', async () => {
  payments.stripe.webhooks.endpoints.length = 0;
  const people = await eventful();
  expect(await state(people)).not.toEqual(right);
  const { payments: deps } = payments.context;
  // Not even the list of events: only what was paid.
  payments.stripe.account.events.length = 0;
  await reconcile(deps, { dryRun: false, days: 30, reason: 'test' });
  expect(await state(people)).toEqual(right);
  const second = await reconcile(deps, { dryRun: false, days: 30, reason: 'test' });
  expect(second.findings).toEqual([]);
});

test('events that were never delivered are fetched and handled', async () => {
  payments.stripe.account.knobs.drop = 1;
  const people = await eventful();
  await reconcileHourly(payments.context.payments);
  expect(await state(people)).toEqual(right);
  const { rows } = await payments.world.db.query<{ count: bigint }>(
    'select count(*) from holdfast.stripe_event',
  );
  expect(rows[0]?.count).toBeGreaterThan(10n);
});

test('a dry run says what it would do, with age and amount, and changes nothing', async () => {
  payments.stripe.webhooks.endpoints.length = 0;
  const people = await eventful();
  const before = await state(people);
  const found = await reconcile(payments.context.payments, { dryRun: true, days: 30, reason: 'test' });
  expect(await state(people)).toEqual(before);
  expect(found.repaired).toBe(0);
  expect(found.undelivered).toBeGreaterThan(10);
  expect(found.findings).toContainEqual(
    expect.objectContaining({
      kind: 'subscription_outdated',
      amount: 1900n,
      currency: 'usd',
      repaired: false,
    }),
  );
  expect(found.findings).toContainEqual(
    expect.objectContaining({
      kind: 'paid_not_granted',
      amount: 2700n,
      currency: 'usd',
      ageSeconds: expect.any(Number),
      repaired: false,
    }),
  );
});

test('one broken object holds up no other, and the operator is told of it', async () => {
  payments.stripe.webhooks.endpoints.length = 0;
  const people = await eventful();
  await payments.world.admin.query('delete from holdfast.stripe_customer where person_id = $1', [people[3]]);
  for (const subscription of payments.stripe.account.subscriptions.values()) subscription.metadata = {};
  for (const invoice of payments.stripe.account.invoices.values()) {
    if (invoice.parent) invoice.parent.subscription_details.metadata = {};
  }
  const found = await reconcile(payments.context.payments, { dryRun: false, days: 30, reason: 'hourly' });
  expect((await state(people)).slice(0, 3)).toEqual(right.slice(0, 3));
  expect(found.findings.some(({ repaired }) => !repaired)).toBe(true);
  const { rowCount } = await payments.world.db.query(
    `select from holdfast.alert where key = 'payments/reconciliation' and cleared_at is null`,
  );
  expect(rowCount).toBe(1);
});

test('what was granted and is not paid is found, and left to a person', async () => {
  const person = await payments.person();
  const session = await payments.buy(person);
  await payments.settle();
  const object = payments.stripe.account.sessions.get(session);
  if (object) object.payment_status = 'unpaid';
  const found = await reconcile(payments.context.payments, { dryRun: false, days: 30, reason: 'test' });
  expect(found.findings).toMatchObject([{ kind: 'granted_not_paid', id: session, repaired: false }]);
  expect((await payments.balance(person)).total).toBe(200n);
});

test('"I paid but have no credits" heals it and says what it found', async () => {
  payments.stripe.webhooks.endpoints.length = 0;
  const person = await payments.person();
  await payments.buy(person);
  const { payments: deps } = payments.context;
  expect(await iPaidBut(deps, person)).toMatchObject({ outcome: 'repaired', credits: 200n });
  expect(await iPaidBut(deps, person)).toMatchObject({ outcome: 'nothing_missing', credits: 0n });
  await payments.buy(person, 'starter', 'pay_later');
  expect(await iPaidBut(deps, person)).toMatchObject({ outcome: 'pending', credits: 0n });
  const stranger = await payments.person();
  expect(await iPaidBut(deps, stranger)).toMatchObject({ outcome: 'nothing_missing' });
});
