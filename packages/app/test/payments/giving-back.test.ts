import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeDispute, failRefund, openDispute, refundCharge } from '../../emulators/stripe/charging.ts';
import { usualKnobs } from '../../emulators/stripe/knobs.ts';
import { findOrder } from '../../src/payments/order-queries.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';

let payments: PaymentWorld;

beforeAll(async () => {
  payments = await createPaymentWorld();
});
afterAll(() => payments.close());

function paidBy(session: string): { charge: null; intent: string } {
  return { charge: null, intent: payments.stripe.account.sessions.get(session)?.payment_intent ?? '' };
}

function refund(session: string, amount: number | null, options: { pending?: boolean } = {}) {
  return refundCharge(payments.stripe.account, paidBy(session), { amount, reason: null, ...options });
}

async function bought(pack = 'starter') {
  const person = await payments.person();
  const session = await payments.buy(person, pack);
  await payments.settle();
  return { person, session, total: async () => (await payments.balance(person)).total };
}

async function spend(person: string, amount: bigint): Promise<void> {
  await payments.context.credits.ledger.charge({ account: person, key: `spend/${amount}`, amount });
}

test('half a refund takes half, a second takes the rest, and the order says what went back', async () => {
  const { session, total } = await bought('creator');
  refund(session, 1350);
  await payments.settle();
  expect(await total()).toBe(330n);
  refund(session, null);
  await payments.settle();
  expect(await total()).toBe(0n);
  expect((await findOrder(payments.world.db, { objectId: session }))?.returned).toBe(2700n);
});

test('a refund that fails gives everything back, in whatever order it is heard of', async () => {
  const { session, total } = await bought();
  const pending = refund(session, 990, { pending: true });
  await payments.settle();
  expect(await total()).toBe(0n);
  failRefund(payments.stripe.account, pending.id);
  await payments.settle();
  expect(await total()).toBe(200n);
  refund(session, 495);
  await payments.settle();
  expect(await total()).toBe(100n);
});

test('a refund heard of before its payment: granted first, then taken', async () => {
  const person = await payments.person();
  payments.stripe.account.knobs.drop = 1;
  const session = await payments.buy(person);
  payments.stripe.account.knobs.drop = 0;
  refund(session, 495);
  await payments.settle();
  expect((await payments.balance(person)).total).toBe(100n);
});

test('events of a refund twice, under other ids and reordered take once', async () => {
  const { session, total } = await bought();
  Object.assign(payments.stripe.account.knobs, {
    duplicate: 1,
    sameObject: 1,
    reorder: 0.5,
    olderShape: 0.5,
  });
  for (const amount of [100, 200, 195]) refund(session, amount);
  await payments.settle();
  Object.assign(payments.stripe.account.knobs, usualKnobs);
  expect(await total()).toBe(100n);
});

test('a dispute takes at once and tells the operator; won it gives back, and the all-clear follows', async () => {
  const { session, total } = await bought();
  const dispute = openDispute(payments.stripe.account, paidBy(session), { amount: null });
  await payments.settle();
  expect(await total()).toBe(0n);
  const alert = () =>
    payments.world.db.query('select from holdfast.alert where key = $1 and cleared_at is null', [
      `payments/dispute/${dispute.id}`,
    ]);
  expect((await alert()).rowCount).toBe(1);
  closeDispute(payments.stripe.account, dispute.id, 'won');
  await payments.settle();
  expect(await total()).toBe(200n);
  expect((await alert()).rowCount).toBe(0);
});

test('a lost dispute keeps what it took; a prevented one and an inquiry take nothing in the end', async () => {
  const lost = await bought();
  const one = openDispute(payments.stripe.account, paidBy(lost.session), { amount: null });
  closeDispute(payments.stripe.account, one.id, 'lost');
  const prevented = await bought();
  const two = openDispute(payments.stripe.account, paidBy(prevented.session), { amount: null });
  await payments.settle();
  expect(await prevented.total()).toBe(0n);
  closeDispute(payments.stripe.account, two.id, 'prevented');
  const asked = await bought();
  const three = openDispute(payments.stripe.account, paidBy(asked.session), { amount: null, inquiry: true });
  await payments.settle();
  expect([await lost.total(), await prevented.total(), await asked.total()]).toEqual([0n, 200n, 200n]);
  closeDispute(payments.stripe.account, three.id, 'warning_closed');
  await payments.settle();
  expect(await asked.total()).toBe(200n);
});

