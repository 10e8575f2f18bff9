import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveTier, setPersonTier } from '../../src/accounts/tiers.ts';
import { lockStarts } from '../../src/credits/charges.ts';
import { cancelGeneration } from '../../src/generations/end/cancel.ts';
import { inTransaction } from '../../src/platform/database.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { askFor, deliver, expectBooksToAgree, fail, offerAllPolicies, takeInHand } from './by-hand.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let pipeline: Pipeline;

beforeAll(async () => {
  world = await createWorld();
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    clock: world.clock,
    providers: [createScriptedProvider({ url: 'http://127.0.0.1:9' })],
  });
  await offerAllPolicies(world.db);
});

afterAll(async () => {
  await expectBooksToAgree(world.admin, pipeline);
  await pipeline.close();
  await world.close();
});

const prepaid = { policy: 'prepaid', seconds: 5 } as const;
const postpaid = { policy: 'postpaid', seconds: 5 } as const;

async function receiptOf(person: string, id: string) {
  return (await pipeline.see(person, id)).receipt;
}

async function waiting(): Promise<unknown[]> {
  const { rows } = await world.admin.query(
    `select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows;
}

describe('prepaid', () => {
  test('the quote is charged at the start; what was not delivered comes back', async () => {
    const person = await pipeline.person(100n);
    const id = await askFor(pipeline, person, prepaid);
    expect(await pipeline.balance(person)).toMatchObject({ total: 50n, held: 0n, available: 50n });
    expect(await receiptOf(person, id)).toMatchObject({
      policy: 'prepaid',
      quoted: 50n,
      held: 0n,
      captured: 50n,
      refunded: 0n,
      not_charged: false,
      summary: '50 credits charged at the start. They are refunded if it fails.',
    });
    await deliver(pipeline, await takeInHand(world.db, id), [4.2]);
    expect(await receiptOf(person, id)).toMatchObject({
      captured: 50n,
      refunded: 8n,
      charged: 42n,
      released: 0n,
      summary: '4.2 s delivered: 50 credits charged, 8 refunded.',
    });
    expect(await pipeline.balance(person)).toMatchObject({ total: 58n, available: 58n });
  });

  test('50 at once with credit for 3: exactly 3 are charged', async () => {
    const person = await pipeline.person(150n);
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => askFor(pipeline, person, prepaid)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'insufficient_credits', data: { total: '0', available: '0', required: '50' } },
    });
  });

  test('a retry of the request charges nothing more', async () => {
    const person = await pipeline.person(100n);
    const same = { ...prepaid, key: 'one' };
    expect(await askFor(pipeline, person, same)).toBe(await askFor(pipeline, person, same));
    expect(await pipeline.balance(person)).toMatchObject({ available: 50n });
  });

  test('a failure is refunded whole, once, however often it is ended', async () => {
    const person = await pipeline.person(100n);
    const inHand = await takeInHand(world.db, await askFor(pipeline, person, prepaid));
    const ends = await Promise.all([fail(pipeline, inHand), fail(pipeline, inHand), fail(pipeline, inHand)]);
    expect(ends.filter(Boolean)).toHaveLength(1);
    expect(await receiptOf(person, inHand.row.id)).toMatchObject({
      captured: 50n,
      refunded: 50n,
      charged: 0n,
      not_charged: true,
      summary: 'You were not charged: 50 credits were refunded.',
    });
    expect((await pipeline.see(person, inHand.row.id)).error?.message).toMatch(/50 credits were refunded\.$/);
    expect(await pipeline.balance(person)).toMatchObject({ total: 100n, available: 100n });
  });

  test('delivered and failed at once: one of the two, and the books agree', async () => {
    const person = await pipeline.person(100n);
    const inHand = await takeInHand(world.db, await askFor(pipeline, person, prepaid));
    const [settled, failed] = await Promise.all([deliver(pipeline, inHand, [5]), fail(pipeline, inHand)]);
    expect(settled === 'settled').toBe(!failed);
    const { charged } = await receiptOf(person, inHand.row.id);
    expect(charged).toBe(failed ? 0n : 50n);
  });

  test('cancelled while it waits: all of it comes back', async () => {
    const person = await pipeline.person(100n);
    const generationId = await askFor(pipeline, person, prepaid);
    const view = await cancelGeneration(pipeline.deps, { personId: person, generationId });
    expect(view).toMatchObject({ status: 'cancelled', receipt: { refunded: 50n, not_charged: true } });
    expect(await pipeline.balance(person)).toMatchObject({ available: 100n });
  });

  test.each([
    ['the provider’s or our fault lives on in a new lot', 'SYSTEM', 50n],
    ['the person’s own doing expires again at once', 'USER_POLICY', 0n],
  ] as const)('credit that expired meanwhile: %s', async (_rule, errorClass, available) => {
    const person = await pipeline.person(0n);
    const { ledger } = pipeline.deps.credits;
    await ledger.openAccount({ account: person });
    await ledger.grant({ account: person, key: 'short', amount: 50n, validFor: { days: 1 } });
    const inHand = await takeInHand(world.db, await askFor(pipeline, person, prepaid));
    await world.clock.advance('2 days');
    await fail(pipeline, inHand, errorClass);
    expect(await pipeline.balance(person)).toMatchObject({ available });
    expect(await receiptOf(person, inHand.row.id)).toMatchObject({ refunded: 50n, not_charged: true });
  });
});

describe('postpaid', () => {
  test('nothing is held; the actual seconds are charged when they are there', async () => {
    const person = await pipeline.person(100n);
    const id = await askFor(pipeline, person, postpaid);
    expect(await pipeline.balance(person)).toMatchObject({ total: 100n, held: 0n, available: 100n });
    expect(await receiptOf(person, id)).toMatchObject({
      held: 0n,
      captured: 0n,
      hold: null,
      summary: 'Nothing held. You pay when it is delivered, at most 50 credits.',
    });
    await deliver(pipeline, await takeInHand(world.db, id), [4.2]);
    expect(await receiptOf(person, id)).toMatchObject({
      held: 0n,
      captured: 42n,
      released: 0n,
      charged: 42n,
      owed: 0n,
      summary: '4.2 s delivered: 42 credits charged.',
    });
    expect(await pipeline.balance(person)).toMatchObject({ total: 58n });
  });

  test('never more than the quote', async () => {
    const person = await pipeline.person(100n);
    const id = await askFor(pipeline, person, postpaid);
    await deliver(pipeline, await takeInHand(world.db, id), [9]);
    expect(await receiptOf(person, id)).toMatchObject({ charged: 50n, delivered_units: 9 });
  });

  test('100 at once with credit for 3: what is in flight counts, exactly 3 start', async () => {
    const person = await pipeline.person(199n);
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, () => askFor(pipeline, person, postpaid)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: {
        code: 'insufficient_credits',
        data: { total: '199', in_flight: '150', available: '49', required: '50', shortfall: '1' },
      },
    });
  });

  test('each is counted in flight or charged, never neither: starts race with charges', async () => {
    const person = await pipeline.person(500n);
    let accepted = 0;
    let flying: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      const inHand = await Promise.all(flying.map((id) => takeInHand(world.db, id)));
      const [starts] = await Promise.all([
        Promise.allSettled(Array.from({ length: 6 }, () => askFor(pipeline, person, postpaid))),
        ...inHand.map((one) => deliver(pipeline, one, [5])),
      ]);
      flying = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
      accepted += flying.length;
    }
    expect(accepted).toBe(10);
    expect(await pipeline.balance(person)).toMatchObject({ total: 0n, debt: 0n });
  });

  test('a charge waits for a start that is being decided, and the other way round', async () => {
    const person = await pipeline.person(100n);
    const inHand = await takeInHand(world.db, await askFor(pipeline, person, postpaid));
    const done = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const start = inTransaction(world.db, async (tx) => {
      await lockStarts(tx, person);
      locked.resolve();
      await done.promise;
    });
    await locked.promise;
    const delivered = deliver(pipeline, inHand, [5]);
    await expect.poll(async () => (await waiting()).length).toBe(1);
    expect(await pipeline.see(person, inHand.row.id)).toMatchObject({ status: 'ingesting' });
    done.resolve();
    await start;
    expect(await delivered).toBe('settled');
  });

  test('a failure charges nothing, and is no longer in flight', async () => {
    const person = await pipeline.person(50n);
    const inHand = await takeInHand(world.db, await askFor(pipeline, person, postpaid));
    await expect(askFor(pipeline, person, postpaid)).rejects.toMatchObject({ code: 'insufficient_credits' });
    await fail(pipeline, inHand);
    expect(await receiptOf(person, inHand.row.id)).toMatchObject({ charged: 0n, not_charged: true });
    expect(await askFor(pipeline, person, postpaid)).toMatch(/^gen_/);
  });

  test('credit that went elsewhere becomes debt up to the limit of the tier, and then nothing starts', async () => {
    await saveTier(world.db, { id: 'trusted', debtLimit: 30n });
    const person = await pipeline.person(100n);
    await setPersonTier(world.db, person, 'trusted');
    const first = await takeInHand(world.db, await askFor(pipeline, person, postpaid));
    await askFor(pipeline, person, { policy: 'prepaid', seconds: 8 });
    await deliver(pipeline, first, [5]);
    expect(await receiptOf(person, first.row.id)).toMatchObject({
      charged: 50n,
      owed: 30n,
      summary: '5 s delivered: 50 credits charged, 30 of them owed.',
    });
    expect(await pipeline.balance(person)).toMatchObject({ debt: 30n, available: -30n });
    await expect(askFor(pipeline, person, postpaid)).rejects.toMatchObject({ code: 'insufficient_credits' });
    // Given credit that repays nothing: the debt still stands above a limit that has been lowered.
    await pipeline.deps.credits.ledger.grant({
      account: person,
      key: 'gift',
      amount: 200n,
      repayDebt: false,
    });
    expect(await askFor(pipeline, person, postpaid)).toMatch(/^gen_/);
    await saveTier(world.db, { id: 'trusted', debtLimit: 29n });
    await expect(askFor(pipeline, person, postpaid)).rejects.toMatchObject({
      code: 'insufficient_credits',
      data: { available: '120' },
    });
  });

  test('beyond the limit it is not handed over, and not charged', async () => {
    const person = await pipeline.person(50n);
    const inHand = await takeInHand(world.db, await askFor(pipeline, person, postpaid));
    await askFor(pipeline, person, { policy: 'prepaid', seconds: 1 });
    expect(await deliver(pipeline, inHand, [5])).toBe('failed');
    const view = await pipeline.see(person, inHand.row.id);
    expect(view).toMatchObject({
      status: 'failed',
      outputs: [],
      error: {
        code: 'credit_gone',
        message:
          'Your credits no longer covered this when it was done, so it was not delivered. You were not charged.',
      },
      receipt: { charged: 0n, not_charged: true },
    });
    expect(await pipeline.balance(person)).toMatchObject({ total: 40n, debt: 0n });
  });

  test('a frozen account starts nothing', async () => {
    const person = await pipeline.person(100n);
    await pipeline.deps.credits.ledger.freeze({ account: person, key: 'stop', reason: 'a test' });
    await expect(askFor(pipeline, person, postpaid)).rejects.toMatchObject({ code: 'account_frozen' });
  });
});

describe('several outputs', () => {
  test.each([
    ['reserve', { held: 20n, captured: 15n, released: 5n, refunded: 0n }, '15 credits charged, 5 released.'],
    ['prepaid', { held: 0n, captured: 20n, released: 0n, refunded: 5n }, '20 credits charged, 5 refunded.'],
    ['postpaid', { held: 0n, captured: 15n, released: 0n, refunded: 0n }, '15 credits charged.'],
  ] as const)('%s: 3 of 4 are there, 3 are charged', async (policy, amounts, words) => {
    const person = await pipeline.person(20n);
    const id = await askFor(pipeline, person, { policy, count: 4 });
    await deliver(pipeline, await takeInHand(world.db, id), [null, null, null]);
    const view = await pipeline.see(person, id);
    expect(view.outputs).toHaveLength(3);
    expect(view.receipt).toMatchObject({
      quoted: 20n,
      quoted_units: 4,
      delivered_units: 3,
      charged: 15n,
      ...amounts,
      summary: `3 of 4 delivered: ${words}`,
    });
    expect(await pipeline.balance(person)).toMatchObject({ total: 5n, held: 0n });
  });

  test('each is captured under a key of its own, the last one ends the hold', async () => {
    const person = await pipeline.person(20n);
    const id = await askFor(pipeline, person, { policy: 'reserve', count: 4 });
    await deliver(pipeline, await takeInHand(world.db, id), [null, null, null]);
    const { lines } = await pipeline.deps.credits.ledger.statement({ account: person, kinds: ['capture'] });
    expect(lines.map(({ key, amount }) => [key, amount])).toEqual([
      [`${id}/capture/2`, 5n],
      [`${id}/capture/1`, 5n],
      [`${id}/capture/0`, 5n],
    ]);
  });

  test('what was not asked for is not charged', async () => {
    const person = await pipeline.person(20n);
    const id = await askFor(pipeline, person, { policy: 'reserve', count: 2 });
    await deliver(pipeline, await takeInHand(world.db, id), [null, null, null]);
    expect(await receiptOf(person, id)).toMatchObject({ quoted: 10n, charged: 10n, released: 0n });
  });

  test('only a whole number of them within the limits can be asked for', async () => {
    const person = await pipeline.person(100n);
    for (const count of [0, 5, 1.5]) {
      await expect(askFor(pipeline, person, { policy: 'reserve', count })).rejects.toMatchObject({
        code: 'input_out_of_range',
        data: { field: 'count', min: 1, max: 4 },
      });
    }
  });
});
