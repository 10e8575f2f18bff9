import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelGeneration } from '../../src/generations/end/cancel.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { film } from '../providers/media-files.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { startScriptedService } from '../providers/scripted/server.ts';
import type { ScriptedService } from '../providers/scripted/server.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { expectInvariants } from './invariants.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import { until, untilFinal } from './until.ts';

let world: World;
let service: ScriptedService;
let pipeline: Pipeline;

beforeAll(async () => {
  world = await createWorld();
  service = await startScriptedService({ file: await film(2), polls: 2 });
  const provider = createScriptedProvider({ url: service.url });
  pipeline = await createPipeline({ db: world.db, log: world.log, providers: [provider] });
});
afterAll(async () => {
  await expectInvariants(world.admin, pipeline, service);
  await service.close();
  await pipeline.close();
  await world.close();
});

const cancel = (personId: string, generationId: string) =>
  cancelGeneration(pipeline.deps, { personId, generationId });

describe('while it is queued', () => {
  test('at once and for free; again gives the same; another person may not', async () => {
    const person = await pipeline.person(100n);
    const id = await pipeline.ask(person);
    expect((await pipeline.see(person, id)).can_cancel).toBe(true);
    await expect(cancel(await pipeline.person(0n), id)).rejects.toMatchObject({ code: 'not_found' });
    const done = await cancel(person, id);
    expect(done).toMatchObject({ status: 'cancelled', final: true, can_cancel: false, error: null });
    expect(done.receipt).toMatchObject({
      not_charged: true,
      released: 50n,
      summary: 'You were not charged: 50 credits are available again.',
    });
    expect(await cancel(person, id)).toMatchObject({ status: 'cancelled' });
    expect(await pipeline.balance(person)).toMatchObject({ available: 100n, held: 0n });
  });

  test('ten at once cancel it once', async () => {
    const person = await pipeline.person(100n);
    const id = await pipeline.ask(person);
    const all = await Promise.all(Array.from({ length: 10 }, () => cancel(person, id)));
    expect(all.every((view) => view.status === 'cancelled')).toBe(true);
    expect(await pipeline.balance(person)).toMatchObject({ available: 100n });
  });
});

describe('while its provider has it', () => {
  test('the provider is asked, and where it can stop it is cancelled and free', async () => {
    service.script.outcomes = ['never_end'];
    const worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 30 });
    try {
      const person = await pipeline.person(100n);
      const id = await pipeline.ask(person);
      await until(pipeline, person, id, (view) => view.status === 'running');
      await cancel(person, id);
      const done = await untilFinal(pipeline, person, id);
      expect(done).toMatchObject({ status: 'cancelled', receipt: { captured: 0n, released: 50n } });
      expect(service.tasks.at(-1)?.cancelled).toBe(true);
    } finally {
      await worker.stop();
    }
  });

  test('too late: it is delivered and charged', async () => {
    service.script.outcomes = ['succeed'];
    service.script.polls = 10;
    service.script.cancel = 'too_late';
    const worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 30 });
    try {
      const person = await pipeline.person(100n);
      const id = await pipeline.ask(person);
      await until(pipeline, person, id, (view) => view.status === 'running');
      const asked = await cancel(person, id);
      expect(asked).toMatchObject({ status: 'running', can_cancel: false });
      const done = await untilFinal(pipeline, person, id);
      expect(done).toMatchObject({ status: 'succeeded', receipt: { captured: 20n, released: 30n } });
      await expect(cancel(person, id)).rejects.toMatchObject({
        code: 'not_cancellable',
        message: 'This has already ended.',
      });
    } finally {
      service.script.cancel = 'cancelled';
      service.script.polls = 0;
      await worker.stop();
    }
  });
});

test('thirty cancels race the workers that pick them up: each is charged and delivered, or neither', async () => {
  const workers = await Promise.all(
    ['one', 'two'].map((machine) =>
      startWorker(pipeline.deps, { databaseUrl: world.appUrl, machine, sweepMs: 20 }),
    ),
  );
  try {
    const person = await pipeline.person(1_500n);
    const ids = await Promise.all(Array.from({ length: 30 }, () => pipeline.ask(person)));
    await Promise.allSettled(ids.map((id) => cancel(person, id)));
    const ends = await Promise.all(ids.map((id) => untilFinal(pipeline, person, id)));
    const charged = ends.filter((view) => view.status === 'succeeded');
    expect(ends.every((view) => ['succeeded', 'cancelled'].includes(view.status))).toBe(true);
    expect(await pipeline.balance(person)).toMatchObject({
      held: 0n,
      available: 1_500n - 20n * BigInt(charged.length),
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
});
