import { afterAll, beforeAll, expect, test } from 'vitest';
import { refundCharge, warnOfFraud } from '../../emulators/stripe/charging.ts';
import { answerCall } from '../../emulators/stripe/api.ts';
import { signatureHeader } from '../../emulators/stripe/webhooks.ts';
import { handleDueEvents } from '../../src/payments/handle-events.ts';
import { openPortal } from '../../src/payments/buy.ts';
import { customerOf } from '../../src/payments/customer-queries.ts';
import { reconcileHourly } from '../../src/payments/reconcile.ts';
import { returnAddress } from '../../src/payments/redirects.ts';
import { clearQuietAlerts, watchWebhooks } from '../../src/payments/watch-webhooks.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';

let payments: PaymentWorld;

beforeAll(async () => {
  payments = await createPaymentWorld();
});
afterAll(() => payments.close());

async function openAlert(key: string, world = payments) {
  const { rows } = await world.world.db.query<{ severity: string; detail: string; link: string }>(
    'select severity, detail, link from holdfast.alert where key = $1 and cleared_at is null',
    [key],
  );
  return rows[0] ?? null;
}

/** A pack that was paid by a customer nobody knows, and says of itself whose it is no more. */
async function ownerless(): Promise<{ person: string; session: string; customer: string }> {
  const person = await payments.person();
  const session = await payments.buy(person, 'starter', 'nothing');
  const object = payments.stripe.account.sessions.get(session);
  const customer = object?.customer ?? '';
  if (object) Object.assign(object, { metadata: {}, client_reference_id: null });
  const { world } = payments;
  await world.admin.query('delete from holdfast.payment_order where person_id = $1', [person]);
  await world.admin.query('delete from holdfast.stripe_customer where person_id = $1', [person]);
  await fetch(`${payments.stripe.url}/c/pay/${session}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ deed: 'pay' }),
  });
  await payments.stripe.webhooks.settle();
  return { person, session, customer };
}

async function eventOf(session: string) {
  const { rows } = await payments.world.db.query<{ id: string; state: string; due: boolean }>(
    `select id, state, due_at is not null as due from holdfast.stripe_event
      where object_id = $1 and type = 'checkout.session.completed'`,
    [session],
  );
  return rows[0];
}

test('an event that can not be resolved yet is parked, tried again by itself, and granted once it can', async () => {
  const { person, session, customer } = await ownerless();
  await handleDueEvents(payments.context.payments);
  expect(await eventOf(session)).toMatchObject({ state: 'parked', due: true });
  expect((await payments.balance(person)).total).toBe(0n);
  await payments.world.admin.query(
    'insert into holdfast.stripe_customer (person_id, livemode, customer_id) values ($1, false, $2)',
    [person, customer],
  );
  await payments.world.clock.advance('1 minute');
  await handleDueEvents(payments.context.payments);
  expect(await eventOf(session)).toMatchObject({ state: 'done', due: false });
  expect((await payments.balance(person)).total).toBe(200n);
});

test('after three days it is unmatched, and the operator’s alert leads to it', async () => {
  const { session } = await ownerless();
  for (let hour = 0; hour < 80; hour += 1) {
    await handleDueEvents(payments.context.payments);
    await payments.world.clock.advance('1 hour');
  }
  const event = await eventOf(session);
  expect(event).toMatchObject({ state: 'unmatched', due: false });
  expect(await openAlert(`payments/unmatched/${session}`)).toMatchObject({
    severity: 'critical',
    link: `${payments.context.config.publicUrl}/operator/payments?event=${event?.id}`,
  });
});

test('a warning of fraud is told, once, with the order', async () => {
  const person = await payments.person();
  const session = await payments.buy(person);
  await payments.settle();
  const intent = payments.stripe.account.sessions.get(session)?.payment_intent ?? '';
  const warning = warnOfFraud(payments.stripe.account, { charge: null, intent });
  await payments.settle();
  const order = await payments.world.db.query<{ id: string }>(
    'select id from holdfast.payment_order where object_id = $1',
    [session],
  );
  const key = `payments/fraud/${session}`;
  expect(await openAlert(key)).toMatchObject({
    link: `${payments.context.config.publicUrl}/operator/payments?order=${order.rows[0]?.id}`,
    detail: expect.stringContaining(warning.charge),
  });
  expect((await payments.balance(person)).total).toBe(200n);
  // Refunded, as the operator decided: that is the end of it.
  refundCharge(payments.stripe.account, { charge: null, intent }, { amount: null, reason: null });
  await payments.settle();
  expect(await openAlert(key)).toBeNull();
});

test('a customer who was deleted at Stripe can buy again, told of it or not', async () => {
  for (const told of [true, false]) {
    const person = await payments.person();
    await payments.buy(person);
    await payments.settle();
    const first = (await customerOf(payments.world.db, person, false)) ?? '';
    payments.stripe.account.knobs.drop = told ? 0 : 1;
    answerCall(payments.stripe.account, `DELETE /v1/customers/${first}`, {});
    payments.stripe.account.knobs.drop = 0;
    await payments.settle();
    await payments.buy(person);
    await payments.settle();
    expect((await payments.balance(person)).total).toBe(400n);
    expect(await customerOf(payments.world.db, person, false)).not.toBe(first);
  }
});

test('the portal opens for one’s own customer, and leads back here alone', async () => {
  const { payments: deps } = payments.context;
  const person = await payments.person();
  await expect(openPortal(deps, person, '/wallet')).rejects.toMatchObject({ code: 'no_purchases' });
  await payments.buy(person);
  const url = await openPortal(deps, person, '/wallet');
  expect(await (await fetch(url)).text()).toContain('Billing');
  const portal = [...payments.stripe.account.portals.values()].at(-1);
  expect(portal).toMatchObject({
    customer: await customerOf(payments.world.db, person, false),
    return_url: `${payments.context.config.publicUrl}/wallet`,
  });
  await expect(openPortal(deps, person, 'https://evil.example/')).rejects.toMatchObject({
    code: 'redirect_forbidden',
  });
});

test('an origin that the operator allowed may be led back to, and only that very origin', () => {
  const allowed = { publicUrl: 'https://video.example.com', origins: ['https://shop.example.com'] };
  expect(returnAddress('https://shop.example.com/thanks?x=1', allowed, 'ord_1')).toBe(
    'https://shop.example.com/thanks?x=1&order=ord_1',
  );
  expect(returnAddress('/wallet', allowed)).toBe('https://video.example.com/wallet');
  for (const address of [
    'http://shop.example.com/',
    'https://shop.example.com:8443/',
    'https://shop.example.com.evil.example/',
    'https://shop.example.com@evil.example/',
    'http://localhost/',
  ]) {
    expect(() => returnAddress(address, allowed)).toThrow('this site only');
  }
});

test('the alert of forged webhooks ends a day after the last of them', async () => {
  const { payments: deps } = payments.context;
  await fetch(`${payments.url}/webhooks/stripe`, { method: 'POST', body: '{}' });
  await clearQuietAlerts(deps);
  expect(await openAlert('payments/signature')).not.toBeNull();
  await payments.world.clock.advance('25 hours');
  await clearQuietAlerts(deps);
  expect(await openAlert('payments/signature')).toBeNull();
});

test('a test event on a live key is kept and left alone, and the operator is told', async () => {
  const live = await createPaymentWorld({ emulator: { secretKey: 'sk_live_emulated' } });
  try {
    const body = JSON.stringify({
      id: 'evt_test',
      object: 'event',
      api_version: '2026-10-28.endive',
      created: 1,
      livemode: false,
      type: 'checkout.session.completed',
      data: { object: { id: 'cs_test_1', object: 'checkout.session' } },
    });
    const headers = { 'stripe-signature': signatureHeader(body, live.stripe.webhookSecret) };
    const answer = await fetch(`${live.url}/webhooks/stripe`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    expect(await handleDueEvents(live.context.payments)).toBe(0);
    const { rows } = await live.world.db.query(
      `select state, result, (select count(*) from holdfast.payment_grant) as grants from holdfast.stripe_event`,
    );
    expect(rows).toEqual([{ state: 'ignored', result: 'it is a test, and the key is live', grants: 0n }]);
    expect(await openAlert('payments/foreign/test/own', live)).not.toBeNull();
  } finally {
    await live.close();
  }
});

test('webhooks that stop while payments go on are told of, until one arrives again', async () => {
  const silent = await createPaymentWorld();
  const key = 'payments/webhook_silent';
  const { payments: deps } = silent.context;
  try {
    await silent.buy(await silent.person());
    await silent.settle();
    await silent.world.clock.advance('3 hours');
    await watchWebhooks(deps);
    // A shop where nothing happens is quiet, and that is no fault.
    expect(await openAlert(key, silent)).toBeNull();

    silent.stripe.account.knobs.drop = 1;
    const person = await silent.person();
    await silent.buy(person);
    await reconcileHourly(deps);
    expect((await silent.balance(person)).total).toBe(200n);
    await watchWebhooks(deps);
    expect(await openAlert(key, silent)).toBeNull();
    await silent.world.clock.advance('16 minutes');
    await watchWebhooks(deps);
    expect(await openAlert(key, silent)).toMatchObject({
      severity: 'critical',
      detail: expect.stringContaining('/webhooks/stripe'),
      link: `${silent.context.config.publicUrl}/operator/payments`,
    });

    silent.stripe.account.knobs.drop = 0;
    await silent.buy(await silent.person());
    await silent.settle();
    await watchWebhooks(deps);
    expect(await openAlert(key, silent)).toBeNull();
  } finally {
    await silent.close();
  }
});

test('with no secret at all the same alert says what is missing', async () => {
  const silent = await createPaymentWorld();
  const { payments: deps } = silent.context;
  try {
    silent.stripe.webhooks.endpoints.length = 0;
    const person = await silent.person();
    const session = await silent.buy(person);
    const { settleSession } = await import('../../src/payments/settle-session.ts');
    if (deps.stripe) await settleSession(deps, deps.stripe, session);
    await silent.world.clock.advance('16 minutes');
    await watchWebhooks({ ...deps, settings: { ...deps.settings, webhookSecrets: [] } });
    expect(await openAlert('payments/webhook_silent', silent)).toMatchObject({
      detail: expect.stringContaining('STRIPE_WEBHOOK_SECRET is not set'),
    });
  } finally {
    await silent.close();
  }
});
