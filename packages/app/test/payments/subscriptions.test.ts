import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markPaid } from '../../emulators/stripe/billing.ts';
import { endSubscription } from '../../emulators/stripe/subscriptions.ts';
import { updateSubscription } from '../../emulators/stripe/change-plan.ts';
import { refundCharge } from '../../emulators/stripe/charging.ts';
import { usualKnobs } from '../../emulators/stripe/knobs.ts';
import { actOnSession } from '../../emulators/stripe/checkout.ts';
import { subscribe } from '../../src/payments/buy.ts';
import { actOnPlan, changePlan } from '../../src/payments/plans.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';
import { subscriber as beginAs } from './subscriber.ts';

let payments: PaymentWorld;

beforeAll(async () => {
  payments = await createPaymentWorld();
});
afterAll(() => payments.close());

const subscriber = (from: string, plan?: string) => beginAs(payments, from, plan);

test('the first payment grants once, by its invoice, and the tier follows; renewals add and never set', async () => {
  const ada = await subscriber('2027-01-31T10:00:00Z');
  expect([await ada.total(), await ada.tier()]).toEqual([500n, 'creator']);
  await payments.buy(ada.person, 'starter');
  await payments.settle();
  await ada.advance('2027-03-01T00:00:00Z');
  expect(await ada.total()).toBe(1200n);
  await ada.advance('2027-04-01T00:00:00Z');
  expect(await ada.total()).toBe(1700n);
});

test('renewals by duplicated, reordered, older-shaped webhooks grant once each', async () => {
  Object.assign(payments.stripe.account.knobs, {
    duplicate: 1,
    sameObject: 1,
    reorder: 0.5,
    delay: 1,
    olderShape: 1,
  });
  const ada = await subscriber('2027-01-15T10:00:00Z');
  await ada.advance('2027-05-16T00:00:00Z');
  Object.assign(payments.stripe.account.knobs, usualKnobs);
  expect(await ada.total()).toBe(2500n);
});

test('a refill lives beyond its period by its roll-over', async () => {
  const ada = await subscriber('2027-01-31T10:00:00Z');
  const lots = await payments.context.credits.ledger.lots({ account: ada.person });
  expect(lots.map(({ expiresAt }) => expiresAt?.toISOString())).toEqual(['2027-03-28T10:00:00.000Z']);
});

test('a refused card: told, no credits, the plan goes on; paid later it grants', async () => {
  const ada = await subscriber('2027-01-10T10:00:00Z');
  const card = ada.subscription.default_payment_method ?? '';
  payments.stripe.account.cards.set(card, 'declines');
  await ada.advance('2027-02-11T00:00:00Z');
  expect([await ada.total(), await ada.tier(), (await ada.plan())?.status]).toEqual([
    500n,
    'creator',
    'past_due',
  ]);
  const { rows } = await payments.world.db.query(
    `select from holdfast.payment_mail where person_id = $1 and template = 'payment_failed'`,
    [ada.person],
  );
  expect(rows).toHaveLength(1);
  const invoice = payments.stripe.account.invoices.get(ada.subscription.latest_invoice ?? '');
  if (!invoice) throw new Error('no invoice');
  // Marked as paid out of band: there is no charge, and it is paid all the same.
  markPaid(payments.stripe.account, invoice);
  await payments.settle();
  expect(await ada.total()).toBe(1000n);
});

test('cancelled at the end of the period: kept until then, and the credits stay', async () => {
  const ada = await subscriber('2027-01-10T10:00:00Z');
  await actOnPlan(payments.context.payments, ada.person, 'cancel');
  expect([(await ada.plan())?.cancel_at_period_end, await ada.tier()]).toEqual([true, 'creator']);
  await actOnPlan(payments.context.payments, ada.person, 'keep');
  expect((await ada.plan())?.cancel_at_period_end).toBe(false);
  await actOnPlan(payments.context.payments, ada.person, 'cancel');
  await ada.advance('2027-02-11T00:00:00Z');
  expect([await ada.tier(), await ada.plan(), await ada.total()]).toEqual(['free', null, 500n]);
});

test('paused: no invoices and no credits; what is paid for is kept until its end', async () => {
  const ada = await subscriber('2027-01-10T10:00:00Z');
  await actOnPlan(payments.context.payments, ada.person, 'pause');
  await ada.advance('2027-03-11T00:00:00Z');
  expect([await ada.total(), (await ada.plan())?.paused]).toEqual([500n, true]);
  await actOnPlan(payments.context.payments, ada.person, 'unpause');
  await ada.advance('2027-04-11T00:00:00Z');
  expect(await ada.total()).toBe(1000n);
});

