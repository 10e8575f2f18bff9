import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cancelGeneration } from '../../src/generations/end/cancel.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { Worker } from '../../src/worker/worker.ts';
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
let worker: Worker;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  service = await startScriptedService({ file: await film(5) });
  const provider = createScriptedProvider({ url: service.url });
  pipeline = await createPipeline({ db: world.db, log: world.log, providers: [provider] });
  worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 30 });
});
afterEach(async () => {
  await worker.stop();
  await world.admin.query(
    `truncate holdfast.generation, holdfast.attempt, holdfast.asset, holdfast.orphan_cost, holdfast.generation_request,
       holdfast.provider_circuit cascade`,
  );
  await service.close();
  await pipeline.close();
});

async function endOf(person: string): Promise<Awaited<ReturnType<typeof untilFinal>>> {
  const id = await pipeline.ask(person);
  const done = await untilFinal(pipeline, person, id);
  await expectInvariants(world.admin, pipeline, service);
  return done;
}

async function orphans(): Promise<string[]> {
  const { rows } = await world.admin.query<{ reason: string }>('select reason from holdfast.orphan_cost');
  return rows.map((row) => row.reason);
}

describe('whose doing it was decides what follows, and the words end with the credits', () => {
  test("a person's fault ends it at once, with a plain reason", async () => {
    service.script.submits = ['reject_policy'];
    const person = await pipeline.person(100n);
    const done = await endOf(person);
    expect(done.error).toEqual({
      code: 'policy',
      class: 'USER_POLICY',
      message:
        'This was declined by the content rules. Please change the words or the photo. You were not charged: 50 credits are available again.',
      retryable: false,
    });
    expect(done.receipt).toMatchObject({ not_charged: true, captured: 0n, released: 50n });
    expect(await pipeline.balance(person)).toMatchObject({ available: 100n, held: 0n });
    expect(await orphans()).toEqual([]);
  });

  test("a provider's fault gets another attempt, as many as the model allows", async () => {
    service.script.outcomes = ['fail_system', 'succeed'];
    const done = await endOf(await pipeline.person(100n));
    expect(done.status).toBe('succeeded');
    expect(service.tasks).toHaveLength(2);

    service.script.outcomes = ['fail_system'];
    const failed = await endOf(await pipeline.person(100n));
    expect(failed.error).toMatchObject({ class: 'SYSTEM', retryable: true });
    expect(failed.error?.message).toMatch(/You were not charged: 50 credits are available again\.$/);
    expect(service.tasks).toHaveLength(4);
    // Its provider doesn't say that failures are free: each that ran is the operator's to look at, delivered in the end or not.
    expect((await orphans()).sort()).toEqual([
      ...Array.from({ length: 2 }, () => 'broken: the attempt failed, and another one was made'),
      'broken: the attempt was submitted',
    ]);
  });

  test('a busy provider is asked again in a new attempt, later', async () => {
    service.script.submits = ['reject_busy', 'accept'];
    const done = await endOf(await pipeline.person(100n));
    expect(done.status).toBe('succeeded');
    expect(service.submits.size).toBe(2);
  });

  test("an operator's fault waits for the operator, and is never told as the person's", async () => {
    service.script.submits = ['reject_no_balance'];
    const person = await pipeline.person(100n);
    const id = await pipeline.ask(person);
    await until(pipeline, person, id, (view) => view.timeline.length >= 3 && view.status === 'queued');
    expect(await pipeline.balance(person)).toMatchObject({ held: 50n });
    await world.clock.advance('11 minutes');
    const done = await untilFinal(pipeline, person, id);
    expect(done.error?.message).toBe(
      'Generation took too long. Credits refunded. Please retry. You were not charged: 50 credits are available again.',
    );
  });
});

