import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setRole } from '../../src/accounts/commands.ts';
import { listActions } from '../../src/operations/operator-log.ts';
import { readConfig } from '../../src/platform/config.ts';
import { configuredPayments } from '../../src/configured-payments.ts';
import { signatureHeader } from '../../emulators/stripe/webhooks.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';

describe('without a key', () => {
  let http: HttpWorld;
  beforeAll(async () => {
    http = await createHttpWorld();
  });
  afterAll(() => http.close());

  test('nothing is sold, no event is taken, and the catalogue says so', async () => {
    const person = await http.signUp();
    expect(await person.client.catalogue()).toMatchObject({ mode: 'off' });
    const buying = http.ask('POST', '/api/payments/buy-credits', {
      as: person,
      json: { credit_package: 'starter', success_url: '/', cancel_url: '/' },
    });
    expect((await buying).status).toBe(503);
    expect(await (await buying).json()).toMatchObject({ code: 'payments_off' });
    const body = JSON.stringify({
      id: 'evt_1',
      object: 'event',
      type: 'checkout.session.completed',
      data: { object: { id: 'cs_1' } },
    });
    const headers = { 'stripe-signature': signatureHeader(body, 'whsec_emulated') };
    expect((await http.ask('POST', '/webhooks/stripe', { body, headers })).status).toBe(503);
    expect((await person.client.balance()).total).toBe(100);
  });

  test('a live key is never used with an emulator, and a key must look like one', async () => {
    const { context } = http;
    const parts = {
      db: context.db,
      log: context.log,
      credits: context.credits,
      mailer: context.payments.mailer,
    };
    const live = readConfig({ STRIPE_SECRET_KEY: 'sk_live_x', STRIPE_API_URL: 'http://127.0.0.1:1' });
    await expect(configuredPayments(live, parts)).rejects.toThrow('STRIPE_API_URL');
    expect(() => readConfig({ STRIPE_SECRET_KEY: 'pk_test_x' })).toThrow('STRIPE_SECRET_KEY');
    expect(() => readConfig({ STRIPE_WEBHOOK_SECRET: 'secret' })).toThrow('STRIPE_WEBHOOK_SECRET');
  });
});

