import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { DebtLimitError, OverRefundError, PaymentTakenError } from '../src/index.ts';
import { createTestLedger, type TestLedger } from './support/database.ts';

const start = new Date('2026-01-31T12:00:00.000Z');
const days = (count: number): number => count * 86_400;
let t: TestLedger;
let next = 0;
const key = (): string => `key-${(next += 1)}`;

beforeAll(async () => {
  t = await createTestLedger(inject('adminUrl'));
});
afterAll(() => t.close());

async function account(): Promise<string> {
  const id = `per_${(next += 1)}`;
  await t.stopClock(start);
  await t.ledger.openAccount({ account: id });
  return id;
}

async function spend(id: string, amount: bigint): Promise<string> {
  const placed = await t.ledger.placeHold({ account: id, key: key(), amount, leaseSeconds: 600 });
  await t.ledger.capture({ account: id, key: key(), hold: placed.hold.id, amount });
  return placed.hold.id;
}

const available = async (id: string): Promise<bigint> => (await t.ledger.balance({ account: id })).available;

describe('a refund', () => {
  test('returns credit in reverse order of consumption and never more than was captured', async () => {
    const id = await account();
    await t.ledger.grant({ account: id, key: key(), amount: 30n });
    await t.ledger.grant({ account: id, key: key(), amount: 30n });
    const hold = await spend(id, 50n);
    const first = await t.ledger.refund({ account: id, key: key(), hold, amount: 25n });
    expect(first).toMatchObject({ refunded: 25n, captured: 50n });
    expect(await t.ledger.lots({ account: id, all: true })).toMatchObject([
      { id: '2', remaining: 30n, refunded: 20n },
      { id: '1', remaining: 5n, refunded: 5n },
    ]);
    await expect(t.ledger.refund({ account: id, key: key(), hold, amount: 26n })).rejects.toBeInstanceOf(
      OverRefundError,
    );
    await t.ledger.refund({ account: id, key: key(), hold });
    expect(await t.ledger.refund({ account: id, key: key(), hold })).toMatchObject({ amount: 0n });
    expect(await available(id)).toBe(60n);
  });

  test('to an expired lot expires again for a change of mind, and moves to a replacement for our fault', async () => {
    const id = await account();
    await t.ledger.grant({ account: id, key: key(), amount: 100n, validFor: { days: 1 } });
    const mind = await spend(id, 40n);
    const fault = await spend(id, 60n);
    await t.passSeconds(days(2));
    const changed = await t.ledger.refund({ account: id, key: key(), hold: mind });
    expect(changed).toMatchObject({ amount: 40n, expired: 40n, balance: { total: 0n } });
    const ours = await t.ledger.refund({ account: id, key: key(), hold: fault, fault: 'ours' });
    expect(ours).toMatchObject({ amount: 60n, expired: 0n, balance: { total: 60n } });
    expect(ours.replacementLots).toHaveLength(1);
    // the grace is capped once, from the root's expiry
    await t.passSeconds(days(6));
    const again = await spend(id, 60n);
    await t.passSeconds(days(100));
    const late = await t.ledger.refund({ account: id, key: key(), hold: again, fault: 'ours' });
    expect(late).toMatchObject({ amount: 60n, expired: 60n, balance: { total: 0n } });
  });
});

describe('debt', () => {
  test('a postpaid charge ends in debt up to its limit; a paid grant repays it first; a refund walks back', async () => {
    const id = await account();
    await t.ledger.grant({ account: id, key: key(), amount: 30n });
    const charged = await t.ledger.charge({ account: id, key: key(), amount: 70n, debtLimit: 50n });
    expect(charged).toMatchObject({ owed: 40n, balance: { total: 0n, debt: 40n, available: -40n } });
    await expect(
      t.ledger.charge({ account: id, key: key(), amount: 11n, debtLimit: 50n }),
    ).rejects.toBeInstanceOf(DebtLimitError);
    await t.ledger.grant({ account: id, key: key(), amount: 10n });
    expect(await t.ledger.balance({ account: id })).toMatchObject({ total: 10n, debt: 40n, available: -30n });
    const paid = await t.ledger.grant({ account: id, key: key(), amount: 25n, class: 'paid' });
    expect(paid).toMatchObject({ repaid: 25n, balance: { total: 10n, debt: 15n } });
    // 40 were owed: 15 are open, 25 were repaid by the paid lot
    const refunded = await t.ledger.refund({ account: id, key: key(), hold: charged.hold, amount: 30n });
    expect(refunded.balance).toMatchObject({ total: 25n, debt: 0n, available: 25n });
    const repaid = await t.ledger.repay({ account: id, key: key() });
    expect(repaid.amount).toBe(0n);
  });
});

