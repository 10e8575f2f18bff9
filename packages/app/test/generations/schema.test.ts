import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let pipeline: Pipeline;
let id: string;
beforeAll(async () => {
  world = await createWorld();
  const provider = createScriptedProvider({ url: 'http://127.0.0.1:9' });
  pipeline = await createPipeline({ db: world.db, log: world.log, providers: [provider] });
  id = await pipeline.ask(await pipeline.person(100n));
});
afterAll(async () => {
  await pipeline.close();
  await world.close();
});

const set = (change: string) =>
  world.admin.query(`update holdfast.generation set ${change} where id = $1`, [id]);

test.each([
  ['what is not final is due some time', 'due_at = null', 'generation_due'],
  ['a hold outlives its deadline', 'lease_ends_at = deadline_at', 'generation_lease'],
  [
    'what is final is settled',
    `state = 'succeeded', due_at = null, finished_at = now()`,
    'generation_settled',
  ],
  [
    'held = captured + released',
    `state = 'succeeded', due_at = null, finished_at = now(), captured = 42, released = 7, delivered_units = 4`,
    'generation_policy',
  ],
  [
    'captured <= quoted',
    `state = 'succeeded', due_at = null, finished_at = now(), captured = 60, released = -10, delivered_units = 6`,
    'generation_settled',
  ],
  [
    'charged only where something was delivered',
    `state = 'cancelled', due_at = null, finished_at = now(), captured = 50, released = 0`,
    'generation_charged',
  ],
  ['nothing is refunded of what was only held', 'refunded = 1', 'generation_policy'],
  ['a prepaid generation holds nothing', `policy = 'prepaid', captured = quoted`, 'generation_lease'],
  [
    'a prepaid generation is charged what was quoted',
    `policy = 'prepaid', held = 0, lease_ends_at = null, captured = 49`,
    'generation_policy',
  ],
  [
    'a prepaid failure is refunded whole',
    `policy = 'prepaid', held = 0, lease_ends_at = null, state = 'cancelled', due_at = null, finished_at = now(),
     captured = 50, released = 0, refunded = 49`,
    'generation_charged',
  ],
  [
    'a postpaid generation is charged nothing before its end',
    `policy = 'postpaid', held = 0, lease_ends_at = null, captured = 50`,
    'generation_settled',
  ],
  [
    'a postpaid generation never owes more than it was charged',
    `policy = 'postpaid', held = 0, lease_ends_at = null, state = 'succeeded', due_at = null, finished_at = now(),
     captured = 42, released = 0, owed = 43, delivered_units = 4`,
    'generation_policy',
  ],
  [
    'a failure has its reason',
    `state = 'failed', due_at = null, finished_at = now(), captured = 0, released = 50`,
    'generation_failed',
  ],
])('the table itself refuses it: %s', async (_rule, change, constraint) => {
  await expect(set(change)).rejects.toMatchObject({ constraint });
});

test('at most one attempt of a generation is alive', async () => {
  const attempt = (number: number) =>
    world.admin.query(
      `insert into holdfast.attempt (id, generation_id, number, provider_id, token) values ($1, $2, $3, 'scripted', $4)`,
      [`att_${String(number).padStart(26, '0')}`, id, number, `token ${number}`],
    );
  await attempt(1);
  await expect(attempt(2)).rejects.toMatchObject({ constraint: 'attempt_live_idx' });
});

test('models and prices are kept for ever', async () => {
  await expect(world.admin.query('delete from holdfast.model')).rejects.toThrow(/kept as it is/);
  await expect(world.admin.query('update holdfast.price set credits_per_unit = 1')).rejects.toThrow(/kept/);
});
