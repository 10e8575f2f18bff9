import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorker } from '../../src/worker/worker.ts';
import { expectInvariants } from '../generations/invariants.ts';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { until, untilFinal } from '../generations/until.ts';
import { film } from '../providers/media-files.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { startScriptedService } from '../providers/scripted/server.ts';
import type { ScriptedService } from '../providers/scripted/server.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { startProcess } from './processes.ts';

let world: World;
let service: ScriptedService;
let pipeline: Pipeline;
let storageDirectory: string;

beforeAll(async () => {
  world = await createWorld();
  storageDirectory = await mkdtemp(join(tmpdir(), 'holdfast-storage-'));
  service = await startScriptedService({ file: await film(4.2) });
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    providers: [createScriptedProvider({ url: service.url })],
    storageDirectory,
  });
});

afterAll(async () => {
  await expectInvariants(world.admin, pipeline, service);
  await service.close();
  await pipeline.close();
  await world.close();
  await rm(storageDirectory, { recursive: true, force: true });
});

test('a worker that was paused in the middle of a submit and wakes late changes nothing but the task it knows', async () => {
  const setup = {
    databaseUrl: world.appUrl,
    serviceUrl: service.url,
    storageDirectory,
    machine: 'paused',
    capabilities: {},
    logLevel: 'info',
  } as const;
  service.script.submits = ['accept_and_hang', 'accept'];
  const person = await pipeline.person(100n);
  const id = await pipeline.ask(person);
  const paused = startProcess('worker-process.ts', { setup });
  await until(pipeline, person, id, () => service.tasks.length === 1);
  paused.kill('SIGSTOP');

  await world.clock.advance('20 seconds');
  const worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 50 });
  try {
    const done = await untilFinal(pipeline, person, id);
    expect(done).toMatchObject({ status: 'succeeded', receipt: { captured: 42n, released: 8n } });
    service.release();
    paused.kill('SIGCONT');
    paused.kill('SIGTERM');
    await paused.ended;
    expect(await pipeline.see(person, id)).toMatchObject({ timeline: done.timeline, receipt: done.receipt });
    expect(await pipeline.balance(person)).toMatchObject({ total: 58n, held: 0n });
    expect(service.tasks).toHaveLength(1);
  } finally {
    await worker.stop();
  }
}, 60_000);

test('deleting every row of the queue, again and again, changes nothing but time', async () => {
  service.script.polls = 2;
  const worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 50 });
  const looked = new AbortController();
  const deleting = (async () => {
    while (!looked.signal.aborted) {
      await world.admin.query('delete from pgboss.job');
      await world.admin.query('select pg_sleep(0.02)');
    }
  })();
  try {
    const people = await Promise.all(Array.from({ length: 4 }, () => pipeline.person(150n)));
    const all = await Promise.all(
      people.flatMap((person) => [1, 2, 3].map(async () => ({ person, id: await pipeline.ask(person) }))),
    );
    const ends = await Promise.all(all.map(({ person, id }) => untilFinal(pipeline, person, id)));
    expect(ends.map((view) => view.status)).toEqual(all.map(() => 'succeeded'));
  } finally {
    looked.abort();
    await deleting;
    await worker.stop();
  }
}, 60_000);
