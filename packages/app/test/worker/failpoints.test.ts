import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failpoints } from '../../src/generations/failpoint.ts';
import type { Failpoint } from '../../src/generations/failpoint.ts';
import type { Capabilities } from '../../src/providers/port.ts';
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
import type { WorkerSetup } from './processes.ts';

const paid: Partial<Capabilities> = {};
const local: Partial<Capabilities> = { idempotentSubmit: true, paid: false, concurrencyPerMachine: 2 };
const inWorker = failpoints.filter((name) => !name.startsWith('accept.'));

describe.each([
  ['a paid provider, which must not be asked twice', paid],
  ['a local renderer, which may be asked again', local],
])('killed with -9 while working with %s', (_name, capabilities) => {
  let world: World;
  let service: ScriptedService;
  let pipeline: Pipeline;
  let storageDirectory: string;
  let setup: WorkerSetup;

  beforeAll(async () => {
    world = await createWorld();
    storageDirectory = await mkdtemp(join(tmpdir(), 'holdfast-storage-'));
    const idempotent = capabilities.idempotentSubmit ?? false;
    service = await startScriptedService({ file: await film(4.2), polls: 1, idempotent });
    pipeline = await createPipeline({
      db: world.db,
      log: world.log,
      clock: world.clock,
      providers: [createScriptedProvider({ url: service.url, capabilities })],
      storageDirectory,
    });
    setup = {
      databaseUrl: world.appUrl,
      serviceUrl: service.url,
      storageDirectory,
      machine: 'first',
      capabilities,
      logLevel: 'info',
    };
  });

  afterAll(async () => {
    await service.close();
    await pipeline.close();
    await world.close();
    await rm(storageDirectory, { recursive: true, force: true });
  });

  test.each(inWorker)(
    'at %s: another worker brings it to a just end',
    async (failpoint) => {
      service.script.outcomes = [failpoint.startsWith('end.') ? 'fail_policy' : 'succeed'];
      const person = await pipeline.person(100n);
      const id = await pipeline.ask(person);
      const victim = startProcess('worker-process.ts', { setup, failpoint });
      expect({ ...(await victim.ended), said: victim.lines }).toMatchObject({
        code: null,
        signal: 'SIGKILL',
      });

      // Its claim, and its hold on what its machine makes, run out.
      await world.clock.advance('20 seconds');
      const worker = await startWorker(pipeline.deps, {
        databaseUrl: world.appUrl,
        machine: 'second',
        sweepMs: 50,
      });
      try {
        const unsure = capabilities.idempotentSubmit !== true && failpoint === 'submit.marker_written';
        if (unsure) {
          await until(pipeline, person, id, (view) => view.status === 'outcome_unknown');
          await world.clock.advance('11 minutes');
        }
        const done = await untilFinal(pipeline, person, id);
        const expected = expectation(failpoint, unsure);
        expect({ status: done.status, code: done.error?.code ?? null }).toEqual(expected);
        const captured = expected.status === 'succeeded' ? 42n : 0n;
        expect(done.receipt).toMatchObject({ held: 50n, captured, released: 50n - captured });
        expect(await pipeline.balance(person)).toMatchObject({ total: 100n - captured, held: 0n });
        await expectInvariants(world.admin, pipeline, service);
      } finally {
        await worker.stop();
      }
    },
    60_000,
  );

  if (capabilities.idempotentSubmit) return;

  test('what an unknown outcome may have cost is noted for the operator', async () => {
    const { rows } = await world.admin.query('select reason from holdfast.orphan_cost order by reason');
    // And what its provider refused after it had run, without a word of the cost: at the two failpoints of an end.
    expect(rows).toEqual([
      { reason: 'outcome_unknown: the attempt was submit_unknown' },
      { reason: 'policy: the attempt was submitted' },
      { reason: 'policy: the attempt was submitted' },
    ]);
  });
});

function expectation(failpoint: Failpoint, unsure: boolean): { status: string; code: string | null } {
  if (failpoint.startsWith('end.')) return { status: 'failed', code: 'policy' };
  return unsure ? { status: 'failed', code: 'outcome_unknown' } : { status: 'succeeded', code: null };
}
