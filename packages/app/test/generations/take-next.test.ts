import { afterAll, beforeAll, expect, test } from 'vitest';
import { pickUp } from '../../src/generations/pick-up/pick-up.ts';
import { takeNext } from '../../src/generations/pick-up/take-next.ts';
import { idleProvider } from '../support/idle-provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

const idle = idleProvider('scripted', { paid: true });
const provider = { ...idle, capabilities: { ...idle.capabilities, concurrencyPerMachine: null } };
let world: World;
let pipeline: Pipeline;
beforeAll(async () => {
  world = await createWorld();
  pipeline = await createPipeline({ db: world.db, log: world.log, providers: [provider] });
});
afterAll(async () => {
  await pipeline.close();
  await world.close();
});

const taking = {
  providerId: 'scripted',
  only: null,
  except: [],
  claimSeconds: 15,
  bind: null,
  mayRepeat: false,
};
const take = async (maxRunningPerPerson: number) =>
  (await takeNext(world.db, { ...taking, maxRunningPerPerson }, 1))[0]?.row ?? null;

test('however many of one person wait in front, the next whose person may have one more is found', async () => {
  const many = await pipeline.person(10_000n);
  const few = await pipeline.person(100n);
  for (let n = 0; n < 40; n += 1) await pipeline.ask(many, { seconds: 1 });
  const last = await pipeline.ask(few, { seconds: 1 });
  await world.db.query('update holdfast.generation set turn = 1000000 where id = $1', [last]);
  expect((await take(2))?.person_id).toBe(many);
  expect((await take(2))?.person_id).toBe(many);
  expect((await take(2))?.id).toBe(last);
  expect(await take(2)).toBeNull();
});

test('several are taken by one statement, in turn, each with an attempt of its own, and none too many of anybody', async () => {
  const person = await pipeline.person(100n);
  const other = await pipeline.person(100n);
  for (let n = 0; n < 4; n += 1) await pipeline.ask(person, { seconds: 1 });
  await pipeline.ask(other, { seconds: 1 });
  const taken = await takeNext(world.db, { ...taking, maxRunningPerPerson: 2 }, 8);
  expect(taken.map(({ row }) => row.person_id).toSorted()).toEqual([person, person, other].toSorted());
  for (const { row, attempt } of taken) {
    expect(row).toMatchObject({ state: 'submitting', claim: 1n, pickups: 1 });
    expect(attempt).toMatchObject({ generation_id: row.id, number: 1, state: 'submitting', task_id: null });
  }
  expect(new Set(taken.map(({ attempt }) => attempt.token)).size).toBe(3);
});

test('however many workers look at the same instant, nobody has more at once than their tier allows', async () => {
  await world.db.query(`insert into holdfast.tier (id, name, max_running) values ('pro', 'Pro', 4)`);
  const eager = await pipeline.person(10_000n);
  await world.db.query(`update holdfast.person set tier = 'pro' where id = $1`, [eager]);
  for (let n = 0; n < 20; n += 1) await pipeline.ask(eager, { seconds: 1 });
  const pick = (worker: number) =>
    pickUp({ deps: pipeline.deps, worker: { id: `wrk_${worker}`, machine: 'one' } }, provider);
  const picked = await Promise.all(Array.from({ length: 16 }, (_, worker) => pick(worker)));
  const theirs = picked.filter((one) => one?.row.person_id === eager);
  expect(theirs.length).toBeGreaterThanOrEqual(1);
  for (let n = 0; n < 4; n += 1) await pick(n);
  const { rows } = await world.db.query<{ running: number }>(
    `select count(*)::integer as running from holdfast.generation where person_id = $1 and state = 'submitting'`,
    [eager],
  );
  expect(rows).toEqual([{ running: 4 }]);
});
