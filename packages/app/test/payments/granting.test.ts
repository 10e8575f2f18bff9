import { afterAll, beforeAll, expect, test } from 'vitest';
import { endLaterPayment, expireSession } from '../../emulators/stripe/checkout.ts';
import { usualKnobs } from '../../emulators/stripe/knobs.ts';
import { signatureHeader } from '../../emulators/stripe/webhooks.ts';
import { buyPack, checkOrder } from '../../src/payments/buy.ts';
import { replayEvent } from '../../src/payments/handle-events.ts';
import { findGrant } from '../../src/payments/grant-queries.ts';
import { findOrder } from '../../src/payments/order-queries.ts';
import { settleSession } from '../../src/payments/settle-session.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';

let payments: PaymentWorld;

beforeAll(async () => {
  payments = await createPaymentWorld();
});
afterAll(() => payments.close());

async function orderState(session: string) {
  return (await findOrder(payments.world.db, { objectId: session }))?.state;
}

test('a paid pack is granted with its bonus, once, and the order says so', async () => {
  const person = await payments.person();
  const session = await payments.buy(person, 'creator');
  expect(await orderState(session)).toBe('pending');
  expect((await payments.balance(person)).total).toBe(0n);
  await payments.settle();
  expect(await payments.balance(person)).toMatchObject({ total: 660n, available: 660n, debt: 0n });
  expect(await findOrder(payments.world.db, { objectId: session })).toMatchObject({
    state: 'paid',
    amountTotal: 2700n,
    credits: 660n,
  });
});

test('a declined card, a page that was left and an expired page grant nothing', async () => {
  const person = await payments.person();
  const declined = await payments.buy(person, 'starter', 'decline');
  await payments.settle();
  expect(await orderState(declined)).toBe('pending');
  expireSession(payments.stripe.account, declined);
  await payments.settle();
  expect(await orderState(declined)).toBe('expired');
  expect((await payments.balance(person)).total).toBe(0n);
});

test('a bank debit grants when the money comes, and nothing where it does not', async () => {
  const person = await payments.person();
  const good = await payments.buy(person, 'starter', 'pay_later');
  const bad = await payments.buy(person, 'starter', 'pay_later');
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(0n);
  // The page has nothing more to ask, so nothing leads there any more.
  expect((await findOrder(payments.world.db, { objectId: good }))?.checkoutUrl).toBeNull();
  endLaterPayment(payments.stripe.account, good, true);
  endLaterPayment(payments.stripe.account, bad, false);
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(200n);
  expect([await orderState(good), await orderState(bad)]).toEqual(['paid', 'failed']);
});

test('webhooks twice, under other ids, late, reordered and in older shapes: each payment is granted once', async () => {
  const person = await payments.person();
  Object.assign(payments.stripe.account.knobs, {
    duplicate: 1,
    sameObject: 1,
    reorder: 0.5,
    delay: 1,
    olderShape: 0.5,
  });
  for (let count = 0; count < 5; count += 1) await payments.buy(person);
  await payments.settle();
  Object.assign(payments.stripe.account.knobs, usualKnobs);
  expect((await payments.balance(person)).total).toBe(1000n);
});

test('webhook, return page and comparison at the same moment, from many sides: once', async () => {
  const person = await payments.person();
  const session = await payments.buy(person);
  const { payments: deps } = payments.context;
  const order = await findOrder(payments.world.db, { objectId: session });
  const stripe = deps.stripe;
  if (stripe === null || order === null) throw new Error('nothing is sold');
  await Promise.all([
    ...Array.from({ length: 8 }, () => settleSession(deps, stripe, session)),
    ...Array.from({ length: 8 }, () => checkOrder(deps, person, order.id)),
    payments.settle(),
  ]);
  expect((await payments.balance(person)).total).toBe(200n);
});

test('two tabs are two payments, and both are granted', async () => {
  const person = await payments.person();
  await payments.buy(person, 'starter');
  await payments.buy(person, 'starter');
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(400n);
});

test('a handler that breaks in the middle leaves nothing, and the retry grants once', async () => {
  const person = await payments.person();
  await payments.world.admin.query(`
    create function test_clock.break() returns trigger language plpgsql as $$ begin raise exception 'planted'; end $$;
    create trigger planted before insert on holdfast.payment_mail for each row execute function test_clock.break();`);
  const session = await payments.buy(person);
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(0n);
  expect(await findGrant(payments.world.db, { objectId: session })).toBeNull();
  await payments.world.admin.query(
    'drop trigger planted on holdfast.payment_mail; drop function test_clock.break()',
  );
  await payments.world.admin.query(
    `update holdfast.stripe_event set due_at = holdfast.clock() where due_at is not null`,
  );
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(200n);
});

test('a log that throws harms nothing', async () => {
  const person = await payments.person();
  const { log } = payments.context.payments;
  const info = log.info.bind(log);
  const session = await payments.buy(person);
  log.info = () => {
    throw new ReferenceError('orderNumber is not defined');
  };
  await payments.settle();
  log.info = info;
  expect((await payments.balance(person)).total).toBe(200n);
  expect(await orderState(session)).toBe('paid');
});

