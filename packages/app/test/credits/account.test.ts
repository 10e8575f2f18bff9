import { createLedger } from '@holdfast/ledger';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantCredits, grantSignUpCredits } from '../../src/credits/commands.ts';
import type { CreditDeps } from '../../src/credits/deps.ts';
import { sweepCredits } from '../../src/credits/jobs.ts';
import { listHolds, listLots, listMovements, readBalance } from '../../src/credits/queries.ts';
import { newId } from '../../src/platform/ids.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
let deps: CreditDeps;
beforeAll(async () => {
  world = await createWorld();
  deps = {
    db: world.db,
    log: world.log,
    ledger: createLedger(world.db),
    settings: { signUpCredits: 100n, expiryMonths: 6, expiringDays: 30 },
  };
});
afterAll(() => world.close());

describe('a new person', () => {
  test('starts with 100 credits for six months, once, however often it is asked', async () => {
    const person = newId('per');
    await world.clock.set(new Date('2026-08-31T10:00:00Z'));
    const granted = await Promise.all([1, 2, 3].map(() => grantSignUpCredits(deps, person)));
    expect(granted).toEqual([100n, 100n, 100n]);
    expect(await readBalance(deps, person)).toMatchObject({
      total: 100n,
      available: 100n,
      held: 0n,
      credits_balance: 100n,
      tier: 'free',
      next_expiry: { amount: 100n },
    });
    const [lot] = await listLots(deps, person);
    expect(lot).toMatchObject({ source: 'sign_up', class: 'promotional', state: 'active', order: 1 });
    // Calendar months in UTC, clamped.
    expect(lot?.expires_at?.toISOString().slice(0, 10)).toBe('2027-02-28');
  });

  test('keeps what it was given when the setting changes', async () => {
    const person = newId('per');
    await grantSignUpCredits(deps, person);
    const generous = { ...deps, settings: { ...deps.settings, signUpCredits: 500n } };
    expect(await grantSignUpCredits(generous, person)).toBe(100n);
    expect(await readBalance(deps, person)).toMatchObject({ total: 100n });
  });

  test('without an account everything reads as nothing', async () => {
    const nobody = newId('per');
    expect(await readBalance(deps, nobody)).toMatchObject({ total: 0n, available: 0n, next_expiry: null });
    expect(await listLots(deps, nobody)).toEqual([]);
    expect(await listHolds(deps, nobody)).toEqual([]);
    expect(await listMovements(deps, nobody, { limit: 10 })).toEqual({ items: [], next: null });
  });
});

test('holds are shown with what they are for, open ones unless all are asked for', async () => {
  const person = newId('per');
  await grantSignUpCredits(deps, person);
  const generation = newId('gen');
  const placed = await deps.ledger.placeHold({
    account: person,
    key: 'hold',
    amount: 50n,
    leaseSeconds: 600,
    reference: generation,
  });
  expect(await listHolds(deps, person)).toMatchObject([
    { id: placed.hold.id, amount: 50n, remaining: 50n, state: 'open', generation },
  ]);
  await deps.ledger.capture({ account: person, key: 'capture', hold: placed.hold.id, amount: 42n });
  expect(await listHolds(deps, person)).toEqual([]);
  expect(await listHolds(deps, person, { state: 'all' })).toMatchObject([
    { captured: 42n, released: 8n, remaining: 0n, state: 'captured' },
  ]);
});

test('each movement says what it changed, and they add up, page by page', async () => {
  const person = newId('per');
  await grantSignUpCredits(deps, person);
  await grantCredits(deps, { personId: person, key: 'k', amount: 30n, source: 'support', reason: 'sorry' });
  const { hold } = await deps.ledger.placeHold({
    account: person,
    key: 'hold',
    amount: 50n,
    leaseSeconds: 600,
  });
  await deps.ledger.capture({ account: person, key: 'capture', hold: hold.id, amount: 42n });
  const items = [];
  let cursor: string | undefined;
  do {
    const page = await listMovements(deps, person, { limit: 2, ...(cursor ? { cursor } : {}) });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  expect(items.map(({ type, amount, held_change, total }) => [type, amount, held_change, total])).toEqual([
    ['capture', -42n, -50n, 88n],
    ['place_hold', 0n, 50n, 130n],
    ['grant', 30n, 0n, 130n],
    ['grant', 100n, 0n, 100n],
    ['open_account', 0n, 0n, 0n],
  ]);
  expect(items.map((item) => item.description)).toContain('42 credits charged for what was delivered');
});

test("credit that has expired isn't counted before its expiry is booked, nor after", async () => {
  const person = newId('per');
  await grantSignUpCredits(deps, person);
  await world.clock.advance('7 months');
  expect(await readBalance(deps, person)).toMatchObject({ total: 0n, available: 0n });
  await sweepCredits(deps);
  expect(await readBalance(deps, person)).toMatchObject({ total: 0n, available: 0n });
  expect(await listLots(deps, person, { all: true })).toMatchObject([{ state: 'expired', order: null }]);
  const { violations } = await deps.ledger.verify();
  expect(violations).toBe(0);
});
