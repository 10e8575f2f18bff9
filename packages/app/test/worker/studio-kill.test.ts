import { mkdtemp, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { studioModels } from '../../src/generations/catalogue/models/studio.ts';
import { createStudioProvider } from '../../src/providers/studio/adapter.ts';
import { expectInvariants } from '../generations/invariants.ts';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { until, untilFinal } from '../generations/until.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
let pipeline: Pipeline;
let dataDirectory: string;
const workers: ChildProcess[] = [];
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

beforeAll(async () => {
  world = await createWorld();
  dataDirectory = await mkdtemp(join(tmpdir(), 'holdfast-data-'));
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    providers: [createStudioProvider({ workDirectory: join(dataDirectory, 'work'), concurrency: 2 })],
    storageDirectory: join(dataDirectory, 'storage'),
  });
  await seedCatalogue(
    world.db,
    studioModels.map((model) => ({ model, creditsPerUnit: 10n })),
  );
});
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await Promise.all(workers.map(ended));
  await pipeline.close();
  await rm(dataDirectory, { recursive: true, force: true });
  await world.close();
});

/** A worker as an operator runs it. */
function startWorkerProcess(): ChildProcess {
  const worker = spawn(process.execPath, [main, 'worker'], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: world.adminUrl,
      HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes',
      HOLDFAST_DATA_DIR: dataDirectory,
      LOG_LEVEL: 'silent',
    },
    stdio: 'ignore',
  });
  workers.push(worker);
  return worker;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

test('a worker killed with -9 in the middle of a render: another takes it up within 30 s, charged once', async () => {
  const personId = await pipeline.person(200n);
  const request = {
    model: 'studio-standard',
    input: { prompt: 'Taken up again', duration_seconds: 6, seed: 3 },
  };
  const { generation } = await acceptGeneration(pipeline.deps, { personId, key: 'one', request });
  const victim = startWorkerProcess();
  await until(pipeline, personId, generation.id, (view) => (view.progress ?? 0) > 0.1, 60_000);
  victim.kill('SIGKILL');
  await ended(victim);
  const killedAt = performance.now();
  startWorkerProcess();
  await until(
    pipeline,
    personId,
    generation.id,
    (view) => view.timeline.filter((entry) => entry.status === 'running').length === 2,
    60_000,
  );
  expect(performance.now() - killedAt).toBeLessThan(30_000);
  const done = await untilFinal(pipeline, personId, generation.id, 60_000);
  expect(done).toMatchObject({ status: 'succeeded', receipt: { held: 60n, captured: 60n } });
  expect(await pipeline.balance(personId)).toMatchObject({ total: 140n, held: 0n });
  await expectInvariants(world.admin, pipeline);
}, 120_000);
