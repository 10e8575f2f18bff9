import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createLedger, LedgerError, type Ledger } from '../src/index.ts';
import { createTestLedger, type TestLedger } from './support/database.ts';

let t: TestLedger;
beforeAll(async () => {
  t = await createTestLedger(inject('adminUrl'));
  await t.ledger.openAccount({ account: 'per_a' });
  await t.ledger.grant({ account: 'per_a', key: 'g', amount: 100n });
  await t.ledger.openAccount({ account: 'per_closed' });
  await t.ledger.closeAccount({ account: 'per_closed', key: 'close' });
});
afterAll(() => t.close());

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'accepted',
    (error: unknown) => (error instanceof LedgerError ? error.code : `untyped: ${String(error)}`),
  );
}

describe('rubbish is refused with a typed error', () => {
  const amounts = [NaN, 1e30, '', '0x10', -1n, 2n ** 63n, 1.5, null, undefined, 10, '10', 10n ** 15n + 1n];
  test.each(amounts.map((amount) => [String(amount), amount]))('as an amount: %s', async (_, amount) => {
    const wrong = amount as bigint;
    expect(await codeOf(t.ledger.grant({ account: 'per_a', key: 'x', amount: wrong }))).toBe(
      'amount_invalid',
    );
    expect(
      await codeOf(t.ledger.placeHold({ account: 'per_a', key: 'x', amount: wrong, leaseSeconds: 60 })),
    ).toBe('amount_invalid');
    expect(await codeOf(t.ledger.capture({ account: 'per_a', key: 'x', hold: '1', amount: wrong }))).toBe(
      'amount_invalid',
    );
  });

  const keys = ['', 'x'.repeat(10_240), 'with \0 in it', '\ud800', 5, null];
  test.each(keys.map((key) => [String(key).slice(0, 20), key]))('as a key: %s', async (_, key) => {
    expect(await codeOf(t.ledger.grant({ account: 'per_a', key: key as string, amount: 1n }))).toBe(
      'key_invalid',
    );
  });

  test('as an account, a hold, a lot, a payment, a time, a lease', async () => {
    const hold = { account: 'per_a', key: 'x', amount: 1n, leaseSeconds: 60 };
    expect(await codeOf(t.ledger.grant({ account: 'nobody', key: 'x', amount: 1n }))).toBe(
      'account_not_found',
    );
    expect(await codeOf(t.ledger.balance({ account: 'nobody' }))).toBe('account_not_found');
    expect(await codeOf(t.ledger.grant({ account: 'per_closed', key: 'x', amount: 1n }))).toBe(
      'account_closed',
    );
    expect(await codeOf(t.ledger.openAccount({ account: 'per_a', unit: 'minute' }))).toBe('account_exists');
    for (const id of ['999', 'x', '-1', '1e3', '9'.repeat(30), "1'; drop table ledger.lot"]) {
      expect(await codeOf(t.ledger.capture({ account: 'per_a', key: 'x', hold: id, amount: 1n }))).toBe(
        'hold_not_found',
      );
      expect(await codeOf(t.ledger.hold({ account: 'per_a', hold: id }))).toBe('hold_not_found');
      expect(await codeOf(t.ledger.voidLot({ account: 'per_a', key: 'x', lot: id }))).toBe('lot_not_found');
    }
    expect(await codeOf(t.ledger.clawback({ account: 'per_a', key: 'x', payment: 'ch', refunded: 1n }))).toBe(
      'payment_not_found',
    );
    for (const leaseSeconds of [0, -1, 1.5, NaN, Infinity, 10 ** 12]) {
      expect(await codeOf(t.ledger.placeHold({ ...hold, leaseSeconds }))).toBe('request_invalid');
    }
    expect(
      await codeOf(t.ledger.grant({ account: 'per_a', key: 'x', amount: 1n, expiresAt: new Date(NaN) })),
    ).toBe('request_invalid');
    expect(
      await codeOf(
        t.ledger.grant({ account: 'per_a', key: 'x', amount: 1n, metadata: { big: 'x'.repeat(9000) } }),
      ),
    ).toBe('request_invalid');
    expect(await codeOf(t.ledger.statement({ account: 'per_a', limit: 0 }))).toBe('request_invalid');
    expect(await codeOf(t.ledger.statement({ account: 'per_a', cursor: 'x' }))).toBe('request_invalid');
    expect(await codeOf(t.ledger.operations({ after: "0:0:0'; --" }))).toBe('request_invalid');
  });

  test('SQL in keys and references is only text', async () => {
    const nasty = `'); drop table ledger.operation; --`;
    await t.ledger.grant({
      account: 'per_a',
      key: nasty,
      amount: 1n,
      reference: nasty,
      metadata: { [nasty]: nasty },
    });
    const { lines } = await t.ledger.statement({ account: 'per_a', limit: 1 });
    expect(lines).toMatchObject([{ key: nasty, reference: nasty, metadata: { [nasty]: nasty } }]);
  });
});

