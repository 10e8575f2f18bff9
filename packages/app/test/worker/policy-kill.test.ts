import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failpoint } from '../../src/generations/failpoint.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { askFor, expectBooksToAgree, offerAllPolicies } from '../generations/by-hand.ts';
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

/** Every moment around the transaction that moves credit at the end. */
const moments: readonly Failpoint[] = [
  'ingest.stored',
  'settle.captured',
  'settle.committed',
  'end.released',
  'end.committed',
];

let world: World;
let service: ScriptedService;
let pipeline: Pipeline;
let storageDirectory: string;

beforeAll(async () => {
  world = await createWorld();
  storageDirectory = await mkdtemp(join(tmpdir(), 'holdfast-storage-'));
  service = await startScriptedService({ file: await film(4.2), polls: 1, idempotent: false });
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    clock: world.clock,
    providers: [createScriptedProvider({ url: service.url })],
    storageDirectory,
  });
  await offerAllPolicies(world.db);
});

afterAll(async () => {
  await service.close();
  await pipeline.close();
  await world.close();
  await rm(storageDirectory, { recursive: true, force: true });
});

describe.each(['prepaid', 'postpaid'] as const)('killed with -9 while a %s one ends', (policy) => {
  test.each(moments)(
    'at %s: charged once for what was delivered, or not at all',
    async (failpoint) => {
      const fails = failpoint.startsWith('end.');
      service.script.outcomes = [fails ? 'fail_policy' : 'succeed'];
      const person = await pipeline.person(100n);
      const id = await askFor(pipeline, person, { policy, seconds: 5 });
      const setup = {
        databaseUrl: world.appUrl,
        serviceUrl: service.url,
        storageDirectory,
        machine: 'first',
        capabilities: {},
        logLevel: 'info',
      } as const;
      const victim = startProcess('worker-process.ts', { setup, failpoint });
      expect({ ...(await victim.ended), said: victim.lines }).toMatchObject({ signal: 'SIGKILL' });
      await world.clock.advance('20 seconds');
      const worker = await startWorker(pipeline.deps, {
        databaseUrl: world.appUrl,
        machine: 'second',
        sweepMs: 50,
      });
      try {
        const done = await untilFinal(pipeline, person, id);
        const charged = fails ? 0n : 42n;
        expect(done).toMatchObject({
          status: fails ? 'failed' : 'succeeded',
          receipt: { policy, charged, held: 0n },
        });
        expect(await pipeline.balance(person)).toMatchObject({ total: 100n - charged, held: 0n });
        await expectBooksToAgree(world.admin, pipeline);
        expect([...service.submits.values()].every((submits) => submits === 1)).toBe(true);
      } finally {
        await worker.stop();
      }
    },
    60_000,
  );
});