describe('an answer that nobody has', () => {
  test.each(['accept_then_drop', 'accept_then_500'] as const)(
    '%s: found again, charged once',
    async (fault) => {
      service.script.submits = [fault];
      const person = await pipeline.person(100n);
      const id = await pipeline.ask(person);
      await until(pipeline, person, id, (view) => view.status === 'outcome_unknown');
      await world.clock.advance('6 seconds');
      const done = await untilFinal(pipeline, person, id);
      expect(done).toMatchObject({ status: 'succeeded', receipt: { captured: 50n } });
      expect(service.tasks).toHaveLength(1);
      await expectInvariants(world.admin, pipeline, service);
    },
  );

  test('never found: the hold stays to the deadline, then it is released, and the cost is noted', async () => {
    service.script.submits = ['drop_before_accept'];
    const person = await pipeline.person(100n);
    const id = await pipeline.ask(person);
    const unsure = await until(pipeline, person, id, (view) => view.status === 'outcome_unknown');
    expect(unsure.receipt.summary).toContain('50 credits held while we find out');
    expect(unsure.can_cancel).toBe(false);
    await expect(
      cancelGeneration(pipeline.deps, { personId: person, generationId: id }),
    ).rejects.toMatchObject({ code: 'not_cancellable' });
    await world.clock.advance('9 minutes');
    expect((await pipeline.see(person, id)).status).toBe('outcome_unknown');
    await world.clock.advance('2 minutes');
    const done = await untilFinal(pipeline, person, id);
    expect(done).toMatchObject({ status: 'failed', error: { code: 'outcome_unknown' } });
    expect(await pipeline.balance(person)).toMatchObject({ available: 100n });
    expect([...service.submits.values()]).toEqual([1]);
    expect(await orphans()).toEqual(['outcome_unknown: the attempt was submit_unknown']);
    await expectInvariants(world.admin, pipeline, service);
  });
});

describe('what was made and can not be handed over is not charged', () => {
  test('a task that its provider forgot', async () => {
    service.script.outcomes = ['forget'];
    const done = await endOf(await pipeline.person(100n));
    expect(done.error).toMatchObject({ code: 'task_gone', class: 'SYSTEM' });
    expect(await orphans()).toEqual(['task_gone: the attempt was submitted']);
  });

  test('a file that does not play', async () => {
    service.script.file = Buffer.from('<html>not a film</html>');
    const done = await endOf(await pipeline.person(100n));
    expect(done.error).toMatchObject({ code: 'output_unplayable' });
    expect(done.outputs).toEqual([]);
  });

  test('a file cut off half-way', async () => {
    const whole = await film(5);
    service.script.file = whole.subarray(0, Math.floor(whole.length * 0.7));
    const done = await endOf(await pipeline.person(100n));
    expect(done.error).toMatchObject({ code: 'output_unplayable' });
  });

  test('a download that breaks off is tried again', async () => {
    service.script.fetchFailures = 2;
    const done = await endOf(await pipeline.person(100n));
    expect(done.status).toBe('succeeded');
  });

  test('a film longer than what was asked for is charged no more than the quote', async () => {
    service.script.file = await film(7);
    const done = await endOf(await pipeline.person(100n));
    expect(done.receipt).toMatchObject({ quoted: 50n, captured: 50n, released: 0n, delivered_units: 7 });
  });

  test('a hold that was ended by hand is never captured', async () => {
    service.script.polls = 5;
    const person = await pipeline.person(100n);
    const id = await pipeline.ask(person);
    const running = await until(pipeline, person, id, (view) => view.status === 'running');
    const hold = running.receipt.hold ?? '';
    await pipeline.deps.credits.ledger.release({ account: person, key: 'by hand', hold });
    const done = await untilFinal(pipeline, person, id);
    expect(done).toMatchObject({ status: 'failed', error: { code: 'hold_ended' }, outputs: [] });
    expect(await pipeline.balance(person)).toMatchObject({ available: 100n });
    await expectInvariants(world.admin, pipeline, service);
  });
});

describe('a deadline', () => {
  test('ends what never ends, and the credits are back', async () => {
    service.script.outcomes = ['never_end'];
    const person = await pipeline.person(100n);
    const id = await pipeline.ask(person);
    const running = await until(pipeline, person, id, (view) => view.status === 'running');
    await world.clock.set(new Date(running.deadline_at.getTime() + 1));
    const done = await untilFinal(pipeline, person, id);
    expect(done).toMatchObject({ status: 'failed', error: { code: 'deadline' } });
    expect(await orphans()).toEqual(['deadline: the attempt was submitted']);
    await expect.poll(() => service.tasks[0]?.cancelled).toBe(true);
    await expectInvariants(world.admin, pipeline, service);
  });
});
