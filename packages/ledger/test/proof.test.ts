import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { Head } from '../src/index.ts';
import { createTestLedger, type TestLedger } from './support/database.ts';

let t: TestLedger;

beforeEach(async () => {
  t = await createTestLedger(inject('adminUrl'));
});
afterEach(() => t.close());

async function allHeads(): Promise<Head[]> {
  const heads: Head[] = [];
  for await (const head of t.ledger.heads()) heads.push(head);
  return heads;
}

async function somethingHappened(): Promise<void> {
  for (const account of ['per_a', 'per_b']) {
    await t.ledger.openAccount({ account });
    await t.ledger.grant({ account, key: 'g', amount: 100n, reference: 'welcome', metadata: { by: 'us' } });
    const { hold } = await t.ledger.placeHold({ account, key: 'h', amount: 60n, leaseSeconds: 600 });
    await t.ledger.capture({ account, key: 'c', hold: hold.id, amount: 42n });
  }
}

test('the journal can be neither updated nor deleted nor truncated, by the application or by its owner', async () => {
  await somethingHappened();
  for (const statement of [
    'update ledger.operation set amount = 1',
    'delete from ledger.operation',
    'truncate ledger.operation',
    'update ledger.lot set remaining = 1000000',
    'insert into ledger.refusal values (1, $$k$$, $$$$, now(), $$c$$, $${}$$)',
    'select ledger.begin_write($$per_a$$, $$grant$$, $$k$$, null, null, null, null)',
    'create table ledger.mine ()',
  ]) {
    await expect(t.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  }
  for (const statement of [
    'update ledger.operation set amount = 1',
    'update ledger.operation set reference = null',
    'delete from ledger.operation',
    'truncate ledger.operation',
  ]) {
    await expect(t.admin.query(statement)).rejects.toMatchObject({ code: 'LG013' });
  }
});

test('one altered byte is found and named, and so is a missing operation', async () => {
  await somethingHappened();
  expect(await t.ledger.verify()).toMatchObject({ accounts: 2, operations: 8n, violations: 0 });
  await t.admin.query('alter table ledger.operation disable trigger all');
  await t.admin.query(
    `update ledger.operation set reference = 'welcomf' where reference = 'welcome' and account_no = 2`,
  );
  expect(await t.ledger.verify()).toMatchObject({
    violations: 1,
    differences: [{ check: 'chain', account: 'per_b', operation: 2n }],
  });
  await t.admin.query(`update ledger.operation set reference = 'welcome' where reference = 'welcomf'`);
  await t.admin.query('delete from ledger.operation where account_no = 1 and seq = 3');
  const { differences } = await t.ledger.verify({ account: 'per_a', freeze: true });
  expect(differences).toContainEqual(
    expect.objectContaining({ check: 'chain', account: 'per_a', operation: 3n }),
  );
  await expect(t.ledger.grant({ account: 'per_a', key: 'x', amount: 1n })).rejects.toMatchObject({
    code: 'account_frozen',
  });
  expect(await t.ledger.balance({ account: 'per_a' })).toMatchObject({ frozen: true, total: 58n });
});

test('drift of a balance, a lot or a hold is found by name', async () => {
  await somethingHappened();
  const drifts: [string, string][] = [
    ['update ledger.account set total = total + 1 where account_no = 1', 'I2'],
    ['update ledger.lot set remaining = remaining - 1, consumed = consumed + 1 where account_no = 1', 'I2'],
    ['update ledger.lot set held = 1 where account_no = 1', 'I3'],
    ['update ledger.hold set captured = 41, released = 19 where account_no = 1', 'I8'],
  ];
  for (const [statement, check] of drifts) {
    const client = await t.admin.connect();
    try {
      await client.query('begin');
      await client.query(statement);
      const { differences } = await t.ledger.on(client).verify({ account: 'per_a' });
      expect(differences.map((difference) => difference.check)).toContain(check);
      await client.query('rollback');
    } finally {
      client.release();
    }
  }
});

test('a chain that was rewritten as a whole is found by an anchored head', async () => {
  await somethingHappened();
  const heads = await allHeads();
  expect(heads).toHaveLength(2);
  expect(await t.ledger.verify({ heads })).toMatchObject({ violations: 0 });
  const [first] = heads;
  const forged = [{ ...first, hash: '00'.repeat(32) } as Head];
  expect(await t.ledger.verify({ heads: forged })).toMatchObject({ violations: 1 });
});

test('scrubbing a person forgets the words and keeps the books', async () => {
  await somethingHappened();
  const before = await allHeads();
  await t.ledger.scrub({ account: 'per_a' });
  const after = await allHeads();
  expect(after.map((head) => head.hash)).toEqual(before.map((head) => head.hash));
  expect(await t.ledger.verify()).toMatchObject({ violations: 0 });
  const words = await t.admin.query(
    'select count(*)::int as n from ledger.operation where account_no = 1 and (key, reference, metadata) is not null',
  );
  expect(words.rows).toEqual([{ n: 0 }]);
});

test('a past balance is stable for ever, also when a transaction stalls between begin and lock', async () => {
  await t.stopClock(new Date('2026-03-01T00:00:00Z'));
  await t.ledger.openAccount({ account: 'per_a' });
  await t.ledger.grant({ account: 'per_a', key: 'g1', amount: 100n, validFor: { days: 10 } });
  const stalled = await t.pool.connect();
  try {
    await stalled.query('begin');
    await stalled.query('select now()');
    await t.passSeconds(86_400);
    const asOf = new Date('2026-03-01T12:00:00Z');
    const first = await t.ledger.balance({ account: 'per_a', at: asOf });
    await t.ledger.on(stalled).grant({ account: 'per_a', key: 'g2', amount: 50n });
    await stalled.query('commit');
    expect(await t.ledger.balance({ account: 'per_a', at: asOf })).toMatchObject({ total: first.total });
    expect(first.total).toBe(100n);
    await t.passSeconds(20 * 86_400);
    await t.ledger.expireDue();
    expect(await t.ledger.balance({ account: 'per_a', at: asOf })).toMatchObject({ total: 100n, held: 0n });
    const middle = await t.ledger.balance({ account: 'per_a', at: new Date('2026-03-05T00:00:00Z') });
    expect(middle.total).toBe(150n);
    expect(await t.ledger.balance({ account: 'per_a', at: new Date('2026-02-01T00:00:00Z') })).toMatchObject({
      total: 0n,
    });
  } finally {
    stalled.release();
  }
});

test('committed operations are followed in order, none twice and none missed', async () => {
  await somethingHappened();
  const open = await t.pool.connect();
  try {
    await open.query('begin');
    await t.ledger.on(open).grant({ account: 'per_a', key: 'open', amount: 1n });
    await t.ledger.grant({ account: 'per_b', key: 'done', amount: 1n });
    const seen: string[] = [];
    let after: string | null = null;
    const follow = async (): Promise<void> => {
      for (;;) {
        const page = await t.ledger.operations({ after, limit: 3 });
        after = page.cursor;
        seen.push(
          ...page.operations.map((operation) => `${operation.account} ${operation.kind} ${operation.key}`),
        );
        if (page.operations.length === 0) return;
      }
    };
    // a transaction of any database of the cluster may hold a follower back for a moment
    const followed = async (): Promise<number> => {
      await follow();
      return seen.length;
    };
    await expect.poll(followed, { timeout: 20_000 }).toBe(8);
    await open.query('commit');
    await expect.poll(followed, { timeout: 20_000 }).toBe(10);
    expect(new Set(seen).size).toBe(10);
    expect(seen.slice(8).toSorted()).toEqual(['per_a grant open', 'per_b grant done']);
  } finally {
    open.release();
  }
});