test('a dispute of everything after half a refund takes no more than was bought', async () => {
  const { person, session, total } = await bought();
  refund(session, 495);
  const dispute = openDispute(payments.stripe.account, paidBy(session), { amount: null });
  await payments.settle();
  expect(await payments.balance(person)).toMatchObject({ total: 0n, debt: 0n });
  closeDispute(payments.stripe.account, dispute.id, 'won');
  await payments.settle();
  expect(await total()).toBe(100n);
});

test('what was spent is owed, is seen, and is repaid by the next purchase first', async () => {
  const { person, session } = await bought();
  await spend(person, 150n);
  refund(session, null);
  await payments.settle();
  expect(await payments.balance(person)).toMatchObject({ total: 0n, debt: 150n, available: -150n });
  await payments.buy(person, 'starter');
  await payments.settle();
  expect(await payments.balance(person)).toMatchObject({ total: 50n, debt: 0n, available: 50n });
});

test('held credit is taken when it is released, and owed when it is captured', async () => {
  const { person, session } = await bought();
  const { ledger } = payments.context.credits;
  const open = { account: person, leaseSeconds: 900 };
  const released = await ledger.placeHold({ ...open, key: 'a', amount: 120n });
  const captured = await ledger.placeHold({ ...open, key: 'b', amount: 80n });
  refund(session, null);
  await payments.settle();
  await ledger.release({ account: person, key: 'a/end', hold: released.hold.id });
  await ledger.capture({ account: person, key: 'b/end', hold: captured.hold.id, amount: 80n });
  expect(await payments.balance(person)).toMatchObject({ total: 0n, held: 0n, debt: 80n });
});

test('other purchases and gifts of the same person are left alone', async () => {
  const { person, session } = await bought();
  await payments.buy(person, 'creator');
  await payments.settle();
  refund(session, null);
  await payments.settle();
  expect(await payments.balance(person)).toMatchObject({ total: 660n, debt: 0n });
});

test('the ledger verifies after all of it', async () => {
  expect(await payments.context.credits.ledger.verify()).toMatchObject({ violations: 0 });
});

test('whoever owes starts nothing new, however much else there is; what was running ends, and a purchase opens the way again', async () => {
  const { seedCatalogue } = await import('../../src/generations/catalogue/seed.ts');
  const { studioModels } = await import('../../src/generations/catalogue/models/studio.ts');
  const { acceptGeneration } = await import('../../src/generations/accept/accept.ts');
  await seedCatalogue(
    payments.world.db,
    studioModels.map((model) => ({ model, creditsPerUnit: 10n })),
  );
  const { generations } = payments.context;
  const { person, session } = await bought();
  const request = {
    model: 'studio-standard',
    input: { template: 'prompt', prompt: 'Hello', duration_seconds: 3 },
  };
  const start = (key: string) => acceptGeneration(generations, { personId: person, key, request });
  const running = await start('before');
  await spend(person, 150n);
  refund(session, null);
  await payments.settle();
  await payments.context.credits.ledger.grant({ account: person, key: 'gift', amount: 1000n });
  expect(await payments.balance(person)).toMatchObject({ debt: 150n, held: 30n });
  await expect(start('while owing')).rejects.toMatchObject({ code: 'debt_open', data: { debt: '150' } });
  expect((await payments.balance(person)).held).toBe(30n);
  const { rows } = await payments.world.db.query<{ state: string }>(
    'select state from holdfast.generation where id = $1',
    [running.generation.id],
  );
  expect(rows[0]?.state).toBe('queued');
  await payments.buy(person);
  await payments.settle();
  expect((await payments.balance(person)).debt).toBe(0n);
  await start('after');
});
