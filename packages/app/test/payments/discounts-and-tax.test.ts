import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stripe } from 'stripe';
import { payInvoice } from '../../emulators/stripe/billing.ts';
import { addCard, refundCharge } from '../../emulators/stripe/charging.ts';
import { actOnSession } from '../../emulators/stripe/checkout.ts';
import { applyCode, newCoupon, newPromotionCode } from '../../emulators/stripe/discounts.ts';
import { ensureCustomer, ensurePriceId, subscribe } from '../../src/payments/buy.ts';
import { currentOffer } from '../../src/payments/catalogue.ts';
import { findOrder } from '../../src/payments/order-queries.ts';
import { readPlan } from '../../src/payments/read-plan.ts';
import { setAutoTopUp } from '../../src/payments/top-up.ts';
import { advanceClock, newClock } from '../../emulators/stripe/clocks.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';
import { subscriber } from './subscriber.ts';

/** Amounts differ under promotion codes and tax; credits don't. */
let payments: PaymentWorld;
let plain: PaymentWorld;

beforeAll(async () => {
  payments = await createPaymentWorld({
    env: { STRIPE_AUTOMATIC_TAX: 'on', STRIPE_PROMOTION_CODES: 'on' },
  });
  plain = await createPaymentWorld();
  const { account } = payments.stripe;
  for (const [code, percent_off, duration] of [
    ['HALF', '50', 'once'],
    ['FREE', '100', 'once'],
    ['ALWAYS', '40', 'forever'],
  ] as const) {
    const coupon = newCoupon(account, { percent_off, duration });
    newPromotionCode(account, { code, promotion: { coupon: coupon.id } });
  }
});
afterAll(async () => {
  await payments.close();
  await plain.close();
});

/** Pays on the page with this code. */
async function buyWith(person: string, code: string, pack = 'creator'): Promise<string> {
  const session = await payments.buy(person, pack, 'nothing');
  const found = payments.stripe.account.sessions.get(session);
  if (!found || !applyCode(payments.stripe.account, found, code)) throw new Error('no such code');
  actOnSession(payments.stripe.account, session, 'pay');
  await payments.settle();
  return session;
}

test('both are off unless they are set: no field for codes, no tax', async () => {
  const session = await plain.buy(await plain.person(), 'creator', 'nothing');
  expect(plain.stripe.account.sessions.get(session)).toMatchObject({
    allow_promotion_codes: null,
    automatic_tax: { enabled: false },
    amount_total: 2_700,
  });
});

test('a pack with a code and tax: less and more is paid, the same credits come, and the order says net, tax and gross', async () => {
  const person = await payments.person();
  const session = await buyWith(person, 'half');
  expect((await payments.balance(person)).total).toBe(660n);
  expect(await findOrder(payments.world.db, { objectId: session })).toMatchObject({
    state: 'paid',
    amountDiscount: 1_350n,
    amountTax: 270n,
    amountTotal: 1_620n,
    credits: 660n,
  });
});

test('half of what was really paid back takes half of the credits, all of it takes all', async () => {
  const person = await payments.person();
  const session = await buyWith(person, 'HALF');
  const by = { charge: null, intent: payments.stripe.account.sessions.get(session)?.payment_intent ?? '' };
  refundCharge(payments.stripe.account, by, { amount: 810, reason: null });
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(330n);
  refundCharge(payments.stripe.account, by, { amount: null, reason: null });
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(0n);
});

test('a code that takes everything off: nothing is paid, and the pack comes all the same, once', async () => {
  const person = await payments.person();
  const session = await buyWith(person, 'FREE');
  expect(payments.stripe.account.sessions.get(session)).toMatchObject({
    payment_status: 'no_payment_required',
    payment_intent: null,
  });
  expect((await payments.balance(person)).total).toBe(660n);
});

test('a code that is none, or that the page does not ask for, changes nothing', async () => {
  const { account } = payments.stripe;
  const open = account.sessions.get(await payments.buy(await payments.person(), 'creator', 'nothing'));
  expect(open && applyCode(account, open, 'NONSENSE')).toBe(false);
  expect(open?.amount_total).toBe(3_240);
});

test('several packs in one session, in several pieces: each brings what it is', async () => {
  const person = await payments.person();
  const { payments: deps } = payments.context;
  const { stripe } = deps;
  if (stripe === null) throw new Error('nothing is sold');
  const price = async (pack: string) =>
    ensurePriceId(deps, stripe, await currentOffer(deps.db, pack, 'pack'), 'usd');
  const { hostname, port } = new URL(payments.stripe.url);
  const client = new Stripe(payments.stripe.secretKey, { host: hostname, port, protocol: 'http' });
  const stranger = await client.prices.create({
    currency: 'usd',
    unit_amount: 500,
    product: (await client.products.create({ name: 'A mug' })).id,
  });
  const session = await client.checkout.sessions.create({
    mode: 'payment',
    customer: await ensureCustomer(deps, stripe, person),
    line_items: [
      { price: await price('starter'), quantity: 3 },
      { price: await price('creator'), quantity: 1 },
      { price: stranger.id, quantity: 2 },
    ],
    success_url: 'https://shop.example.com/',
  });
  actOnSession(payments.stripe.account, session.id, 'pay');
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(3n * 200n + 660n);
});

