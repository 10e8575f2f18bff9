import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryPostgres } from '../../../../tools/temporary-postgres.ts';
import { createDatabase } from '../../src/platform/database.ts';
import type { Database } from '../../src/platform/database.ts';
import type { EmbeddedPostgres } from '../../src/platform/embedded-postgres/open.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { startQueue } from '../../src/worker/queue.ts';
import type { Queue } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { expectInvariants } from '../generations/invariants.ts';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { until } from '../generations/until.ts';
import { film } from '../providers/media-files.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { startScriptedService } from '../providers/scripted/server.ts';
import type { ScriptedService } from '../providers/scripted/server.ts';

let postgres: EmbeddedPostgres;
let db: Database;
let service: ScriptedService;
let pipeline: Pipeline;
let queue: Queue;
let worker: Worker;

beforeAll(async () => {
  postgres = await temporaryPostgres('full');
  const databaseUrl = postgres.adminUrl('postgres');
  await migrate({ ownerUrl: databaseUrl });
  const log = createLogger({ level: 'silent' });
  db = createDatabase({ url: databaseUrl, applicationName: 'test', log });
  service = await startScriptedService({ file: await film(4.2), polls: 3 });
  queue = await startQueue({ databaseUrl, log });
  pipeline = await createPipeline({
    db,
    log,
    providers: [createScriptedProvider({ url: service.url })],
    wake: queue,
  });
  worker = await startWorker(pipeline.deps, { databaseUrl, sweepMs: 100 });
});

afterAll(async () => {
  await worker.stop();
  await queue.stop();
  await service.close();
  await pipeline.close();
  await db.end();
  await postgres.close();
});

test('Postgres is killed with -9 in the middle of generations: within 30 s all have ended, charged once each', async () => {
  const person = await pipeline.person(1_000n);
  for (let round = 0; round < 2; round += 1) {
    const ids = await Promise.all(Array.from({ length: 5 }, () => pipeline.ask(person)));
    await until(pipeline, person, ids[0] ?? '', (view) => view.status !== 'queued');
    const killedAt = performance.now();
    process.kill(postmasterPid(), 'SIGKILL');
    for (const id of ids) await untilFinalAcrossOutage(person, id);
    expect(performance.now() - killedAt).toBeLessThan(30_000);
  }
  await expectInvariants(db, pipeline, service);
  const ends = await db.query<{ state: string }>('select state from holdfast.generation');
  expect(ends.rows.map((row) => row.state)).toEqual(Array.from({ length: 10 }, () => 'succeeded'));
  expect(await pipeline.balance(person)).toMatchObject({ total: 1_000n - 10n * 42n, held: 0n });
}, 120_000);

function postmasterPid(): number {
  return Number.parseInt(readFileSync(join(postgres.cluster, 'postmaster.pid'), 'utf8'), 10);
}

/** The first look may fall into the outage. */
async function untilFinalAcrossOutage(person: string, id: string): Promise<void> {
  await expect
    .poll(
      () =>
        pipeline.see(person, id).then(
          (view) => view.status,
          () => 'no database',
        ),
      {
        timeout: 40_000,
        interval: 100,
      },
    )
    .toBe('succeeded');
}
