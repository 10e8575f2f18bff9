import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createRequestCounter } from '../../src/http/request-counter.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

function counter(now: () => number) {
  return createRequestCounter({ db: world.db, log: world.log, exchangeMs: 20, now });
}

const minute = 60_000;
const start = Math.floor(Date.now() / minute) * minute;

test('counts to the limit, says when to come back, and forgets over a minute', async () => {
  let at = start;
  const counts = counter(() => at);
  for (let n = 0; n < 10; n += 1) expect(counts.count('one', 10).retryAfterSeconds).toBeNull();
  at += 20_000;
  expect(counts.count('one', 10)).toEqual({ retryAfterSeconds: 40 });
  expect(counts.count('other', 10).retryAfterSeconds).toBeNull();
  // Half a minute into the next, half of the eleven still count.
  at = start + minute + 30_000;
  for (let n = 0; n < 4; n += 1) expect(counts.count('one', 10).retryAfterSeconds).toBeNull();
  expect(counts.count('one', 10).retryAfterSeconds).not.toBeNull();
  at = start + 3 * minute;
  expect(counts.count('one', 10).retryAfterSeconds).toBeNull();
  await counts.stop();
});

test('0 is no limit', async () => {
  const counts = counter(() => start);
  for (let n = 0; n < 1_000; n += 1) expect(counts.count('free', 0).retryAfterSeconds).toBeNull();
  await counts.stop();
});

test('servers know of each other within an exchange', async () => {
  const [one, other] = [counter(() => start), counter(() => start)];
  for (let n = 0; n < 30; n += 1) one.count('shared', 60);
  await vi.waitFor(async () => {
    const { rows } = await world.db.query<{ requests: number }>(
      `select requests from holdfast.request_count where bucket = 'shared'`,
    );
    expect(rows[0]?.requests).toBe(30);
  });
  for (let n = 0; n < 29; n += 1) other.count('shared', 60);
  await vi.waitFor(() => {
    expect(other.count('shared', 1_000_000)).toBeDefined();
    expect(other.count('shared', 60).retryAfterSeconds).not.toBeNull();
  });
  await Promise.all([one.stop(), other.stop()]);
});
