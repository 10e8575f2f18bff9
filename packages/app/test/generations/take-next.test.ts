import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../../src/platform/database.ts';
import { takeNext } from '../../src/generations/take-next.ts';
import { idleProvider } from '../support/idle-provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let pipeline: Pipeline;
beforeAll(async () => {
  world = await createWorld();
  pipeline = await createPipeline({ db: world.db, log: world.log, providers: [idleProvider('scripted')] });
});
afterAll(async () => {
  await pipeline.close();
  await world.close();
});

const take = (maxRunningPerPerson: number) =>
  inTransaction(world.db, (tx) =>
    takeNext(tx, {
      providerId: 'scripted',
      only: null,
      except: [],
      maxRunningPerPerson,
      claimSeconds: 15,
      bind: null,
    }),
  );

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
  // A tier says otherwise than the settings.
  await world.db.query(`insert into holdfast.tier (id, name, max_running) values ('pro', 'Pro', 4)`);
  await world.db.query(`update holdfast.person set tier = 'pro' where id = $1`, [many]);
  const more = await Promise.all([take(2), take(2), take(2), take(2)]);
  expect(new Set(more.filter((row) => row !== null).map((row) => row.id)).size).toBeGreaterThanOrEqual(2);
  expect(await take(2)).toBeNull();
});
