import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createLedger, type Ledger } from '../src/index.ts';
import { createTestLedger, type TestLedger } from './support/database.ts';

let t: TestLedger;
let batching: Ledger;
let made = 0;

beforeAll(async () => {
  t = await createTestLedger(inject('adminUrl'));
  batching = createLedger(t.pool, { batching: { writers: 1 } });
});
afterAll(() => t.close());

const key = (): string => `k${(made += 1)}`;

async function account(...amounts: bigint[]): Promise<string> {
  const id = `per_${(made += 1)}`;
  await t.ledger.openAccount({ account: id });
  for (const [index, amount] of amounts.entries()) {
    await t.ledger.grant({ account: id, key: key(), amount, validFor: { days: index + 1 } });
  }
  return id;
}

const ways = [
  { way: 'alone', ledger: (): Ledger => t.ledger },
  { way: 'in a batch', ledger: (): Ledger => batching },
];

describe.each(ways)('the quick way $way', ({ ledger }) => {
  test('takes the first lot in the order of spending, and the next where that one ends', async () => {
    const id = await account(10n, 10n);
    await t.ledger.grant({ account: id, key: key(), amount: 10n, priority: -1 });
    const lots: string[][] = [];
    for (const amount of [4n, 4n, 4n, 8n]) {
      const { slices } = await ledger().placeHold({ account: id, key: key(), amount, leaseSeconds: 60 });
      lots.push(slices.map((slice) => `${slice.lot}:${slice.amount}`));
    }
    expect(lots).toEqual([['3:4'], ['3:4'], ['3:2', '1:2'], ['1:8']]);
    expect(await t.ledger.verify({ account: id })).toMatchObject({ violations: 0 });
  });

  test('owes what was clawed back while it was held and is then captured', async () => {
    const id = await account();
    await t.ledger.grant({ account: id, key: key(), amount: 100n, payment: { id: `ch_${id}`, paid: 100n } });
    const { hold } = await ledger().placeHold({ account: id, key: key(), amount: 60n, leaseSeconds: 60 });
    await t.ledger.clawback({ account: id, key: key(), payment: `ch_${id}`, refunded: 100n });
    const { balance } = await ledger().capture({ account: id, key: key(), hold: hold.id, amount: 60n });
    expect(balance).toMatchObject({ total: 0n, held: 0n, debt: 60n, available: -60n });
  });

  test('gives nothing back to a lot that was voided or has expired', async () => {
    for (const end of ['voided', 'expired'] as const) {
      await t.stopClock(new Date('2027-01-01T00:00:00Z'));
      const id = await account(100n);
      const { hold } = await ledger().placeHold({
        account: id,
        key: key(),
        amount: 50n,
        leaseSeconds: 7 * 86_400,
      });
      if (end === 'voided') await t.ledger.voidLot({ account: id, key: key(), lot: '1' });
      else await t.passSeconds(2 * 86_400);
      await t.ledger.grant({ account: id, key: key(), amount: 7n });
      const { balance } = await ledger().capture({ account: id, key: key(), hold: hold.id, amount: 20n });
      expect(balance).toMatchObject({ total: 7n, held: 0n, available: 7n });
      await t.stopClock(null);
    }
  });

  test('a hold it has placed ends with its lease', async () => {
    await t.stopClock(new Date('2027-01-01T00:00:00Z'));
    const id = await account(100n);
    const place = (leaseSeconds: number) =>
      ledger().placeHold({ account: id, key: key(), amount: 10n, leaseSeconds, lateSeconds: 0 });
    const [long, short] = await Promise.all([place(120), place(60), place(180)]);
    await t.passSeconds(61);
    await expect(
      ledger().capture({ account: id, key: key(), hold: short.hold.id, amount: 10n }),
    ).rejects.toMatchObject({ code: 'hold_not_open', data: { state: 'expired' } });
    const { balance } = await ledger().capture({ account: id, key: key(), hold: long.hold.id, amount: 10n });
    expect(balance).toMatchObject({ total: 90n, held: 10n });
    await t.stopClock(null);
  });

  test('remembers results and refusals by their keys', async () => {
    const id = await account(100n);
    const request = { account: id, key: key(), amount: 101n, leaseSeconds: 60 };
    await expect(ledger().placeHold(request)).rejects.toMatchObject({ replayed: false });
    await t.ledger.grant({ account: id, key: key(), amount: 1000n, priority: -1 });
    await expect(ledger().placeHold(request)).rejects.toMatchObject({ replayed: true });
    const placed = await ledger().placeHold({ ...request, key: key(), amount: 5n });
    const capture = { account: id, key: key(), hold: placed.hold.id, amount: 3n };
    const captured = await ledger().capture(capture);
    expect(await ledger().capture(capture)).toEqual({ ...captured, replayed: true });
    await expect(ledger().capture({ ...capture, amount: 2n })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
  });

  test('answers with the same figures as the statement shows', async () => {
    const id = await account(100n);
    const labels = {
      reference: 'a "job", \\ one',
      metadata: { 'a,b': '"(x)"' },
      eventAt: new Date(1_000_000),
    };
    const placed = await ledger().placeHold({
      account: id,
      key: 'an "odd", key\\',
      amount: 40n,
      leaseSeconds: 60,
      ...labels,
    });
    const captured = await ledger().capture({ account: id, key: key(), hold: placed.hold.id, amount: 30n });
    const { lines } = await t.ledger.statement({ account: id, limit: 2 });
    expect(lines[1]).toMatchObject({
      key: 'an "odd", key\\',
      ...labels,
      at: placed.at,
      balance: placed.balance,
    });
    expect(lines[0]).toMatchObject({
      operation: captured.operation,
      at: captured.at,
      balance: captured.balance,
    });
    expect(captured.hold).toEqual({ ...placed.hold, captured: 30n, released: 10n, state: 'captured' });
    expect(captured.slices).toEqual([{ lot: '1', amount: 30n, debt: false }]);
    expect(await t.ledger.verify({ account: id })).toMatchObject({ violations: 0 });
  });
});

test('in one batch, credit that comes back to an earlier lot is taken first', async () => {
  const id = await account(10n, 100n);
  const { hold } = await t.ledger.placeHold({ account: id, key: key(), amount: 10n, leaseSeconds: 60 });
  const [, placed] = await Promise.all([
    batching.release({ account: id, key: key(), hold: hold.id }),
    batching.placeHold({ account: id, key: key(), amount: 5n, leaseSeconds: 60 }),
  ]);
  expect(placed.slices).toMatchObject([{ lot: '1', amount: 5n }]);
});

test('in one batch, an account where nothing is unusual and others answer side by side', async () => {
  const usual = await account(100n);
  const indebted = await account();
  await t.ledger.charge({ account: indebted, key: key(), amount: 5n, debtLimit: 10n });
  const amounts = [60n, 30n];
  const codes = await Promise.allSettled([
    ...amounts.map((amount) => batching.placeHold({ account: usual, key: key(), amount, leaseSeconds: 60 })),
    batching.placeHold({ account: indebted, key: key(), amount: 1n, leaseSeconds: 60 }),
    batching.placeHold({ account: 'nobody', key: key(), amount: 1n, leaseSeconds: 60 }),
  ]);
  expect(
    codes.map((one) => (one.status === 'fulfilled' ? 'placed' : (one.reason as { code: string }).code)),
  ).toEqual(['placed', 'placed', 'insufficient_credits', 'account_not_found']);
});