describe('with one', () => {
  let payments: PaymentWorld;
  beforeAll(async () => {
    payments = await createPaymentWorld();
  });
  afterAll(() => payments.close());

  async function signUp(): Promise<{ id: string; cookie: string }> {
    const answer = await fetch(`${payments.url}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'Ada',
        email: `p${Math.random()}@example.com`,
        password: 'correct horse battery staple',
      }),
    });
    const cookie = answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const { user } = (await answer.json()) as { user: { id: string } };
    return { id: user.id, cookie };
  }

  const ask = (
    cookie: string,
    method: string,
    path: string,
    json?: object,
    headers: Record<string, string> = {},
  ) =>
    fetch(`${payments.url}${path}`, {
      method,
      headers: { cookie, ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(json ? { body: JSON.stringify(json) } : {}),
    });

  test('buying by the door that front ends call: a checkout, paid, and the credits are there when its page is left', async () => {
    const ada = await signUp();
    const wish = { credit_package: 'creator', success_url: '/wallet', cancel_url: `${payments.url}/pricing` };
    const key = { 'idempotency-key': 'press-1' };
    const first = (await (await ask(ada.cookie, 'POST', '/api/payments/buy-credits', wish, key)).json()) as {
      checkout_url: string;
      order: string;
    };
    const again = (await (
      await ask(ada.cookie, 'POST', '/api/payments/buy-credits', wish, key)
    ).json()) as typeof first;
    expect(again).toEqual(first);
    const order = `/api/payments/orders/${first.order}`;
    expect(await (await ask(ada.cookie, 'GET', order)).json()).toMatchObject({
      state: 'pending',
      amount: 2700,
      test: true,
    });
    const left = await fetch(first.checkout_url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ deed: 'pay' }),
    });
    expect(left.headers.get('location')).toBe(
      `${payments.url.replace('127.0.0.1', '127.0.0.1')}/wallet?order=${first.order}`,
    );
    expect(await (await ask(ada.cookie, 'POST', `${order}/check`)).json()).toMatchObject({
      state: 'paid',
      credits: 660,
    });
    expect(await (await ask(ada.cookie, 'GET', '/api/credits/balance')).json()).toMatchObject({
      available: 760,
      tier: 'free',
    });
    const bob = await signUp();
    expect((await ask(bob.cookie, 'GET', order)).status).toBe(404);
    expect((await ask(bob.cookie, 'POST', `${order}/check`)).status).toBe(404);
  });

  test('a webhook is answered before anything is done about it, however long Stripe takes', async () => {
    const ada = await signUp();
    payments.stripe.webhooks.endpoints.length = 0;
    const session = await payments.buy(ada.id);
    const event = payments.stripe.account.events.find(
      ({ type, data }) =>
        type === 'checkout.session.completed' && 'id' in data.object && data.object.id === session,
    );
    const body = JSON.stringify(event);
    payments.stripe.account.knobs.failCalls = 1_000;
    const began = performance.now();
    const answer = await fetch(`${payments.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'stripe-signature': signatureHeader(body, payments.stripe.webhookSecret) },
      body,
    });
    const took = performance.now() - began;
    payments.stripe.account.knobs.failCalls = 0;
    expect(answer.status).toBe(200);
    expect(took).toBeLessThan(1_000);
    expect((await payments.balance(ada.id)).total).toBe(100n);
    const { rows } = await payments.world.db.query('select body from holdfast.stripe_event where id = $1', [
      event?.id,
    ]);
    expect(rows).toEqual([{ body }]);
    await payments.settle();
    expect((await payments.balance(ada.id)).total).toBe(300n);
  });

  test('an operator’s replay and repair need a reason and stand in the log; to others there is no such door', async () => {
    const [ada, operator] = [await signUp(), await signUp()];
    await setRole(payments.context.accounts, operator.id, 'operator');
    payments.stripe.webhooks.endpoints.length = 0;
    const session = await payments.buy(ada.id);
    const event = payments.stripe.account.events.find(
      ({ type, data }) =>
        type === 'checkout.session.completed' && 'id' in data.object && data.object.id === session,
    );
    const body = JSON.stringify(event);
    const headers = { 'stripe-signature': signatureHeader(body, payments.stripe.webhookSecret) };
    await fetch(`${payments.url}/webhooks/stripe`, { method: 'POST', headers, body });
    const replay = `/api/operator/payments/events/${event?.id}/replay`;
    const repair = '/api/operator/payments/reconcile';
    expect((await ask(ada.cookie, 'POST', replay, { reason: 'mine' })).status).toBe(404);
    expect((await ask(ada.cookie, 'POST', repair, { dry_run: false, reason: 'mine' })).status).toBe(404);
    expect((await ask(operator.cookie, 'POST', replay, {})).status).toBe(400);
    expect((await ask(operator.cookie, 'POST', repair, { dry_run: false })).status).toBe(400);
    expect((await payments.balance(ada.id)).total).toBe(100n);

    const done = await ask(operator.cookie, 'POST', replay, { reason: 'Ticket 3' });
    expect(await done.json()).toMatchObject({ id: event?.id, state: 'done' });
    expect((await payments.balance(ada.id)).total).toBe(300n);
    expect((await ask(operator.cookie, 'POST', repair, { dry_run: false, reason: 'Ticket 3' })).status).toBe(
      200,
    );
    const lines = await listActions(payments.world.db, { limit: 10 });
    expect(lines.map(({ action, subject, reason }) => [action, subject, reason])).toEqual([
      ['repair_payments', 'everybody', 'Ticket 3'],
      ['replay_event', event?.id, 'Ticket 3'],
    ]);
    const { rows } = await payments.world.db.query<{ id: string }>(
      'select id from holdfast.payment_order where object_id = $1',
      [session],
    );
    const order = `/api/operator/payments/orders/${rows[0]?.id}`;
    expect(await (await ask(operator.cookie, 'GET', order)).json()).toMatchObject({
      person: ada.id,
      object: session,
      state: 'paid',
    });
    expect((await ask(ada.cookie, 'GET', order)).status).toBe(404);
  });

  test('a secret that is being replaced: both are good for as long as both are set', async () => {
    const { payments: deps } = payments.context;
    const both = {
      ...deps,
      settings: { ...deps.settings, webhookSecrets: ['whsec_new', ...deps.settings.webhookSecrets] },
    };
    const { receiveEvent } = await import('../../src/payments/receive-event.ts');
    for (const [id, secret] of [
      ['evt_old', 'whsec_emulated'],
      ['evt_new', 'whsec_new'],
    ] as const) {
      const body = JSON.stringify({
        id,
        object: 'event',
        type: 'x',
        created: 1,
        livemode: false,
        data: { object: {} },
      });
      expect(await receiveEvent(both, body, signatureHeader(body, secret))).toBe(true);
    }
  });
});
