import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { HoldNotOpenError, InsufficientCreditsError, OverCaptureError } from '../src/index.ts';
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

async function account(...grants: { amount: bigint; days?: number; paid?: boolean; priority?: number }[]) {
  const id = `per_${(next += 1)}`;
  await t.stopClock(start);
  await t.ledger.openAccount({ account: id });
  for (const grant of grants) {
    await t.ledger.grant({
      account: id,
      key: key(),
      amount: grant.amount,
      class: grant.paid ? 'paid' : 'promotional',
      priority: grant.priority,
      ...(grant.days === undefined ? {} : { validFor: { days: grant.days } }),
    });
  }
  return id;
}

describe('a hold', () => {
  test('of 42 captured out of 50 gives 8 back', async () => {
    const id = await account({ amount: 100n });
    const placed = await t.ledger.placeHold({ account: id, key: key(), amount: 50n, leaseSeconds: 600 });
    expect(placed.balance).toEqual({ total: 100n, held: 50n, available: 50n, debt: 0n, upcoming: 0n });
    const captured = await t.ledger.capture({ account: id, key: key(), hold: placed.hold.id, amount: 42n });
    expect(captured.hold).toMatchObject({ amount: 50n, captured: 42n, released: 8n, state: 'captured' });
    expect(captured.balance).toEqual({ total: 58n, held: 0n, available: 58n, debt: 0n, upcoming: 0n });
  });

  test('that is too large is refused with the figures, and the caller transaction lives', async () => {
    const id = await account({ amount: 255n });
    const client = await t.pool.connect();
    try {
      await client.query('begin');
      const inside = t.ledger.on(client);
      await inside.placeHold({ account: id, key: key(), amount: 135n, leaseSeconds: 600 });
      const refusal = await inside
        .placeHold({ account: id, key: 'second', amount: 135n, leaseSeconds: 600 })
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(InsufficientCreditsError);
      expect(refusal).toMatchObject({
        total: 255n,
        held: 135n,
        available: 120n,
        required: 135n,
        replayed: false,
      });
      await client.query('commit');
    } finally {
      client.release();
    }
    await t.ledger.grant({ account: id, key: key(), amount: 1000n });
    const stale = t.ledger.placeHold({ account: id, key: 'second', amount: 135n, leaseSeconds: 600 });
    await expect(stale).rejects.toMatchObject({ code: 'insufficient_credits', replayed: true });
  });

  test('pins lots by priority, then expiry, then promotional before paid, then id', async () => {
    const id = await account(
      { amount: 10n },
      { amount: 10n, days: 30, paid: true },
      { amount: 10n, days: 30 },
      { amount: 10n, days: 10, paid: true },
      { amount: 10n, priority: -1, days: 90 },
    );
    const placed = await t.ledger.placeHold({ account: id, key: key(), amount: 45n, leaseSeconds: 600 });
    expect(placed.slices.map((slice) => slice.lot)).toEqual(['5', '4', '3', '2', '1']);
    expect(placed.slices.at(-1)?.amount).toBe(5n);
  });

  test('keeps its slices past the lot expiry; the rest of the lot expires, and what is released later too', async () => {
    const id = await account({ amount: 100n, days: 1 });
    const placed = await t.ledger.placeHold({
      account: id,
      key: key(),
      amount: 60n,
      leaseSeconds: days(3),
    });
    await t.passSeconds(days(1));
    expect(await t.ledger.balance({ account: id })).toMatchObject({ total: 60n, held: 60n, available: 0n });
    const captured = await t.ledger.capture({ account: id, key: key(), hold: placed.hold.id, amount: 50n });
    expect(captured.balance).toMatchObject({ total: 0n, held: 0n, available: 0n });
    expect(await t.ledger.lots({ account: id, all: true })).toMatchObject([
      { state: 'expired', granted: 100n, consumed: 50n, expired: 50n, remaining: 0n },
    ]);
  });

  test('released for our fault past the expiry moves to a replacement lot with grace', async () => {
    const id = await account({ amount: 100n, days: 1 });
    const placed = await t.ledger.placeHold({ account: id, key: key(), amount: 60n, leaseSeconds: days(3) });
    await t.passSeconds(days(2));
    const released = await t.ledger.release({
      account: id,
      key: key(),
      hold: placed.hold.id,
      fault: 'provider',
      graceSeconds: days(5),
    });
    expect(released.balance).toMatchObject({ total: 60n, held: 0n, available: 60n });
    const [lot] = await t.ledger.lots({ account: id });
    expect(lot).toMatchObject({ remaining: 60n, rootLot: '1' });
    expect(lot?.expiresAt).toEqual(new Date(start.getTime() + days(7) * 1000));
  });

  test('is captured several times, each with its own key, and released at the end', async () => {
    const id = await account({ amount: 30n }, { amount: 30n });
    const { hold } = await t.ledger.placeHold({ account: id, key: key(), amount: 50n, leaseSeconds: 600 });
    await t.ledger.capture({ account: id, key: key(), hold: hold.id, amount: 20n, final: false });
    const second = await t.ledger.capture({
      account: id,
      key: key(),
      hold: hold.id,
      amount: 20n,
      final: false,
    });
    expect(second.slices).toEqual([
      { lot: '1', amount: 10n, debt: false },
      { lot: '2', amount: 10n, debt: false },
    ]);
    const released = await t.ledger.release({ account: id, key: key(), hold: hold.id });
    expect(released.hold).toMatchObject({ captured: 40n, released: 10n, state: 'captured' });
    expect(released.balance).toMatchObject({ total: 20n, available: 20n });
  });

  test('refuses or caps a capture above it, as chosen when it was placed', async () => {
    const id = await account({ amount: 100n });
    const strict = await t.ledger.placeHold({ account: id, key: key(), amount: 10n, leaseSeconds: 600 });
    await expect(
      t.ledger.capture({ account: id, key: key(), hold: strict.hold.id, amount: 11n }),
    ).rejects.toBeInstanceOf(OverCaptureError);
    const capped = await t.ledger.placeHold({
      account: id,
      key: key(),
      amount: 10n,
      leaseSeconds: 600,
      overCapture: 'cap',
    });
    expect(
      await t.ledger.capture({ account: id, key: key(), hold: capped.hold.id, amount: 11n }),
    ).toMatchObject({ amount: 10n, shortfall: 1n });
  });

  test('expires with its lease; extending is only possible before; a late capture within the grace', async () => {
    const id = await account({ amount: 100n });
    const request = { account: id, amount: 40n, leaseSeconds: 60, lateSeconds: 100 };
    const { hold } = await t.ledger.placeHold({ ...request, key: key() });
    const other = await t.ledger.placeHold({ ...request, key: key() });
    await t.passSeconds(59);
    await t.ledger.extendHold({ account: id, key: key(), hold: hold.id, leaseSeconds: 60 });
    await t.passSeconds(60);
    expect(await t.ledger.balance({ account: id })).toMatchObject({
      held: 0n,
      available: 100n,
      openHolds: 0,
    });
    await expect(
      t.ledger.extendHold({ account: id, key: key(), hold: hold.id, leaseSeconds: 60 }),
    ).rejects.toBeInstanceOf(HoldNotOpenError);
    const late = await t.ledger.capture({ account: id, key: key(), hold: hold.id, amount: 30n });
    expect(late).toMatchObject({
      late: true,
      amount: 30n,
      hold: { state: 'captured', captured: 30n, released: 10n },
    });
    await t.passSeconds(100);
    await expect(
      t.ledger.capture({ account: id, key: key(), hold: other.hold.id, amount: 30n }),
    ).rejects.toMatchObject({ code: 'hold_not_open', state: 'expired', captured: 0n, released: 40n });
  });

  test('a lot of 100 with 60 spent expires; the other 100 stays whole', async () => {
    const id = await account({ amount: 100n, days: 1 }, { amount: 100n, days: 30 });
    const { hold } = await t.ledger.placeHold({ account: id, key: key(), amount: 60n, leaseSeconds: 600 });
    await t.ledger.capture({ account: id, key: key(), hold: hold.id, amount: 60n });
    await t.passSeconds(days(2));
    expect(await t.ledger.balance({ account: id })).toMatchObject({ total: 100n, available: 100n });
    await t.ledger.expireDue();
    expect(await t.ledger.balance({ account: id })).toMatchObject({ total: 100n, available: 100n });
  });
});