test('ended at once, by the operator or the bank: the tier goes, the credits stay', async () => {
  const ada = await subscriber('2027-01-10T10:00:00Z', 'plan-studio');
  expect(await ada.tier()).toBe('studio');
  endSubscription(payments.stripe.account, ada.subscription);
  await payments.settle();
  expect([await ada.tier(), await ada.total()]).toEqual(['free', 1600n]);
});

test('a refund of a renewal takes that renewal back and nothing else', async () => {
  const ada = await subscriber('2027-01-10T10:00:00Z');
  await ada.advance('2027-02-11T00:00:00Z');
  const [, last] = [...payments.stripe.account.invoicePayments.values()].filter(
    ({ invoice }) => payments.stripe.account.invoices.get(invoice)?.customer === ada.subscription.customer,
  );
  refundCharge(
    payments.stripe.account,
    { charge: null, intent: last?.payment.payment_intent ?? '' },
    { amount: null, reason: null },
  );
  await payments.settle();
  expect(await payments.balance(ada.person)).toMatchObject({ total: 500n, debt: 0n });
});

test('a second plan is not sold beside the first', async () => {
  const ada = await subscriber('2027-01-10T10:00:00Z');
  await expect(payments.subscribe(ada.person, 'plan-studio')).rejects.toMatchObject({
    code: 'subscription_exists',
  });
});

test('two checkouts in two tabs, both paid: both are honoured, and an operator is told', async () => {
  const person = await payments.person();
  const { payments: deps } = payments.context;
  const wish = { personId: person, product: 'plan-creator', successUrl: '/', cancelUrl: '/' };
  const tabs = await Promise.all([subscribe(deps, wish), subscribe(deps, wish)]);
  for (const { order } of tabs) actOnSession(payments.stripe.account, order.objectId ?? '', 'pay');
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(1000n);
  const open = () =>
    payments.world.db.query('select from holdfast.alert where key = $1 and cleared_at is null', [
      `payments/two_plans/${person}`,
    ]);
  expect((await open()).rowCount).toBe(1);
  const one = [...payments.stripe.account.subscriptions.values()].find(
    ({ metadata }) => metadata['holdfast_person'] === person,
  );
  if (one) endSubscription(payments.stripe.account, one);
  await payments.settle();
  expect((await open()).rowCount).toBe(0);
  expect(await payments.tier(person)).toBe('creator');
});

test('a checkout that was opened earlier and left is closed by a later one', async () => {
  const person = await payments.person();
  const { payments: deps } = payments.context;
  const wish = { personId: person, product: 'plan-creator', successUrl: '/', cancelUrl: '/' };
  const first = await subscribe(deps, wish);
  await subscribe(deps, { ...wish, product: 'plan-studio' });
  expect(actOnSession(payments.stripe.account, first.order.objectId ?? '', 'pay')).toBe(false);
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(0n);
});

