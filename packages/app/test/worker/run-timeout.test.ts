import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorker } from '../../src/worker/worker.ts';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { untilFinal } from '../generations/until.ts';
import { film } from '../providers/media-files.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { startScriptedService } from '../providers/scripted/server.ts';
import type { ScriptedService } from '../providers/scripted/server.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
let service: ScriptedService;
let pipeline: Pipeline;

beforeAll(async () => {
  world = await createWorld();
  service = await startScriptedService({ file: await film(1), idempotent: true });
  const capabilities = { idempotentSubmit: true, paid: false, concurrencyPerMachine: 1 };
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    providers: [createScriptedProvider({ url: service.url, capabilities })],
  });
});
afterAll(async () => {
  await service.close();
  await pipeline.close();
  await world.close();
});

test('an attempt that runs longer than it may is stopped, and made anew', async () => {
  service.tasks.length = 0;
  service.script.outcomes = ['never_end', 'succeed'];
  const person = await pipeline.person(100n);
  const id = await pipeline.ask(person, { seconds: 1 });
  const worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, machine: 'one', sweepMs: 20 });
  try {
    await expect.poll(async () => (await pipeline.see(person, id)).status).toBe('running');
    await world.admin.query(
      `update holdfast.generation set running_at = running_at - interval '301 seconds' where id = $1`,
      [id],
    );
    expect(await untilFinal(pipeline, person, id)).toMatchObject({ status: 'succeeded' });
    expect(service.tasks.map((task) => task.cancelled)).toEqual([true, false]);
  } finally {
    await worker.stop();
  }
});