test('a plan under a lasting code and tax: every month, and a change in the middle, bring the same credits as without', async () => {
  const person = await payments.person();
  const { account } = payments.stripe;
  const { payments: deps } = payments.context;
  const bare = await subscriber(plain, '2027-01-01T00:00:00Z');
  const clock = newClock(account, { frozen_time: String(Date.UTC(2027, 0, 1) / 1000) });
  if (deps.stripe === null) throw new Error('nothing is sold');
  const customer = account.customers.get(await ensureCustomer(deps, deps.stripe, person));
  if (customer) customer.test_clock = clock.id;
  const back = { successUrl: '/', cancelUrl: '/' };
  const { order } = await subscribe(deps, { personId: person, product: 'plan-creator', ...back });
  const session = account.sessions.get(order.objectId ?? '');
  if (!session || !applyCode(account, session, 'ALWAYS')) throw new Error('no such code');
  actOnSession(account, session.id, 'pay');
  await payments.settle();
  const total = async () => (await payments.balance(person)).total;
  expect([await total(), await bare.total()]).toEqual([500n, 500n]);
  const first = account.invoices.get(session.invoice ?? '');
  // 19.00 less 40 %, and a fifth of that as tax.
  expect(first).toMatchObject({ subtotal: 1_900, amount_paid: 1_368 });

  const middle = '2027-01-16T12:00:00Z';
  advanceClock(account, clock, Date.parse(middle) / 1000);
  await bare.advance(middle);
  const { changePlan, previewChange } = await import('../../src/payments/plans.ts');
  const preview = await previewChange(deps, person, 'plan-studio', new Date(middle));
  const { preview: bareline } = await bare.change('plan-studio');
  expect([preview.creditsNow, preview.due]).toEqual([bareline.creditsNow, 1_080n]);
  await changePlan(deps, person, preview);
  await payments.settle();
  expect([await total(), await bare.total()]).toEqual([1_050n, 1_050n]);

  advanceClock(account, clock, Date.UTC(2027, 1, 2) / 1000);
  await payments.settle();
  expect(await total()).toBe(2_650n);
});

test('automatic top-up is not offered where a page must work out the tax', async () => {
  const wish = { enabled: true, threshold: 10n, pack: 'starter', currency: 'usd', monthlyCap: 5_000n };
  await expect(setAutoTopUp(payments.context.payments, await payments.person(), wish)).rejects.toMatchObject({
    code: 'top_up_unavailable',
  });
});

test('a first payment that fails: incomplete, no credits and no tier; paid it begins, unpaid for a day it never was', async () => {
  const { account } = plain.stripe;
  const { payments: deps } = plain.context;
  const { stripe } = deps;
  if (stripe === null) throw new Error('nothing is sold');
  const { hostname, port } = new URL(plain.stripe.url);
  const client = new Stripe(plain.stripe.secretKey, { host: hostname, port, protocol: 'http' });
  const price = await ensurePriceId(deps, stripe, await currentOffer(deps.db, 'plan-creator', 'plan'), 'usd');
  const begin = async () => {
    const person = await plain.person();
    const customer = await ensureCustomer(deps, stripe, person);
    const clock = newClock(account, { frozen_time: String(Date.UTC(2027, 4, 1) / 1000) });
    const known = account.customers.get(customer);
    if (known) known.test_clock = clock.id;
    const card = addCard(account, customer, 'declines');
    const { id } = await client.subscriptions.create({
      customer,
      items: [{ price }],
      default_payment_method: card.id,
    });
    await plain.settle();
    const subscription = account.subscriptions.get(id);
    expect(subscription?.status).toBe('incomplete');
    expect([(await plain.balance(person)).total, await plain.tier(person)]).toEqual([0n, 'free']);
    return { person, clock, card, subscription };
  };
  const paid = await begin();
  account.cards.set(paid.card.id, 'pays');
  const invoice = account.invoices.get(paid.subscription?.latest_invoice ?? '');
  if (!invoice) throw new Error('no invoice');
  payInvoice(account, invoice);
  await plain.settle();
  expect([(await plain.balance(paid.person)).total, await plain.tier(paid.person)]).toEqual([
    500n,
    'creator',
  ]);

  const never = await begin();
  advanceClock(account, never.clock, Date.UTC(2027, 4, 3) / 1000);
  await plain.settle();
  expect(never.subscription?.status).toBe('incomplete_expired');
  expect([(await plain.balance(never.person)).total, await readPlan(deps, never.person)]).toEqual([0n, null]);
  const again = await plain.subscribe(never.person);
  await plain.settle();
  expect(again.subscription).toMatch(/^sub_/);
  expect((await plain.balance(never.person)).total).toBe(500n);
});
