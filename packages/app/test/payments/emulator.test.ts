import { Stripe } from 'stripe';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { closeDispute, failRefund, openDispute } from '../../emulators/stripe/charging.ts';
import { actOnSession } from '../../emulators/stripe/checkout.ts';
import { startStripeEmulator } from '../../emulators/stripe/emulator.ts';
import type { StripeEmulator } from '../../emulators/stripe/emulator.ts';

let emulator: StripeEmulator;
let stripe: Stripe;

beforeEach(async () => {
  emulator = await startStripeEmulator({ retryMs: 5 });
  const { hostname, port } = new URL(emulator.url);
  stripe = new Stripe(emulator.secretKey, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 });
});
afterEach(() => emulator.close());

async function sell(amount: number, recurring: boolean) {
  const product = await stripe.products.create({ name: 'A pack' });
  return stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: amount,
    ...(recurring ? { recurring: { interval: 'month' as const } } : {}),
  });
}

async function listen(answer: (body: string, headers: Record<string, unknown>) => number) {
  const server = createServer((request, response) => {
    void text(request).then((body) => response.writeHead(answer(body, request.headers)).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  emulator.webhooks.endpoints.push({ url, secret: emulator.webhookSecret });
  return { close: () => new Promise((resolve) => server.close(resolve)) };
}

test('the official client sells a pack: the page declines, then pays, and a refund and a dispute take it back', async () => {
  const price = await sell(990, false);
  const customer = await stripe.customers.create({ email: 'ada@example.com' });
  const made = await stripe.checkout.sessions.create({
    mode: 'payment',
    customer: customer.id,
    client_reference_id: 'ord_1',
    line_items: [{ price: price.id, quantity: 2 }],
    success_url: 'http://shop.example/back?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://shop.example/left',
  });
  const open = await (await fetch(made.url ?? '')).text();
  expect(open).toContain('$19.80');
  expect(open).toContain('Test mode');
  const act = (deed: string) =>
    fetch(made.url ?? '', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ deed }) });
  expect(await (await act('decline')).text()).toContain('declined');
  expect((await act('leave')).headers.get('location')).toBe('http://shop.example/left');
  expect((await act('pay')).headers.get('location')).toBe(`http://shop.example/back?session=${made.id}`);

  const session = await stripe.checkout.sessions.retrieve(made.id, {
    expand: ['line_items', 'payment_intent.latest_charge'],
  });
  expect(session).toMatchObject({ status: 'complete', payment_status: 'paid', amount_total: 1980 });
  expect(session.line_items?.data[0]).toMatchObject({ quantity: 2, price: { id: price.id } });
  const intent = session.payment_intent as Stripe.PaymentIntent;
  expect(intent).toMatchObject({ status: 'succeeded', amount_received: 1980 });
  const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
  await expect(stripe.refunds.create({ payment_intent: intent.id, amount: 1500 })).rejects.toThrow('greater');
  const dispute = openDispute(emulator.account, { charge: null, intent: intent.id }, { amount: null });
  expect(dispute.balance_transactions).toMatchObject([{ amount: -1980 }]);
  closeDispute(emulator.account, dispute.id, 'won');
  failRefund(emulator.account, refund.id);
  expect((await stripe.refunds.list({ payment_intent: intent.id })).data).toMatchObject([
    { status: 'failed' },
  ]);
  expect((await stripe.disputes.list({ payment_intent: intent.id })).data).toMatchObject([{ status: 'won' }]);
});

test('a subscription renews by its test clock, around the end of months, and changes its plan with proration', async () => {
  const small = await sell(1000, true);
  const large = await sell(3000, true);
  const at = (date: string) => Math.floor(Date.parse(date) / 1000);
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: at('2028-01-31T12:00:00Z') });
  const customer = await stripe.customers.create({ test_clock: clock.id });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [{ price: small.id, quantity: 1 }],
    subscription_data: { metadata: { who: 'ada' } },
    success_url: 'http://shop.example/back',
  });
  actOnSession(emulator.account, session.id, 'pay');
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: at('2028-04-01T00:00:00Z') });
  const { data } = await stripe.invoices.list({ customer: customer.id, status: 'paid' });
  expect(data.map(({ billing_reason }) => billing_reason)).toEqual([
    'subscription_cycle',
    'subscription_cycle',
    'subscription_create',
  ]);
  expect(data.map(({ lines }) => new Date((lines.data[0]?.period.start ?? 0) * 1000).toISOString())).toEqual([
    '2028-03-31T12:00:00.000Z',
    '2028-02-29T12:00:00.000Z',
    '2028-01-31T12:00:00.000Z',
  ]);
  expect(data[0]?.parent?.subscription_details?.metadata).toEqual({ who: 'ada' });
  const [subscription] = (await stripe.subscriptions.list({ customer: customer.id })).data;
  const change = {
    items: [{ id: subscription?.items.data[0]?.id ?? '', price: large.id }],
    proration_behavior: 'always_invoice' as const,
  };
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: at('2028-04-15T12:00:00Z') });
  const preview = await stripe.invoices.createPreview({
    subscription: subscription?.id ?? '',
    subscription_details: change,
  });
  await stripe.subscriptions.update(subscription?.id ?? '', change);
  const [billed] = (await stripe.invoices.list({ customer: customer.id, limit: 1 })).data;
  expect(billed).toMatchObject({ billing_reason: 'subscription_update', amount_paid: 1000, status: 'paid' });
  expect(billed?.lines.data.map(({ amount }) => amount)).toEqual([-500, 1500]);
  expect(preview.total).toBe(1000);
  const payments = await stripe.invoicePayments.list({ invoice: billed?.id ?? '' });
  const intent = payments.data[0]?.payment.payment_intent as string;
  const back = await stripe.invoicePayments.list({
    payment: { type: 'payment_intent', payment_intent: intent },
  });
  expect(back.data[0]?.invoice).toBe(billed?.id);
});

test('webhooks are signed, come in the shapes of both times, are tried again, and are listed while nobody took them', async () => {
  const seen: Stripe.Event[] = [];
  let refuse = true;
  const endpoint = await listen((body, headers) => {
    if (refuse) {
      refuse = false;
      return 500;
    }
    seen.push(
      stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), emulator.webhookSecret),
    );
    return 200;
  });
  const price = await sell(1000, true);
  emulator.account.knobs.olderShape = 1;
  emulator.account.knobs.duplicate = 1;
  emulator.account.knobs.sameObject = 1;
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: 'http://shop.example/back',
  });
  actOnSession(emulator.account, session.id, 'pay');
  await emulator.webhooks.settle();
  const paid = seen.filter(({ type }) => type === 'invoice.paid');
  expect(paid.length).toBeGreaterThanOrEqual(3);
  expect(new Set(paid.map(({ id }) => id)).size).toBe(2);
  expect(paid[0]?.data.object).toMatchObject({ subscription: expect.stringMatching(/^sub_/), paid: true });
  expect(paid[0]?.data.object).not.toHaveProperty('parent');

  emulator.account.knobs.drop = 1;
  await stripe.customers.create({});
  const lost = await stripe.events.list({ delivery_success: false });
  expect(lost.data.map(({ type }) => type)).toContain('customer.created');
  await endpoint.close();
});

test('an idempotency key gives the same answer, and another intent under it is refused', async () => {
  const once = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'k' });
  const again = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'k' });
  expect(again.id).toBe(once.id);
  await expect(stripe.customers.create({ name: 'Bob' }, { idempotencyKey: 'k' })).rejects.toThrow(
    'other parameters',
  );
});
