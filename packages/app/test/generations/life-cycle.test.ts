import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Worker } from '../../src/worker/worker.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { film, picture } from '../providers/media-files.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { startScriptedService } from '../providers/scripted/server.ts';
import type { ScriptedService } from '../providers/scripted/server.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import { untilFinal } from './until.ts';

let world: World;
let service: ScriptedService;
let pipeline: Pipeline;
let worker: Worker;

beforeAll(async () => {
  world = await createWorld();
  service = await startScriptedService({ file: await film(4.2), poster: await picture(), polls: 2 });
  const provider = createScriptedProvider({ url: service.url });
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    clock: world.clock,
    providers: [provider],
  });
  worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 100 });
});

afterAll(async () => {
  await worker.stop();
  await service.close();
  await pipeline.close();
  await world.close();
});

test('a video of 4.2 s for a request of 5 s: 50 held, 42 captured, 8 released', async () => {
  const person = await pipeline.person(100n);
  const id = await pipeline.ask(person, { seconds: 5 });
  const waiting = await pipeline.see(person, id);
  expect(waiting.receipt).toMatchObject({ quoted: 50n, held: 50n, captured: 0n, not_charged: false });

  const done = await untilFinal(pipeline, person, id);
  expect(done.status).toBe('succeeded');
  expect(done.timeline.map((entry) => entry.status)).toEqual([
    'queued',
    'submitting',
    'running',
    'ingesting',
    'succeeded',
  ]);
  expect(done.receipt).toMatchObject({
    held: 50n,
    captured: 42n,
    released: 8n,
    delivered_units: 4.2,
    not_charged: false,
    summary: '4.2 s delivered: 42 credits charged, 8 released.',
  });
  expect(done.outputs).toMatchObject([
    { kind: 'video', content_type: 'video/mp4', width: 90, height: 160, duration_seconds: 4.2 },
  ]);
  expect(done.outputs[0]?.poster_url).toContain('/media/poster/ast_');
  expect(await pipeline.balance(person)).toMatchObject({ total: 58n, held: 0n, available: 58n });
  expect([...service.submits.values()]).toEqual([1]);
});