describe('a key', () => {
  test('stands for one intent: the same replays, another conflicts and shows what was stored', async () => {
    const grant = { account: 'per_a', key: 'once', amount: 5n, reference: 'order 7' };
    const first = await t.ledger.grant(grant);
    expect(await t.ledger.grant(grant)).toEqual({ ...first, replayed: true });
    const conflict = await t.ledger.grant({ ...grant, amount: 6n }).catch((error: unknown) => error);
    expect(conflict).toMatchObject({
      code: 'idempotency_conflict',
      data: { key: 'once', kind: 'grant', amount: '5', reference: 'order 7' },
    });
  });

  test('gives the same answer across an expiry', async () => {
    await t.stopClock(new Date('2027-01-01T00:00:00Z'));
    await t.ledger.openAccount({ account: 'per_e' });
    await t.ledger.grant({ account: 'per_e', key: 'g', amount: 10n, validFor: { days: 1 } });
    const request = { account: 'per_e', key: 'h', amount: 10n, leaseSeconds: 60 };
    const first = await t.ledger.placeHold(request);
    await t.passSeconds(7 * 86_400);
    expect(await t.ledger.placeHold(request)).toEqual({ ...first, replayed: true });
    await t.stopClock(null);
  });

  test('of a refusal is remembered if the transaction commits, and only then', async () => {
    const request = { account: 'per_a', key: 'too much', amount: 10_000n, leaseSeconds: 60 };
    const client = await t.pool.connect();
    try {
      await client.query('begin');
      expect(await codeOf(t.ledger.on(client).placeHold(request))).toBe('insufficient_credits');
      await client.query('rollback');
    } finally {
      client.release();
    }
    await expect(t.ledger.placeHold(request)).rejects.toMatchObject({ replayed: false });
    await t.ledger.grant({ account: 'per_a', key: 'later', amount: 20_000n });
    await expect(t.ledger.placeHold(request)).rejects.toMatchObject({ replayed: true });
    expect(await t.ledger.pruneRefusals({ before: new Date(Date.now() + 60_000) })).toBeGreaterThan(0);
    expect(await t.ledger.placeHold(request)).toMatchObject({ replayed: false });
  });
});

