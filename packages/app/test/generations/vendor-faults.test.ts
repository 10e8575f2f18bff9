import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { forgetModels } from '../../src/generations/catalogue/catalogue.ts';
import { noteLateCallbacks } from '../../src/generations/callbacks/late-callbacks.ts';
import { enforceDeadlines } from '../../src/generations/end/sweep.ts';
import { expectInvariants } from './invariants.ts';
import { createVendorWorld } from './vendor-world.ts';
import type { VendorWorld } from './vendor-world.ts';

const image = 'kie-z-image';
let kie: VendorWorld;
let person: string;

beforeAll(async () => {
  kie = await createVendorWorld('kie');
});
beforeEach(async () => {
  Object.assign(kie.service.knobs, {
    callback: null,
    slowMs: 0,
    runMs: 0,
    submit: [],
    fail: [],
    asset: null,
  });
  person = await kie.person(100n);
});
afterAll(async () => {
  await expectInvariants(kie.http.world.admin, { deps: kie.ctx.deps });
  await kie.close();
});

test('stuck: what never ends is ended at the deadline, its credits are back, and its cost is on the list', async () => {
  kie.service.knobs.fail = ['stuck'];
  const id = await kie.ask(person, image);
  await kie.start();
  await kie.step(id);
  expect(await kie.row(id)).toMatchObject({ state: 'running' });
  await kie.http.world.clock.advance('2 hours');
  await enforceDeadlines(kie.ctx);
  expect(await kie.row(id)).toMatchObject({ state: 'failed', error_code: 'deadline', captured: 0n });
  const [attempt] = await kie.attempts(id);
  expect(await kie.orphans(id)).toMatchObject([{ task_id: attempt?.task_id }]);
});

test('hang: an answer that never comes is unknown at the time-out, and a callback adopts it', async () => {
  await kie.http.world.admin.query(
    `update holdfast.model set submit_timeout_seconds = 1 where id = 'kie-seedream-4-5'`,
  );
  forgetModels(kie.ctx.deps.db);
  kie.service.knobs.submit = ['hang'];
  kie.service.knobs.runMs = 1_500;
  const id = await kie.ask(person, 'kie-seedream-4-5');
  await kie.start();
  expect(await kie.row(id)).toMatchObject({ state: 'outcome_unknown' });
  await kie.called(id);
  await kie.step(id);
  expect(await kie.row(id)).toMatchObject({ state: 'succeeded' });
  expect(kie.service.book.posts.filter(({ model }) => model === 'seedream/4.5-text-to-image')).toHaveLength(
    1,
  );
});

test('slow: answers that take their time change nothing but time', async () => {
  kie.service.knobs.slowMs = 300;
  const id = await kie.ask(person, image);
  await kie.start();
  expect(await kie.row(id)).toMatchObject({ state: 'succeeded', captured: 1n });
});

test('late: a callback after the end charges nobody, and says what it has cost', async () => {
  kie.service.knobs.callback = 'late';
  kie.service.knobs.lateMs = 400;
  kie.service.knobs.submit = ['accept_then_drop'];
  const id = await kie.ask(person, image);
  await kie.start();
  await kie.http.world.clock.advance('2 hours');
  await enforceDeadlines(kie.ctx);
  expect(await kie.row(id)).toMatchObject({ state: 'failed', error_code: 'outcome_unknown' });
  await kie.called(id);
  expect(await noteLateCallbacks(kie.ctx.deps)).toBe(1);
  expect(await noteLateCallbacks(kie.ctx.deps)).toBe(0);
  expect(await kie.orphans(id)).toMatchObject([{ task_id: expect.any(String), cost_usd: '0.100000' }]);
  expect(await kie.balance(person)).toMatchObject({ total: 100n, held: 0n });
});

test('late, and it had failed: it has cost nothing, and leaves the list', async () => {
  kie.service.knobs.callback = 'late';
  kie.service.knobs.lateMs = 400;
  kie.service.knobs.submit = ['accept_then_drop'];
  kie.service.knobs.fail = ['system'];
  const id = await kie.ask(person, image);
  await kie.start();
  await kie.http.world.clock.advance('2 hours');
  await enforceDeadlines(kie.ctx);
  await kie.called(id);
  await noteLateCallbacks(kie.ctx.deps);
  expect(await kie.orphans(id)).toMatchObject([{ cost_usd: '0.000000', resolved_at: expect.any(Date) }]);
});

test.each(['dup', 'out_of_order', 'forged', 'wrong_task'] as const)(
  'callbacks that come %s change nothing',
  async (fault) => {
    kie.service.knobs.callback = fault;
    kie.service.knobs.runMs = 100;
    const ids = [await kie.ask(person, image), await kie.ask(person, image)];
    await kie.start();
    await kie.start();
    for (const id of ids) {
      // The vendor's time is the real one, and asking costs none of ours.
      const end = performance.now() + 10_000;
      while ((await kie.row(id)).due_at !== null && performance.now() < end) {
        await kie.step(id);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(await kie.row(id)).toMatchObject({ state: 'succeeded', captured: 1n });
      expect(await kie.attempts(id)).toHaveLength(1);
    }
  },
);

test('a fault can come with a request, and is for it alone', async () => {
  const submit = async (headers: Record<string, string>) => {
    const response = await fetch(`${kie.service.url}/api/v1/jobs/createTask`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer a-key',
        'content-type': 'application/json',
        'user-agent': 'a test',
        ...headers,
      },
      body: JSON.stringify({ model: 'z-image', input: { prompt: 'a fox' } }),
    });
    return (await response.json()) as { code: number };
  };
  expect(await submit({ 'x-emulator-submit': 'throttle' })).toMatchObject({ code: 429 });
  expect(await submit({})).toMatchObject({ code: 200 });
  expect(await submit({ 'x-emulator-fail': 'stuck' })).toMatchObject({ code: 200 });
  expect([...kie.service.tasks.values()].slice(-2).map(({ outcome }) => outcome)).toEqual([
    'succeed',
    'stuck',
  ]);
});