describe('a payment', () => {
  test('is granted once, whatever reports it', async () => {
    const id = await account();
    const other = await account();
    const payment = { id: `ch_${id}`, paid: 990n };
    await t.ledger.grant({ account: id, key: key(), amount: 200n, payment });
    expect(await t.ledger.paymentAccount({ payment: payment.id })).toBe(id);
    expect(await t.ledger.paymentAccount({ payment: 'ch_nobody' })).toBeNull();
    for (const who of [id, other]) {
      await expect(
        t.ledger.grant({ account: who, key: key(), amount: 200n, payment }),
      ).rejects.toBeInstanceOf(PaymentTakenError);
    }
    const raced = { id: `ch_race_${id}`, paid: 1n };
    const results = await Promise.allSettled(
      [id, other, id, other].map((who) =>
        t.ledger.grant({ account: who, key: key(), amount: 7n, payment: raced }),
      ),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  test('of 100 with 50 refunded and 50 disputed loses all 100, in any order and repetition', async () => {
    const events = [
      { refunded: 50n },
      { dispute: { id: 'dp', withdrawn: 50n } },
      { refunded: 50n },
      { dispute: { id: 'dp', withdrawn: 50n } },
      { refunded: 20n },
    ];
    for (const order of [events, events.toReversed()]) {
      const id = await account();
      const payment = { id: `ch_${id}`, paid: 100n };
      await t.ledger.grant({ account: id, key: key(), amount: 100n, payment });
      for (const event of order) {
        await t.ledger.clawback({ account: id, key: key(), payment: payment.id, ...event });
      }
      expect(await available(id)).toBe(0n);
      const won = { id: 'dp', withdrawn: 50n, reinstated: 50n };
      await t.ledger.clawback({ account: id, key: key(), payment: payment.id, dispute: won });
      await t.ledger.clawback({
        account: id,
        key: key(),
        payment: payment.id,
        dispute: { id: 'dp', withdrawn: 50n },
      });
      expect(await available(id)).toBe(50n);
    }
  });

  test('clawed back while held: taken on release, owed on capture, restored when the dispute is won', async () => {
    for (const end of ['release', 'capture'] as const) {
      const id = await account();
      const payment = { id: `ch_${id}`, paid: 100n };
      await t.ledger.grant({ account: id, key: key(), amount: 80n, payment, bonus: { amount: 20n } });
      const spent = await spend(id, 30n);
      const { hold } = await t.ledger.placeHold({ account: id, key: key(), amount: 60n, leaseSeconds: 600 });
      const clawed = await t.ledger.clawback({
        account: id,
        key: key(),
        payment: payment.id,
        dispute: { id: 'dp', withdrawn: 100n },
      });
      expect(clawed).toMatchObject({ amount: 100n, target: 100n, taken: 10n, pending: 60n, owed: 30n });
      await (end === 'release'
        ? t.ledger.release({ account: id, key: key(), hold: hold.id })
        : t.ledger.capture({ account: id, key: key(), hold: hold.id, amount: 60n }));
      expect(await available(id)).toBe(end === 'release' ? -30n : -90n);
      // what comes back settles the shortfall first
      await t.ledger.refund({ account: id, key: key(), hold: spent });
      expect(await t.ledger.balance({ account: id })).toMatchObject({
        total: 0n,
        debt: end === 'release' ? 0n : 60n,
      });
      await t.ledger.clawback({
        account: id,
        key: key(),
        payment: payment.id,
        dispute: { id: 'dp', withdrawn: 100n, reinstated: 100n },
      });
      expect(await available(id)).toBe(end === 'release' ? 100n : 40n);
    }
  });

  test('clawed back while several of its lots were held: each is owed, in the order of the slices', async () => {
    const id = await account();
    const payment = { id: `ch_${id}`, paid: 100n };
    const bonus = { amount: 20n, priority: -1 };
    await t.ledger.grant({ account: id, key: key(), amount: 80n, payment, bonus });
    const { hold } = await t.ledger.placeHold({ account: id, key: key(), amount: 100n, leaseSeconds: 600 });
    expect(hold.amount).toBe(100n);
    await t.ledger.clawback({ account: id, key: key(), payment: payment.id, refunded: 100n });
    await t.ledger.capture({ account: id, key: key(), hold: hold.id, amount: 100n });
    const { lines } = await t.ledger.statement({ account: id, limit: 1 });
    expect(
      lines[0]?.entries.filter((entry) => entry.debt !== null).map(({ debt, amount }) => [debt, amount]),
    ).toEqual([
      ['3', -20n],
      ['4', -80n],
    ]);
    expect(await t.ledger.balance({ account: id })).toMatchObject({ total: 0n, debt: 100n });
  });

  test('refunded after part of it had expired: what expired is not owed', async () => {
    const id = await account();
    const payment = { id: `ch_${id}`, paid: 100n };
    await t.ledger.grant({ account: id, key: key(), amount: 100n, payment, validFor: { days: 1 } });
    await spend(id, 40n);
    await t.passSeconds(days(2));
    await t.ledger.clawback({ account: id, key: key(), payment: payment.id, refunded: 100n });
    expect(await available(id)).toBe(-40n);
  });

  test('a refunded third is rounded up, and the whole is never exceeded', async () => {
    const id = await account();
    const payment = { id: `ch_${id}`, paid: 3n };
    await t.ledger.grant({ account: id, key: key(), amount: 100n, payment });
    await t.ledger.clawback({ account: id, key: key(), payment: payment.id, refunded: 1n });
    expect(await available(id)).toBe(66n);
    await t.ledger.clawback({ account: id, key: key(), payment: payment.id, refunded: 9n });
    expect(await available(id)).toBe(0n);
  });
});

describe('a lot', () => {
  test('that is voided loses what is free now and what is held when it is released', async () => {
    const id = await account();
    const { lot } = await t.ledger.grant({ account: id, key: key(), amount: 100n });
    const spent = await spend(id, 10n);
    const { hold } = await t.ledger.placeHold({ account: id, key: key(), amount: 50n, leaseSeconds: 600 });
    expect(await t.ledger.voidLot({ account: id, key: key(), lot })).toMatchObject({
      amount: 40n,
      pending: 50n,
    });
    await t.ledger.capture({ account: id, key: key(), hold: hold.id, amount: 20n });
    await t.ledger.refund({ account: id, key: key(), hold: spent });
    expect(await t.ledger.balance({ account: id })).toMatchObject({ total: 0n, held: 0n, available: 0n });
  });

  test('that starts later is upcoming until then, and can be spent from that instant', async () => {
    const id = await account();
    const effectiveAt = new Date(start.getTime() + 60_000);
    await t.ledger.grant({ account: id, key: key(), amount: 100n, effectiveAt, validFor: { seconds: 60 } });
    expect(await t.ledger.balance({ account: id })).toMatchObject({
      total: 0n,
      upcoming: 100n,
      available: 0n,
    });
    const steps = await t.ledger.forecast({ account: id, until: new Date(start.getTime() + 600_000) });
    expect(steps.map((step) => [step.kind, step.amount, step.balance.total])).toEqual([
      ['start_lot', 100n, 100n],
      ['expire_lot', 100n, 0n],
    ]);
    await t.passSeconds(60);
    expect(await t.ledger.balance({ account: id })).toMatchObject({ total: 100n, upcoming: 0n });
    await spend(id, 30n);
    await t.passSeconds(60);
    expect(await t.ledger.balance({ account: id })).toMatchObject({ total: 0n });
  });

  test('whose expiry is moved keeps open holds whole', async () => {
    const id = await account();
    const { lot } = await t.ledger.grant({ account: id, key: key(), amount: 100n });
    const { hold } = await t.ledger.placeHold({ account: id, key: key(), amount: 60n, leaseSeconds: 600 });
    await t.ledger.changeExpiry({ account: id, key: key(), lot, expiresAt: new Date(0) });
    expect(await t.ledger.balance({ account: id })).toMatchObject({ total: 60n, held: 60n });
    await t.ledger.changeExpiry({ account: id, key: key(), lot, expiresAt: null });
    const released = await t.ledger.release({ account: id, key: key(), hold: hold.id });
    expect(released.balance).toMatchObject({ total: 60n, available: 60n });
  });

  test('expires after calendar months of UTC, clamped', async () => {
    const id = await account();
    await t.stopClock(new Date('2026-08-31T09:00:00.000Z'));
    await t.ledger.grant({ account: id, key: key(), amount: 1n, validFor: { months: 6 } });
    const [lot] = await t.ledger.lots({ account: id });
    expect(lot?.expiresAt).toEqual(new Date('2027-02-28T09:00:00.000Z'));
  });
});

test('a merge moves lots, payments and debts, and later clawbacks follow', async () => {
  const from = await account();
  const into = await account();
  const payment = { id: `ch_${from}`, paid: 100n };
  await t.ledger.grant({ account: from, key: key(), amount: 100n, payment, validFor: { months: 6 } });
  await t.ledger.clawback({
    account: from,
    key: key(),
    payment: payment.id,
    dispute: { id: 'dp', withdrawn: 20n },
  });
  await spend(from, 30n);
  const { hold } = await t.ledger.placeHold({ account: from, key: key(), amount: 10n, leaseSeconds: 600 });
  await expect(t.ledger.merge({ from, into, key: key() })).rejects.toMatchObject({ code: 'holds_open' });
  await t.ledger.release({ account: from, key: key(), hold: hold.id });
  const merged = await t.ledger.merge({ from, into, key: 'merge' });
  expect(merged).toMatchObject({ amount: 50n, debt: 0n, into: { balance: { total: 50n } } });
  expect(await t.ledger.merge({ from, into, key: 'merge' })).toMatchObject({ from: { replayed: true } });
  await t.ledger.clawback({
    account: from,
    key: key(),
    payment: payment.id,
    dispute: { id: 'dp', withdrawn: 20n, reinstated: 20n },
  });
  expect(await available(into)).toBe(70n);
  await t.ledger.clawback({ account: into, key: key(), payment: payment.id, refunded: 100n });
  expect(await available(into)).toBe(-30n);
  await expect(t.ledger.grant({ account: from, key: key(), amount: 1n })).rejects.toMatchObject({
    code: 'account_closed',
    data: { merged_into: into },
  });
});

test('a clawback that waits behind a merge goes to the account that took over', async () => {
  const from = await account();
  const into = await account();
  const payment = { id: `ch_${from}`, paid: 100n };
  await t.ledger.grant({ account: from, key: key(), amount: 100n, payment });
  const merging = await t.pool.connect();
  try {
    await merging.query('begin');
    await t.ledger.on(merging).merge({ from, into, key: key() });
    const clawback = t.ledger.clawback({ account: from, key: key(), payment: payment.id, refunded: 40n });
    const waiting = async (): Promise<unknown> =>
      (
        await t.admin.query(`select count(*)::int as n from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`)
      ).rows[0];
    await expect.poll(waiting, { timeout: 20_000 }).toEqual({ n: 1 });
    await merging.query('commit');
    expect(await clawback).toMatchObject({ account: into, amount: 40n });
  } finally {
    merging.release();
  }
  expect(await available(into)).toBe(60n);
});

test('a frozen account takes no writes, its leases stop, and thawing loses nothing', async () => {
  const id = await account();
  await t.ledger.grant({ account: id, key: key(), amount: 100n });
  const { hold } = await t.ledger.placeHold({ account: id, key: key(), amount: 60n, leaseSeconds: 60 });
  await t.ledger.freeze({ account: id, key: key(), reason: 'drift' });
  await expect(
    t.ledger.capture({ account: id, key: 'parked', hold: hold.id, amount: 60n }),
  ).rejects.toMatchObject({ code: 'account_frozen' });
  await t.passSeconds(3600);
  expect(await t.ledger.balance({ account: id })).toMatchObject({ held: 60n, frozen: true, openHolds: 1 });
  await t.ledger.thaw({ account: id, key: key() });
  const parked = await t.ledger.capture({ account: id, key: 'parked', hold: hold.id, amount: 60n });
  expect(parked).toMatchObject({ late: false, balance: { total: 40n } });
});

test('an explanation adds up to what is available', async () => {
  const id = await account();
  await t.ledger.grant({
    account: id,
    key: key(),
    amount: 100n,
    validFor: { days: 1 },
    reference: 'welcome',
  });
  await spend(id, 60n);
  await t.passSeconds(days(2));
  await t.ledger.grant({ account: id, key: key(), amount: 100n });
  await t.ledger.placeHold({ account: id, key: key(), amount: 25n, leaseSeconds: 600, reference: 'gen_9' });
  const explained = await t.ledger.explain({ account: id });
  expect(explained.lines.map((line) => line.text)).toEqual([
    'lot 1 (promotional, welcome, from 2026-01-31 to 2026-02-01): granted +100, captured -60, expired -40',
    'lot 2 (promotional, from 2026-02-02, never expires): granted +100',
    'hold 7 (gen_9) pins 25',
  ]);
  expect(explained.lines.reduce((sum, line) => sum + line.amount, 0n)).toBe(explained.balance.available);
});

test('after all of this nothing differs', async () => {
  expect((await t.ledger.verify()).differences).toEqual([]);
});
