import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectInvariants } from '../generations/invariants.ts';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { startProcess } from './processes.ts';
import type { WorkerSetup } from './processes.ts';

let world: World;
let pipeline: Pipeline;
let storageDirectory: string;
let setup: WorkerSetup;

beforeAll(async () => {
  world = await createWorld();
  storageDirectory = await mkdtemp(join(tmpdir(), 'holdfast-storage-'));
  const serviceUrl = 'http://127.0.0.1:9';
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    providers: [createScriptedProvider({ url: serviceUrl })],
    storageDirectory,
  });
  setup = {
    databaseUrl: world.appUrl,
    serviceUrl,
    storageDirectory,
    machine: 'server',
    capabilities: {},
    logLevel: 'silent',
  };
});
afterAll(async () => {
  await pipeline.close();
  await world.close();
  await rm(storageDirectory, { recursive: true, force: true });
});

test.each([
  ['accept.before', 0n],
  ['accept.after_commit', 50n],
] as const)(
  'a server killed with -9 at %s leaves hold, row and record together or not at all; the retry is one generation',
  async (failpoint, held) => {
    const person = await pipeline.person(100n);
    const args = [person, 'one'];
    const killed = startProcess('accept-process.ts', { setup, failpoint, args });
    expect(await killed.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await pipeline.balance(person)).toMatchObject({ held });
    await expectInvariants(world.admin, pipeline);

    const retry = startProcess('accept-process.ts', { setup, args });
    expect(await retry.ended).toMatchObject({ code: 0 });
    const { rows } = await world.admin.query<{ id: string }>(
      'select id from holdfast.generation where person_id = $1',
      [person],
    );
    expect(rows.map((row) => row.id)).toEqual(retry.lines);
    expect(await pipeline.balance(person)).toMatchObject({ held: 50n });
  },
);