test('what metadata claims is not believed, and neither is what the sum seems to say', async () => {
  const person = await payments.person();
  const session = await payments.buy(person, 'starter', 'nothing');
  const object = payments.stripe.account.sessions.get(session);
  if (!object) throw new Error('no session');
  object.metadata['credits'] = '1000000';
  object.metadata['credit_package'] = 'studio';
  await fetch(`${payments.stripe.url}/c/pay/${session}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ deed: 'pay' }),
  });
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(200n);
});

test('a session that names another person than its customer is kept back, with an alert', async () => {
  const [ada, bob] = [await payments.person(), await payments.person()];
  const session = await payments.buy(ada, 'starter', 'nothing');
  const bobs = await payments.buy(bob, 'starter', 'nothing');
  const object = payments.stripe.account.sessions.get(session);
  const other = payments.stripe.account.sessions.get(bobs);
  if (!object || !other) throw new Error('no session');
  object.customer = other.customer;
  await fetch(`${payments.stripe.url}/c/pay/${session}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ deed: 'pay' }),
  });
  await payments.settle();
  expect((await payments.balance(ada)).total + (await payments.balance(bob)).total).toBe(0n);
  const { rows } = await payments.world.db.query(
    `select key from holdfast.alert where key like 'payments/whose/%'`,
  );
  expect(rows).toHaveLength(1);
});

test('forged, old, huge, foreign and test events: refused or left alone, and told of', async () => {
  const send = (body: string, headers: Record<string, string>) =>
    fetch(`${payments.url}/webhooks/stripe`, { method: 'POST', headers, body });
  const event = {
    id: 'evt_forged',
    object: 'event',
    api_version: '2026-10-28.endive',
    created: 1,
    livemode: false,
    type: 'checkout.session.completed',
    data: { object: { id: 'cs_forged', object: 'checkout.session' } },
  };
  const body = JSON.stringify(event);
  const secret = payments.stripe.webhookSecret;
  expect((await send(body, {})).status).toBe(400);
  expect((await send(body, { 'stripe-signature': 'rubbish' })).status).toBe(400);
  expect((await send(body, { 'stripe-signature': signatureHeader(body, 'whsec_other') })).status).toBe(400);
  const old = Math.floor(Date.now() / 1000) - 3_600;
  expect((await send(body, { 'stripe-signature': signatureHeader(body, secret, old) })).status).toBe(400);
  const tampered = await send(body.replace('cs_forged', 'cs_other'), {
    'stripe-signature': signatureHeader(body, secret),
  });
  expect(tampered.status).toBe(400);
  const huge = JSON.stringify({ ...event, padding: 'a'.repeat(600_000) });
  expect((await send(huge, { 'stripe-signature': signatureHeader(huge, secret) })).status).toBe(413);

  for (const [id, change] of [
    ['evt_live', { livemode: true }],
    ['evt_account', { account: 'acct_other' }],
  ] as const) {
    const foreign = JSON.stringify({ ...event, ...change, id });
    expect((await send(foreign, { 'stripe-signature': signatureHeader(foreign, secret) })).status).toBe(200);
  }
  const unknown = JSON.stringify({ ...event, id: 'evt_unknown', type: 'v9.galaxy.exploded' });
  expect((await send(unknown, { 'stripe-signature': signatureHeader(unknown, secret) })).status).toBe(200);
  const missing = JSON.stringify({ ...event, id: 'evt_missing' });
  expect((await send(missing, { 'stripe-signature': signatureHeader(missing, secret) })).status).toBe(200);
  await payments.settle();
  const { rows } = await payments.world.db.query<{ id: string; state: string; body: string }>(
    `select id, state, body from holdfast.stripe_event where id = any($1) order by id`,
    [['evt_live', 'evt_account', 'evt_unknown', 'evt_missing', 'evt_forged']],
  );
  expect(rows.map(({ id, state }) => [id, state])).toEqual([
    ['evt_account', 'ignored'],
    ['evt_live', 'ignored'],
    ['evt_missing', 'ignored'],
    ['evt_unknown', 'ignored'],
  ]);
  expect(rows.find(({ id }) => id === 'evt_unknown')?.body).toBe(unknown);
  const alerts = await payments.world.db.query<{ key: string }>(
    'select key from holdfast.alert order by key',
  );
  expect(alerts.rows.map(({ key }) => key)).toEqual(
    expect.arrayContaining([
      'payments/signature',
      'payments/foreign/live/own',
      'payments/foreign/test/acct_other',
    ]),
  );
});

test('an event that was handled can be replayed from what was kept', async () => {
  const person = await payments.person();
  await payments.buy(person);
  await payments.settle();
  const { rows } = await payments.world.db.query<{ id: string }>(
    `select id from holdfast.stripe_event where type = 'checkout.session.completed' and state = 'done' order by received_at desc limit 1`,
  );
  expect(await replayEvent(payments.context.payments, rows[0]?.id ?? '')).toMatchObject({ state: 'done' });
  expect((await payments.balance(person)).total).toBe(200n);
});

test('Stripe being away only delays: the event waits and is handled later', async () => {
  const person = await payments.person();
  await payments.buy(person);
  await payments.stripe.webhooks.settle();
  payments.stripe.account.knobs.failCalls = 6;
  await payments.settle();
  payments.stripe.account.knobs.failCalls = 0;
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(200n);
});

test('a checkout leads back to this site and to nowhere else', async () => {
  const person = await payments.person();
  const { payments: deps } = payments.context;
  for (const successUrl of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    `http://127.0.0.1.evil.example/`,
    'http://user@127.0.0.1/',
    'not an address',
  ]) {
    await expect(
      buyPack(deps, { personId: person, product: 'starter', successUrl, cancelUrl: '/' }),
    ).rejects.toMatchObject({ code: 'redirect_forbidden' });
  }
});
