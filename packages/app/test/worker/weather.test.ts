import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cancelGeneration } from '../../src/generations/end/cancel.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { expectInvariants } from '../generations/invariants.ts';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { film } from '../providers/media-files.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { startScriptedService } from '../providers/scripted/server.ts';
import type { ScriptedService, SubmitFault, TaskOutcome } from '../providers/scripted/server.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { startProcess } from './processes.ts';
import type { ChildProcess, WorkerSetup } from './processes.ts';

let world: World;
let service: ScriptedService;
let pipeline: Pipeline;
let storageDirectory: string;

beforeAll(async () => {
  world = await createWorld();
  storageDirectory = await mkdtemp(join(tmpdir(), 'holdfast-storage-'));
  service = await startScriptedService({ file: await film(4.2), polls: 2 });
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    providers: [createScriptedProvider({ url: service.url })],
    storageDirectory,
  });
});
afterAll(async () => {
  await service.close();
  await pipeline.close();
  await world.close();
  await rm(storageDirectory, { recursive: true, force: true });
});

/** The same numbers for the same seed, so that what went wrong can be seen again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const faults: SubmitFault[] = [
  'accept',
  'accept',
  'accept',
  'accept_then_drop',
  'accept_then_500',
  'drop_before_accept',
  'reject_busy',
  'reject_policy',
];
const outcomes: TaskOutcome[] = ['succeed', 'succeed', 'succeed', 'fail_system', 'fail_policy', 'forget'];

test.each([1, 20_260_302])(
  'bad weather with seed %d: faults, cancels and kill -9 of workers; afterwards every account is just',
  async (seed) => {
    const roll = dice(seed);
    const pick = <T>(list: readonly T[]): T => list[roll(list.length)] as T;
    service.script.submits = Array.from({ length: 80 }, () => pick(faults)).concat('accept');
    service.script.outcomes = Array.from({ length: 80 }, () => pick(outcomes)).concat('succeed');
    const setup: WorkerSetup = {
      databaseUrl: world.appUrl,
      serviceUrl: service.url,
      storageDirectory,
      machine: 'weather',
      capabilities: {},
      logLevel: 'silent',
    };
    const start = (): ChildProcess => startProcess('worker-process.ts', { setup });
    const people = await Promise.all(Array.from({ length: 6 }, () => pipeline.person(300n)));
    const all: { person: string; id: string }[] = [];
    const victims = [start(), start()];
    await Promise.all(victims.map((victim) => victim.ready));
    for (let round = 0; round < 8; round += 1) {
      for (let n = 0; n < 5; n += 1) {
        const person = pick(people);
        // Some have too little left: refused is just as well.
        await pipeline.ask(person).then(
          (id) => all.push({ person, id }),
          (error: unknown) => expect(error).toMatchObject({ code: 'insufficient_credits' }),
        );
      }
      const unlucky = pick(all);
      const cancel = { personId: unlucky.person, generationId: unlucky.id };
      await Promise.allSettled([cancelGeneration(pipeline.deps, cancel)]);
      // The weather itself takes its time; what is asserted afterwards does not depend on it.
      await pause(roll(300));
      const index = roll(2);
      victims[index]?.kill('SIGKILL');
      await victims[index]?.ended;
      await world.clock.advance(`${roll(20)} seconds`);
      victims[index] = start();
    }
    for (const victim of victims) victim.kill('SIGKILL');
    await Promise.all(victims.map((victim) => victim.ended));

    const worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 30 });
    try {
      await expect
        .poll(
          async () => {
            await world.clock.advance('10 seconds');
            const { rows } = await world.db.query(
              'select id, state from holdfast.generation where due_at is not null',
            );
            return rows;
          },
          { timeout: 60_000, interval: 300 },
        )
        .toEqual([]);
    } finally {
      await worker.stop();
    }
    await expectInvariants(world.admin, pipeline, service);
    for (const person of people) {
      const { rows } = await world.db.query<{ charged: bigint }>(
        'select coalesce(sum(captured), 0)::bigint as charged from holdfast.generation where person_id = $1',
        [person],
      );
      const total = 300n - (rows[0]?.charged ?? 0n);
      expect(await pipeline.balance(person)).toMatchObject({ total, available: total, held: 0n });
    }
    const { rows: open } = await world.db.query(
      `select id from holdfast.attempt where state = 'submit_unknown'`,
    );
    expect(open).toEqual([]);
  },
  120_000,
);