describe('in a batch', () => {
  const concurrently = async (ledger: Ledger, account: string, amounts: bigint[]): Promise<string[]> =>
    Promise.all(
      amounts.map((amount, index) =>
        codeOf(ledger.placeHold({ account, key: `b${index}`, amount, leaseSeconds: 60 })),
      ),
    );

  test('a refused item never refuses a smaller one behind it', async () => {
    const batching = createLedger(t.pool, { batching: { writers: 1 } });
    await t.ledger.openAccount({ account: 'per_b' });
    await t.ledger.grant({ account: 'per_b', key: 'g', amount: 100n });
    expect(await concurrently(batching, 'per_b', [150n, 60n, 50n, 40n])).toEqual([
      'insufficient_credits',
      'accepted',
      'insufficient_credits',
      'accepted',
    ]);
    const commits = await t.admin.query(
      `select count(*)::int as operations, count(distinct o.tx)::int as transactions
       from ledger.operation o join ledger.account a on a.account_no = o.account_no
       where a.id = 'per_b' and o.kind = 'place_hold'`,
    );
    expect(commits.rows).toEqual([{ operations: 2, transactions: 1 }]);
  });

  test('each gets its own result or its own error; one key twice replays', async () => {
    const batching = createLedger(t.pool, { batching: true });
    await t.ledger.openAccount({ account: 'per_c' });
    await t.ledger.grant({ account: 'per_c', key: 'g', amount: 100n });
    const hold = { account: 'per_c', key: 'same', amount: 10n, leaseSeconds: 60 };
    const results = await Promise.allSettled([
      batching.placeHold(hold),
      batching.placeHold(hold),
      batching.placeHold({ ...hold, amount: 11n }),
      batching.placeHold({ ...hold, account: 'nobody' }),
      batching.placeHold({ ...hold, account: 'per_closed' }),
      batching.capture({ account: 'per_c', key: 'c', hold: '77', amount: 1n }),
      batching.placeHold({ ...hold, key: 'lease', leaseSeconds: -5 }),
      batching.placeHold({ ...hold, key: 'other' }),
    ]);
    expect(
      results.map((result) =>
        result.status === 'fulfilled' ? result.value.replayed : (result.reason as LedgerError).code,
      ),
    ).toEqual([
      false,
      true,
      'idempotency_conflict',
      'account_not_found',
      'account_closed',
      'hold_not_found',
      'request_invalid',
      false,
    ]);
    expect(await t.ledger.balance({ account: 'per_c' })).toMatchObject({ held: 20n, openHolds: 2 });
  });

  test('any text arrives as it is, beside any other', async () => {
    const batching = createLedger(t.pool, { batching: true });
    await t.ledger.openAccount({ account: 'per "odd", (one)' });
    await t.ledger.grant({ account: 'per "odd", (one)', key: 'g', amount: 100n });
    const texts = [
      'null',
      'NULL',
      ' ',
      '"',
      '\\',
      '\\"',
      "'",
      ',',
      '{}',
      '("a",b)',
      'a\nb\t',
      '“é” 漢字 🎬',
      '$1;--',
    ];
    const placed = await Promise.all(
      texts.map((text) =>
        batching.placeHold({
          account: 'per "odd", (one)',
          key: text,
          amount: 1n,
          leaseSeconds: 60,
          reference: text,
          metadata: { [text]: [text, 1, null] },
        }),
      ),
    );
    const { rows } = await t.admin.query(
      `select o.key, o.reference, o.metadata, (o.tx = max(o.tx) over ()) as together
       from ledger.operation o join ledger.account a on a.account_no = o.account_no
       where a.id = 'per "odd", (one)' and o.kind = 'place_hold' order by o.seq`,
    );
    expect(rows).toEqual(
      texts.map((text) => ({
        key: text,
        reference: text,
        metadata: { [text]: [text, 1, null] },
        together: true,
      })),
    );
    expect(placed.map(({ replayed }) => replayed)).toEqual(texts.map(() => false));
  });

  test('the caller’s own transaction is never gathered: it commits or not by itself', async () => {
    const batching = createLedger(t.pool, { batching: true });
    await t.ledger.openAccount({ account: 'per_own' });
    await t.ledger.grant({ account: 'per_own', key: 'g', amount: 100n });
    const client = await t.pool.connect();
    try {
      for (const end of ['rollback', 'commit']) {
        await client.query('begin');
        const request = { account: 'per_own', key: 'h', amount: 10n, leaseSeconds: 60 };
        const { balance } = await batching.on(client).placeHold(request);
        expect(balance.held).toBe(10n);
        expect(await t.ledger.balance({ account: 'per_own' })).toMatchObject({ held: 0n });
        await client.query(end);
        expect(await t.ledger.balance({ account: 'per_own' })).toMatchObject({
          held: end === 'commit' ? 10n : 0n,
        });
      }
    } finally {
      client.release();
    }
  });

  test('300 clients on credit for 100: exactly 100, whatever is gathered', async () => {
    const batching = createLedger(t.pool, { batching: { maxItems: 50 } });
    await t.ledger.openAccount({ account: 'per_d' });
    await t.ledger.grant({ account: 'per_d', key: 'g', amount: 1000n });
    const codes = await concurrently(
      batching,
      'per_d',
      Array.from({ length: 300 }, () => 10n),
    );
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(100);
    expect(codes.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 'accepted'));
  });
});

test('a sweep books idle accounts in bounded chunks, and a balance is the same before and after', async () => {
  await t.stopClock(new Date('2028-01-01T00:00:00Z'));
  for (let index = 0; index < 7; index += 1) {
    await t.ledger.openAccount({ account: `idle_${index}` });
    await t.ledger.grant({ account: `idle_${index}`, key: 'g', amount: 10n, validFor: { days: 1 } });
  }
  await t.passSeconds(2 * 86_400);
  const before = await t.ledger.balance({ account: 'idle_0' });
  const first = await t.ledger.expireDue({ maxAccounts: 3 });
  expect(first).toMatchObject({ accounts: 3, more: true });
  while ((await t.ledger.expireDue({ maxAccounts: 3 })).more);
  expect(await t.ledger.balance({ account: 'idle_0' })).toMatchObject({ total: before.total });
  expect(await t.ledger.statement({ account: 'idle_6' })).toMatchObject({
    lines: [{ kind: 'expire_lot', amount: 10n }, { kind: 'grant' }, { kind: 'open_account' }],
  });
});

test('after all of this nothing differs', async () => {
  expect((await t.ledger.verify()).differences).toEqual([]);
});