test('two captures and a release race with the end of the lease: one wins, the others are told how it ended', async () => {
  const id = await account({ amount: 1000n });
  const ends = new Set<string>();
  for (let round = 0; round < 24; round += 1) {
    const { hold } = await t.ledger.placeHold({
      account: id,
      key: key(),
      amount: 40n,
      leaseSeconds: 600,
      lateSeconds: 0,
    });
    const moves = [
      async () => t.ledger.capture({ account: id, key: key(), hold: hold.id, amount: 40n }),
      async () => t.ledger.capture({ account: id, key: key(), hold: hold.id, amount: 40n }),
      async () => t.ledger.release({ account: id, key: key(), hold: hold.id }),
      async () => {
        await t.passSeconds(600);
        await t.ledger.expireDue();
      },
    ];
    // each has its turn to set out first
    const order = moves.map((_, index) => moves[(index + round) % moves.length] ?? moves[0]);
    const results = await Promise.allSettled(order.map(async (move) => move?.()));
    await t.ledger.expireDue();
    const final = await t.ledger.hold({ account: id, hold: hold.id });
    ends.add(final.state);
    const told = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    expect(told).toHaveLength(final.state === 'expired' ? 3 : 2);
    for (const reason of told) expect(reason).toMatchObject({ state: final.state, captured: final.captured });
  }
  expect(ends.size).toBeGreaterThan(1);
  expect(await t.ledger.verify({ account: id })).toMatchObject({ violations: 0 });
});

test('200 clients on credit for 100 holds: exactly 100', async () => {
  const id = await account({ amount: 1000n });
  // all connections wait at the account's row before the first is let through
  const gate = await t.admin.connect();
  await gate.query('begin');
  await gate.query('select from ledger.account where id = $1 for update', [id]);
  const calls = Promise.allSettled(
    Array.from({ length: 200 }, () =>
      t.ledger.placeHold({ account: id, key: key(), amount: 10n, leaseSeconds: 600 }),
    ),
  );
  const waiting = async (): Promise<unknown> =>
    (
      await t.admin.query(`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`)
    ).rows[0];
  await expect.poll(waiting, { timeout: 20_000 }).toEqual({ n: 10 });
  await gate.query('commit');
  gate.release();
  const results = await calls;
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(100);
  const reasons = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  expect(reasons.filter((reason) => !(reason instanceof InsufficientCreditsError))).toEqual([]);
  expect(await t.ledger.balance({ account: id })).toMatchObject({
    held: 1000n,
    available: 0n,
    openHolds: 100,
  });
});
