import { afterAll, beforeAll, expect, test } from 'vitest';
import { etaAccuracy } from '../../src/generations/estimate/eta.ts';
import { noteRanges } from '../../src/generations/estimate/note-estimates.ts';
import { forgetModels } from '../../src/generations/catalogue/catalogue.ts';
import { pickUp } from '../../src/generations/pick-up/pick-up.ts';
import { newId } from '../../src/platform/ids.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let pipeline: Pipeline;
const provider = createScriptedProvider({ url: 'http://127.0.0.1:9' });
const worker = { id: 'wrk_here', machine: 'here' };

beforeAll(async () => {
  world = await createWorld();
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    providers: [provider],
    settings: { maxRunningPerPerson: 1 },
  });
});
afterAll(async () => {
  await pipeline.close();
  await world.close();
});

test('the line: whose turn it is, what is held back by others of one’s own, what waits for its model', async () => {
  const [ada, ben] = [await pipeline.person(500n), await pipeline.person(500n)];
  const first = await pipeline.ask(ada);
  const second = await pipeline.ask(ada);
  const other = await pipeline.ask(ben);
  expect((await pipeline.see(ada, first)).queue).toMatchObject({ position: 1, reason: 'turn' });
  expect((await pipeline.see(ben, other)).queue).toMatchObject({ position: 2, reason: 'turn' });

  await pickUp({ deps: pipeline.deps, worker }, provider);
  expect((await pipeline.see(ada, first)).queue).toBeNull();
  expect((await pipeline.see(ada, second)).queue).toMatchObject({ position: 2, reason: 'own_limit' });
  expect((await pipeline.see(ben, other)).queue).toMatchObject({ position: 1, reason: 'turn' });

  await world.db.query("update holdfast.person set tier = 'free' where id = $1", [ada]);
  await world.db.query("update holdfast.tier set max_running = 5 where id = 'free'");
  expect((await pipeline.see(ada, second)).queue).toMatchObject({ reason: 'turn' });

  await world.db.query("update holdfast.model set paused_reason = 'a test'");
  forgetModels(world.db);
  const waiting = await pipeline.see(ben, other);
  expect(waiting.queue).toMatchObject({ reason: 'model_waiting' });
  expect(waiting.eta).toBeNull();
  await world.db.query('update holdfast.model set paused_reason = null');
  forgetModels(world.db);
});

test('a position is counted no further than people care, and without reading the whole queue', async () => {
  const ada = await pipeline.person(100n);
  await world.admin.query(
    `insert into holdfast.generation (id, person_id, model_id, provider_id, provider_model, kind, input, price_version, policy,
       unit, credits_per_unit, quoted_units, quoted, held, lease_ends_at, due_at, deadline_at, timeline, turn)
     select 'gen_' || lpad(n::text, 26, '0'), $1, 'scripted-video', 'scripted', 'scripted-1', 'video', '{}', 'p/1', 'reserve',
            'second', 0, 1, 0, 0, holdfast.clock() + interval '2 days', holdfast.clock(), holdfast.clock() + interval '1 day', '[]', n
       from generate_series(1, 10000) as n`,
    [await pipeline.person(0n)],
  );
  await world.admin.query('analyze holdfast.generation');
  const id = await pipeline.ask(ada);
  await world.db.query('update holdfast.generation set turn = 20000 where id = $1', [id]);
  const { queue } = await pipeline.see(ada, id);
  expect(queue?.position).toBe(1_001);
  const { rows } = await world.admin.query<{ 'QUERY PLAN': unknown }>(
    `explain (analyze, format json) select count(*) from (select from holdfast.generation b
       where b.state = 'queued' and b.provider_id = 'scripted' and (b.turn, b.id) < (20, 'gen_') limit 1000) as before_it`,
  );
  expect(JSON.stringify(rows)).toContain('generation_queue_idx');
  await world.admin.query(
    "update holdfast.generation set state = 'cancelled', due_at = null, captured = 0, released = 0, finished_at = holdfast.clock() where person_id <> $1 and held = 0",
    [ada],
  );
});

test('the first range shown is kept, once, and how many held is counted', async () => {
  const ada = await pipeline.person(500n);
  const finished = async (seconds: number) => {
    await world.admin.query(
      `with at as materialized (select holdfast.clock() - interval '1 minute' as t)
       insert into holdfast.generation (id, person_id, model_id, provider_id, provider_model, kind, input, price_version, policy,
         unit, credits_per_unit, quoted_units, quoted, held, captured, released, delivered_units, lease_ends_at, state,
         deadline_at, timeline, turn, created_at, picked_up_at, finished_at)
       select $1, $2, 'scripted-video', 'scripted', 'scripted-1', 'video', '{}', 'p/1', 'reserve', 'second', 0, 5, 0, 0, 0, 0, 5,
              t + interval '2 days', 'succeeded', t + interval '1 day',
              jsonb_build_array(jsonb_build_object('status', 'submitting', 'at', t), jsonb_build_object('status', 'submitting', 'at', t + interval '3 s')),
              1, t, t + interval '3 s', t + make_interval(secs => $3)
         from at`,
      [newId('gen'), ada, seconds],
    );
  };
  for (const seconds of [18, 20, 22, 21, 19]) await finished(seconds);
  // What is known of a model is read anew every few seconds: here by another process, so to speak.
  const fresh = await createPipeline({ db: world.admin, log: world.log, providers: [provider] });
  const id = await pipeline.ask(ada);
  expect(await noteRanges(fresh.deps, [id])).toBe(1);
  expect(await noteRanges(fresh.deps, [id])).toBe(0);
  const { rows } = await world.db.query<{ from: number; to: number; stretch: number }>(
    `select extract(epoch from eta_from - created_at)::float as from, extract(epoch from eta_to - created_at)::float as to,
            eta_stretch::float as stretch from holdfast.generation where id = $1`,
    [id],
  );
  const [kept] = rows;
  expect(kept?.stretch).toBe(0);
  // From the first pick-up on, not from the last.
  expect(kept?.from).toBeGreaterThan(8);
  expect(kept?.from).toBeLessThan(20);
  expect(kept?.to).toBeGreaterThan(21);

  expect(await etaAccuracy(world.db)).toEqual({ shown: 0, held: 0, percent: null });
  await world.admin.query(
    `update holdfast.generation set eta_from = created_at + interval '19 s', eta_to = created_at + interval '21 s', eta_stretch = 0
      where person_id = $1 and state = 'succeeded'`,
    [ada],
  );
  expect(await etaAccuracy(world.db)).toEqual({ shown: 5, held: 3, percent: 60 });
  await fresh.close();
});
