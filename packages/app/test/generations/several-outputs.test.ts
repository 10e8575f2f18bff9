import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorker } from '../../src/worker/worker.ts';
import type { Worker } from '../../src/worker/worker.ts';
import type { GenerationView } from '../../src/generations/view/views.ts';
import { picture } from '../providers/media-files.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { startScriptedService } from '../providers/scripted/server.ts';
import type { ScriptedService } from '../providers/scripted/server.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { askFor, expectBooksToAgree, offerAllPolicies } from './by-hand.ts';
import { expectInvariants } from './invariants.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let service: ScriptedService;
let pipeline: Pipeline;
let worker: Worker;
let good: Buffer;
const broken = Buffer.from('<html>This is not a picture.</html>');

beforeAll(async () => {
  world = await createWorld();
  good = await picture();
  service = await startScriptedService({ file: good });
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    clock: world.clock,
    providers: [createScriptedProvider({ url: service.url })],
  });
  await offerAllPolicies(world.db);
  worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 20 });
});

afterAll(async () => {
  await worker.stop();
  await expectInvariants(world.admin, pipeline, service);
  await expectBooksToAgree(world.admin, pipeline);
  await service.close();
  await pipeline.close();
  await world.close();
});

/** Waiting for another look costs no time here, and no more than it takes: the deadline stays where it is. */
async function make(pictures: (Buffer | null)[]): Promise<GenerationView> {
  service.script.pictures = pictures;
  const person = await pipeline.person(20n);
  const id = await askFor(pipeline, person, { policy: 'reserve', count: 4 });
  const look = async (): Promise<boolean> => {
    const { rows } = await world.db.query<{ seconds: number }>(
      `select ceil(extract(epoch from due_at - holdfast.clock()))::integer as seconds from holdfast.generation
        where id = $1 and claimed_until is null and due_at > holdfast.clock()`,
      [id],
    );
    if (rows[0]) await world.clock.advance(`${rows[0].seconds} seconds`);
    return (await pipeline.see(person, id)).final;
  };
  await expect.poll(look, { timeout: 20_000 }).toBe(true);
  return pipeline.see(person, id);
}

test('four good ones: all are handed over, in order, and charged', async () => {
  const view = await make([good, good, good, good]);
  expect(view).toMatchObject({ status: 'succeeded', receipt: { charged: 20n, released: 0n } });
  expect(view.outputs).toHaveLength(4);
  expect(view.receipt.summary).toBe('4 of 4 delivered: 20 credits charged.');
});

test('one that is no picture: the three good ones are handed over and charged', async () => {
  const view = await make([good, broken, good, good]);
  expect(view).toMatchObject({ status: 'succeeded', receipt: { charged: 15n, released: 5n } });
  expect(view.outputs).toHaveLength(3);
  expect(view.receipt.summary).toBe('3 of 4 delivered: 15 credits charged, 5 released.');
  const { rows } = await world.db.query<{ output: number }>(
    'select output from holdfast.asset where generation_id = $1 order by output',
    [view.id],
  );
  expect(rows.map(({ output }) => output)).toEqual([0, 2, 3]);
});

test('one that stays away: it is asked for some times, then the others are handed over', async () => {
  const view = await make([null, good, good, good]);
  expect(view).toMatchObject({ status: 'succeeded', receipt: { charged: 15n, released: 5n } });
});

test('its provider made only two', async () => {
  const view = await make([good, good]);
  expect(view).toMatchObject({ status: 'succeeded', receipt: { charged: 10n, released: 10n } });
});

test('none that can be shown: it fails, nothing is charged', async () => {
  const view = await make([broken, broken, broken, broken]);
  expect(view).toMatchObject({
    status: 'failed',
    error: { code: 'output_unplayable' },
    receipt: { charged: 0n, released: 20n },
  });
});
