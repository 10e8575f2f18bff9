import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorker } from '../../src/worker/worker.ts';
import { expectInvariants } from '../generations/invariants.ts';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { untilFinal } from '../generations/until.ts';
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
  service = await startScriptedService({ file: await film(4.2), polls: 1 });
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

test.each(['poll.claimed', 'ingest.fetched'] as const)(
  'killed with -9 in the middle of a step, at %s: as time goes by, another worker goes on within 20 s, and nothing is charged twice',
  async (failpoint) => {
    const person = await pipeline.person(100n);
    const id = await pipeline.ask(person);
    const setup = {
      databaseUrl: world.appUrl,
      serviceUrl: service.url,
      storageDirectory,
      machine: 'first',
      capabilities: {},
      logLevel: 'silent',
    } as const;
    const victim = startProcess('worker-process.ts', { setup, failpoint });
    expect(await victim.ended).toEqual({ code: null, signal: 'SIGKILL' });
    const killedAt = performance.now();
    const { rows } = await world.db.query<{ claim: bigint }>(
      'select claim from holdfast.generation where id = $1',
      [id],
    );
    const worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, machine: 'second' });
    try {
      await expect
        .poll(
          async () => {
            const found = await world.db.query<{ claim: bigint }>(
              'select claim from holdfast.generation where id = $1',
              [id],
            );
            return found.rows[0]?.claim;
          },
          { timeout: 30_000, interval: 50 },
        )
        .toBeGreaterThan(rows[0]?.claim ?? 0n);
      expect(performance.now() - killedAt).toBeLessThan(20_000);
      const done = await untilFinal(pipeline, person, id);
      expect(done).toMatchObject({ status: 'succeeded', receipt: { captured: 42n, released: 8n } });
      await expectInvariants(world.admin, pipeline, service);
    } finally {
      await worker.stop();
    }
  },
  60_000,
);