describe('prorated changes', () => {
  test('in the middle: the rest of the period, in money and in credits, as previewed', async () => {
    const ada = await subscriber('2027-01-01T00:00:00Z');
    await ada.advance('2027-01-16T12:00:00Z');
    const { preview, credits, paid } = await ada.change('plan-studio');
    expect(preview).toMatchObject({ kind: 'now', due: 1500n, creditsNow: 550n, monthlyCredits: 1600n });
    expect({ credits, paid }).toEqual({ credits: 550n, paid: 1500n });
    expect(await ada.tier()).toBe('studio');
  });

  test.each([
    ['on the last day', '2027-01-01T00:00:00Z', '2027-01-31T18:00:00Z'],
    ['on the last day of February, from a 31st', '2027-01-31T00:00:00Z', '2027-02-27T18:00:00Z'],
    ['on 29 February, from a 31st', '2028-01-31T00:00:00Z', '2028-02-28T18:00:00Z'],
  ])('%s pennies bring pennies’ worth: farming gains nothing', async (_name, from, to) => {
    const ada = await subscriber(from);
    await ada.advance(to);
    const { preview, credits, paid } = await ada.change('plan-studio');
    expect(credits).toBe(preview.creditsNow);
    expect(paid).toBe(preview.due);
    // Never more credits for the money than the plan itself gives: 1600 - 500 for 4900 - 1900.
    expect(credits * 3000n).toBeLessThanOrEqual((paid + 1n) * 1100n + 1600n);
    expect(credits).toBeLessThan(15n);
  });

  test('up twice, down and up again in one period: reckoned on what the plans are worth, and nothing is gained', async () => {
    const ada = await subscriber('2027-01-01T00:00:00Z');
    await ada.advance('2027-01-11T00:00:00Z');
    const up = await ada.change('plan-studio');
    const down = await ada.change('plan-creator');
    expect(down).toMatchObject({ credits: 0n, paid: 0n, preview: { kind: 'at_period_end' } });
    expect([await ada.tier(), (await ada.plan())?.paid_plan]).toEqual(['studio', 'plan-studio']);
    await ada.advance('2027-01-21T00:00:00Z');
    const again = await ada.change('plan-studio');
    expect(again).toMatchObject({ credits: 0n, paid: 0n, preview: { kind: 'undo' } });
    expect((await ada.plan())?.paid_plan).toBeNull();
    await ada.advance('2027-02-02T00:00:00Z');
    expect(await ada.total()).toBe(500n + up.credits + 1600n);
  });

  test('down: kept until the end, then the smaller plan’s credits and price', async () => {
    const ada = await subscriber('2027-01-01T00:00:00Z', 'plan-studio');
    await ada.change('plan-creator');
    expect(await ada.total()).toBe(1600n);
    const before = ada.paid();
    await ada.advance('2027-02-02T00:00:00Z');
    expect([await ada.total(), await ada.tier(), ada.paid() - before]).toEqual([2100n, 'creator', 1900n]);
  });

  test('a change takes back a cancellation; reactivating leaves no change behind', async () => {
    const ada = await subscriber('2027-01-01T00:00:00Z');
    await actOnPlan(payments.context.payments, ada.person, 'cancel');
    await ada.change('plan-studio');
    expect(await ada.plan()).toMatchObject({ cancel_at_period_end: false, plan: 'plan-studio' });
    await ada.change('plan-creator');
    await actOnPlan(payments.context.payments, ada.person, 'cancel');
    const { preview } = await ada.change('plan-studio');
    expect(preview.kind).toBe('undo');
    expect(await ada.plan()).toMatchObject({
      cancel_at_period_end: false,
      plan: 'plan-studio',
      paid_plan: null,
    });
  });

  test('a refused card changes nothing; another sum than previewed is refused; a second press charges nothing', async () => {
    const ada = await subscriber('2027-01-01T00:00:00Z');
    await ada.advance('2027-01-16T12:00:00Z');
    const card = ada.subscription.default_payment_method ?? '';
    payments.stripe.account.cards.set(card, 'declines');
    await expect(ada.change('plan-studio')).rejects.toMatchObject({ code: 'payment_refused' });
    expect([await ada.total(), (await ada.plan())?.plan]).toEqual([500n, 'plan-creator']);
    payments.stripe.account.cards.set(card, 'pays');
    const preview = await ada.preview('plan-studio');
    const { payments: deps } = payments.context;
    await expect(changePlan(deps, ada.person, { ...preview, due: 1n })).rejects.toMatchObject({
      code: 'preview_outdated',
    });
    const later = { ...preview, at: new Date(preview.at.getTime() + 1000) };
    await changePlan(deps, ada.person, later);
    const paid = ada.paid();
    await changePlan(deps, ada.person, later);
    await payments.settle();
    expect(ada.paid()).toBe(paid);
    expect(await ada.total()).toBe(1050n);
  });

  test('a change made at Stripe itself comes in by its invoice', async () => {
    const ada = await subscriber('2027-01-01T00:00:00Z');
    const studio = [...payments.stripe.account.prices.values()].find(
      ({ unit_amount, recurring }) => recurring && unit_amount === 4900,
    );
    updateSubscription(payments.stripe.account, ada.subscription, {
      items: [{ price: studio?.id ?? '' }],
      proration_behavior: 'always_invoice',
    });
    await payments.settle();
    expect([await ada.total(), await ada.tier()]).toEqual([1600n, 'studio']);
  });
});

test('full charge and a new cycle: a whole month’s credits for a whole month’s price, each time', async () => {
  const full = await createPaymentWorld({ env: { PLAN_CHANGE_POLICY: 'full' } });
  try {
    const ada = await beginAs(full, '2027-01-31T00:00:00Z');
    await ada.advance('2027-02-27T18:00:00Z');
    const { preview, credits, paid } = await ada.change('plan-studio');
    expect({ credits, paid }).toEqual({ credits: 1600n, paid: 4900n });
    expect(preview.nextBillingAt.toISOString()).toBe('2027-03-27T18:00:00.000Z');
    await ada.advance('2027-03-28T00:00:00Z');
    expect(await ada.total()).toBe(500n + 1600n + 1600n);
  } finally {
    await full.close();
  }
});
