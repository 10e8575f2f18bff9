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
    // So that only turns decide who is next, not how many of one person are still being fetched.
    settings: { maxRunningPerPerson: 50 },
  });
});
afterAll(async () => {
  await service.close();
  await pipeline.close();
  await world.close();
});

test("one person's twenty don't delay another's three by more than a turn each; positions say so beforehand", async () => {
  const [many, few] = [await pipeline.person(1_000n), await pipeline.person(100n)];
  const theirs: string[] = [];
  for (let n = 0; n < 20; n += 1) theirs.push(await pipeline.ask(many, { seconds: 1 }));
  const mine: string[] = [];
  for (let n = 0; n < 3; n += 1) mine.push(await pipeline.ask(few, { seconds: 1 }));
  const positions = await Promise.all(mine.map((id) => pipeline.see(few, id)));
  expect(positions.map((view) => view.queue_position)).toEqual([2, 4, 6]);
  expect((await pipeline.see(many, theirs[19] ?? '')).queue_position).toBe(23);

  const worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 20 });
  try {
    for (const id of mine) await untilFinal(pipeline, few, id);
    const { rows } = await world.db.query<{ id: string }>(
      'select id from holdfast.generation where picked_up_at is not null order by picked_up_at',
    );
    const order = rows.map((row) => (mine.includes(row.id) ? 'mine' : 'theirs'));
    expect(order.slice(0, 6)).toEqual(['theirs', 'mine', 'theirs', 'mine', 'theirs', 'mine']);
  } finally {
    await worker.stop();
  }
});

test('a machine renders no more at once than it has room for, with several workers; each fetches what it made', async () => {
  service.script.polls = 2;
  const machines = ['one', 'one', 'two'];
  const people = await Promise.all(machines.map(() => pipeline.person(100n)));
  const all = await Promise.all(
    people.flatMap((person) =>
      [1, 2, 3].map(async () => ({ person, id: await pipeline.ask(person, { seconds: 1 }) })),
    ),
  );
  const workers = await Promise.all(
    machines.map((machine) =>
      startWorker(pipeline.deps, { databaseUrl: world.appUrl, machine, rendersPerMachine: 2, sweepMs: 20 }),
    ),
  );
  let busiest = 0;
  const looked = new AbortController();
  const looking = (async () => {
    while (!looked.signal.aborted) {
      const { rows } = await world.db.query<{ busy: number }>(
        `select count(*)::integer as busy from holdfast.generation
          where state in ('submitting', 'running') group by bound_machine`,
      );
      busiest = Math.max(busiest, ...rows.map((row) => row.busy));
    }
  })();
  try {
    const ends = await Promise.all(all.map(({ person, id }) => untilFinal(pipeline, person, id)));
    expect(ends.map((view) => view.status)).toEqual(all.map(() => 'succeeded'));
  } finally {
    looked.abort();
    await looking;
    await Promise.all(workers.map((worker) => worker.stop()));
  }
  expect(busiest).toBe(2);
});

test('a worker that is stopped hands back what it renders, and another takes it up at once', async () => {
  service.script.outcomes = ['never_end'];
  const person = await pipeline.person(100n);
  const id = await pipeline.ask(person, { seconds: 1 });
  const first = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, machine: 'one', sweepMs: 20 });
  await expect.poll(async () => (await pipeline.see(person, id)).status).toBe('running');
  await first.stop();
  expect(await pipeline.see(person, id)).toMatchObject({ status: 'queued', queue_position: 1 });
  service.script.outcomes = ['succeed'];
  for (const task of service.tasks) task.cancelled = false;
  service.tasks.length = 0;
  const second = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, machine: 'two', sweepMs: 20 });
  try {
    expect(await untilFinal(pipeline, person, id)).toMatchObject({ status: 'succeeded' });
  } finally {
    await second.stop();
  }
});
