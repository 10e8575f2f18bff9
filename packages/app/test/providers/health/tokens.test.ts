import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDatabase } from '../../../src/platform/database.ts';
import type { Database } from '../../../src/platform/database.ts';
import { limitCalls } from '../../../src/providers/health/accounts.ts';
import { forgetGates } from '../../../src/providers/health/gate.ts';
import { keptLimit } from '../../../src/providers/health/limits.ts';
import { giveTokenBack, pushBack, takeToken } from '../../../src/providers/health/tokens.ts';
import { createWorld } from '../../support/world.ts';
import type { World } from '../../support/world.ts';

let world: World;
/** Another process. */
let other: Database;
beforeAll(async () => {
  world = await createWorld();
  other = createDatabase({ url: world.appUrl, applicationName: 'test other', log: world.log });
});
afterAll(async () => {
  await other.end();
  await world.close();
});
beforeEach(async () => {
  await world.admin.query('truncate holdfast.provider_bucket, holdfast.provider_account');
  await world.clock.freeze();
  forgetGates(world.db);
  forgetGates(other);
});

/** How many of so many calls at once may leave. */
async function burst(calls: number, kind: 'submit' | 'status' = 'submit', provider = 'kie'): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: calls }, (_, n) => takeToken(n % 2 ? world.db : other, provider, kind)),
  );
  return answers.filter((wait) => wait === 0).length;
}

test('two processes share one limit: never more than twenty submits in ten seconds, and not much fewer', async () => {
  const leaving: number[] = [];
  for (let tenth = 0; tenth < 300; tenth += 1) {
    leaving.push(await burst(4));
    await world.clock.advance('100 milliseconds');
  }
  for (let start = 0; start + 100 <= leaving.length; start += 1) {
    const within = leaving.slice(start, start + 100).reduce((sum, each) => sum + each, 0);
    expect(within).toBeLessThanOrEqual(20);
  }
  // Twenty in each of the three times of ten seconds and a half that began.
  expect(leaving.reduce((sum, each) => sum + each, 0)).toBe(60);
});

test('the wait that is told is the wait', async () => {
  await burst(30);
  const wait = await takeToken(world.db, 'kie', 'submit');
  expect(wait).toBeGreaterThan(0);
  await world.clock.advance(`${wait - 0.01} seconds`);
  expect(await takeToken(world.db, 'kie', 'submit')).toBeGreaterThan(0);
  await world.clock.advance('0.02 seconds');
  expect(await takeToken(world.db, 'kie', 'submit')).toBe(0);
});

test('what did not leave is given back', async () => {
  expect(await burst(30)).toBe(20);
  await giveTokenBack(world.db, 'kie', 'submit');
  expect(await burst(5)).toBe(1);
});

test('a vendor that says "too much" is left alone by every process, also one without a known limit', async () => {
  await pushBack(world.db, 'kie', 'submit', 30);
  await pushBack(world.db, 'fal', 'submit', 30);
  forgetGates(other);
  await world.clock.advance('29 seconds');
  expect(await burst(4)).toBe(0);
  forgetGates(world.db);
  forgetGates(other);
  expect(await burst(4, 'submit', 'fal')).toBe(0);
  await world.clock.advance('2 seconds');
  forgetGates(world.db);
  forgetGates(other);
  expect(await burst(1)).toBe(1);
  expect(await burst(4, 'submit', 'fal')).toBe(4);
});

test('an operator sets other limits, or none', async () => {
  expect(await burst(50, 'status')).toBe(50);
  await limitCalls(world.db, 'kie', 'submit', null);
  forgetGates(other);
  expect(await burst(50)).toBe(50);
  await limitCalls(world.db, 'kie', 'submit', { count: 2, seconds: 60 });
  forgetGates(other);
  expect(await burst(50)).toBe(2);
  await limitCalls(world.db, 'kie', 'submit', undefined);
  forgetGates(other);
  await world.clock.advance('2 minutes');
  expect(await burst(50)).toBe(20);
});

test('long logs are kept as shorter ones, which are never more than was allowed', () => {
  expect(keptLimit({ count: 20, seconds: 10 })).toEqual({ count: 20, seconds: 10.5 });
  for (const limit of [
    { count: 1, seconds: 10 },
    { count: 101, seconds: 1 },
    { count: 600, seconds: 60 },
    { count: 100_000, seconds: 60 },
  ]) {
    const { count, seconds } = keptLimit(limit);
    expect(count).toBeLessThanOrEqual(100);
    expect(Math.ceil(limit.seconds / seconds) * count).toBeLessThanOrEqual(limit.count);
  }
});
