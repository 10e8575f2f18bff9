import { afterAll, beforeAll, expect, test } from 'vitest';
import { callbacksAreHealthy, forgetPollPace, readRunPace } from '../../src/generations/steps/poll-pace.ts';
import { startNext, takeStep } from '../../src/generations/steps/advance.ts';
import { createRegistry } from '../../src/providers/registry.ts';
import { forgetGates } from '../../src/providers/health/gate.ts';
import { createVendorWorld } from './vendor-world.ts';
import type { VendorWorld } from './vendor-world.ts';

const image = 'kie-z-image';
let kie: VendorWorld;
let person: string;

beforeAll(async () => {
  kie = await createVendorWorld('kie');
  person = await kie.person(1_000n);
});
afterAll(() => kie.close());

const dueIn = async (id: string): Promise<number> => {
  const { rows } = await kie.http.world.db.query<{ seconds: number }>(
    'select extract(epoch from due_at - holdfast.clock())::float8 as seconds from holdfast.generation where id = $1',
    [id],
  );
  return rows[0]?.seconds ?? Number.NaN;
};

test('it learns a pace from what was made, waits for it after a submit, and is told sooner by a callback', async () => {
  const { db } = kie.ctx.deps;
  expect(await readRunPace(db, image)).toBeNull();
  kie.service.knobs.runMs = 300;
  for (let n = 0; n < 5; n += 1) {
    const id = await kie.ask(person, image);
    await kie.start();
    // Every one takes 100 seconds by the database's clock; the callback comes by the vendor's.
    await kie.http.world.clock.advance('100 seconds');
    await kie.called(id);
    await takeStep(kie.ctx, id);
    expect(await kie.row(id)).toMatchObject({ state: 'succeeded' });
  }
  forgetPollPace(db);
  expect((await readRunPace(db, image))?.median).toBeGreaterThan(99);
  await kie.http.world.clock.advance('30 seconds');
  forgetPollPace(db);
  expect(await callbacksAreHealthy(db, 'kie')).toBe(true);

  const id = await kie.ask(person, image);
  await kie.start();
  expect(await kie.row(id)).toMatchObject({ state: 'running' });
  expect(await dueIn(id)).toBeGreaterThan(75);
  await kie.called(id);
  expect(await dueIn(id)).toBeLessThanOrEqual(0);
  await takeStep(kie.ctx, id);
  expect(await kie.row(id)).toMatchObject({ state: 'succeeded', captured: 1n });
});

test('a callback that overtakes the answer to the submit is heard', async () => {
  kie.service.knobs.runMs = 0;
  const id = await kie.ask(person, image);
  const { provider, ctx } = kie;
  const overtaken: typeof provider = {
    ...provider,
    async submit(attempt, signal) {
      const answer = await provider.submit(attempt, signal);
      await kie.called(id);
      return answer;
    },
  };
  const providers = createRegistry([overtaken]);
  await startNext({ ...ctx, deps: { ...ctx.deps, providers } }, overtaken);
  expect(await kie.row(id)).toMatchObject({ state: 'succeeded' });
});

test('callbacks that stay away are noticed, and it is asked more often again', async () => {
  const { db } = kie.ctx.deps;
  kie.service.knobs.callback = 'none';
  for (let n = 0; n < 3; n += 1) {
    const id = await kie.ask(person, image);
    await kie.start();
    while ((await kie.row(id)).due_at !== null) await kie.step(id);
  }
  await kie.http.world.clock.advance('30 seconds');
  forgetPollPace(db);
  expect(await callbacksAreHealthy(db, 'kie')).toBe(false);
  kie.service.knobs.callback = null;
});

test('questions keep to the limit that all workers share', async () => {
  const { admin } = kie.http.world;
  kie.service.knobs.runMs = 60_000;
  const ids = [await kie.ask(person, image), await kie.ask(person, image)];
  await kie.start();
  await kie.start();
  await admin.query(
    `update holdfast.provider_account set limits = '{"submit": null, "status": {"count": 1, "seconds": 60}}' where provider_id = 'kie'`,
  );
  await kie.http.world.clock.advance('10 minutes');
  forgetGates(kie.ctx.deps.db);
  const { provider, ctx } = kie;
  const asked: string[] = [];
  const counted: typeof provider = {
    ...provider,
    status(task, signal) {
      asked.push(task.taskId);
      return provider.status(task, signal);
    },
  };
  const counting = { ...ctx, deps: { ...ctx.deps, providers: createRegistry([counted]) } };
  await takeStep(counting, ids[0] ?? '');
  await takeStep(counting, ids[1] ?? '');
  expect(asked).toHaveLength(1);
  // The place that the second waits for comes a minute later.
  expect(await dueIn(ids[1] ?? '')).toBeGreaterThan(30);
  expect(await dueIn(ids[1] ?? '')).toBeLessThan(100);
});
