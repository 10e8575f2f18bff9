import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimDue, endStep, liveAttempt, renewClaim } from '../../src/generations/steps/claims.ts';
import { endGeneration } from '../../src/generations/end/end.ts';
import { pickUp } from '../../src/generations/pick-up/pick-up.ts';
import type { PickedUp } from '../../src/generations/pick-up/pick-up.ts';
import { settle } from '../../src/generations/end/settle.ts';
import {
  recordTask,
  toIngesting,
  toQueued,
  toRunning,
  toUnknown,
} from '../../src/generations/steps/transitions.ts';
import type { Provider } from '../../src/providers/port.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { expectInvariants } from './invariants.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let pipeline: Pipeline;
let provider: Provider;
const worker = { id: 'wrk_here', machine: 'here' };
const who = { worker, providers: ['scripted'] };

beforeAll(async () => {
  world = await createWorld();
  provider = createScriptedProvider({ url: 'http://127.0.0.1:9' });
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    providers: [provider],
    settings: { maxRunningPerPerson: 1 },
  });
});
afterAll(async () => {
  await expectInvariants(world.admin, pipeline);
  await pipeline.close();
  await world.close();
});

let picked: PickedUp;
beforeEach(async () => {
  await pipeline.ask(await pipeline.person(100n));
  const next = await pickUp({ deps: pipeline.deps, worker }, provider);
  if (next === null) throw new Error('nothing was picked up');
  picked = next;
});

describe('a claim', () => {
  test('is one worker’s: nobody else takes the step until it has run out', async () => {
    const { row } = picked;
    expect(await claimDue(world.db, row.id, who)).toBeNull();
    await world.clock.advance('16 seconds');
    const claims = await Promise.all(Array.from({ length: 5 }, () => claimDue(world.db, row.id, who)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  test('is not taken by a worker that can not reach the provider', async () => {
    await world.clock.advance('16 seconds');
    expect(await claimDue(world.db, picked.row.id, { worker, providers: ['another'] })).toBeNull();
  });

  test('is kept by renewing it', async () => {
    const { row } = picked;
    for (let second = 0; second < 30; second += 10) {
      await world.clock.advance('10 seconds');
      expect(await renewClaim(world.db, row, worker)).toBe(true);
      expect(await claimDue(world.db, row.id, who)).toBeNull();
    }
  });

  test('once lost, nothing that was done under it can be written', async () => {
    const { row, attempt } = picked;
    await world.clock.advance('16 seconds');
    const taken = await claimDue(world.db, row.id, who);
    expect(taken?.claim).toBe(row.claim + 1n);
    const failure = { attemptId: attempt.id, code: 'late', detail: 'late', afterSeconds: 0 };
    expect(await renewClaim(world.db, row, worker)).toBe(false);
    expect(await endStep(world.db, row, { seconds: 1, worker })).toBe(false);
    const task = { token: attempt.token, taskId: 'known-late', urls: null };
    expect(await toRunning(world.db, row, task)).toBeNull();
    expect(await toUnknown(world.db, row, { ...failure, unknownSeconds: null })).toBe(false);
    expect(await toQueued(world.db, row, { afterSeconds: 0 })).toBe(false);
    const made = { attemptId: attempt.id, outputs: [], costUsd: null };
    expect(await toIngesting(world.db, { ...row, state: 'running' }, made)).toBeNull();
    const ending = {
      state: 'failed',
      code: 'late',
      errorClass: 'SYSTEM',
      detail: '',
      mayHaveCost: true,
    } as const;
    expect(await endGeneration(pipeline.deps, row, ending)).toBe(false);
    const file = {
      sha256: 'a'.repeat(64),
      bytes: 1,
      contentType: 'video/mp4',
      width: 1,
      height: 1,
      durationMs: 4_200,
      poster: null,
    };
    expect(await settle(pipeline.deps, { ...row, state: 'ingesting' }, attempt, [{ output: 0, file }])).toBe(
      'lost',
    );
    // But for the task's name.
    expect(await liveAttempt(world.db, row.id)).toMatchObject({
      state: 'submitted',
      task_id: 'known-late',
      ended_at: null,
    });
  });

  test('is not needed to note the name of a task, not even at the end', async () => {
    const { row, attempt } = picked;
    const ending = {
      state: 'failed',
      code: 'gone',
      errorClass: 'SYSTEM',
      detail: '',
      mayHaveCost: true,
    } as const;
    expect(await endGeneration(pipeline.deps, row, ending)).toBe(true);
    await recordTask(world.db, { token: attempt.token, taskId: 'late-1', urls: null });
    await recordTask(world.db, { token: attempt.token, taskId: 'late-2', urls: null });
    const { rows } = await world.db.query('select task_id, state from holdfast.attempt where id = $1', [
      attempt.id,
    ]);
    expect(rows).toEqual([{ task_id: 'late-1', state: 'failed' }]);
  });
});

describe('a callback that comes in while a step runs', () => {
  const seconds = 600;
  const dueIn = async (id: string): Promise<number> => {
    const { rows } = await world.db.query<{ seconds: number }>(
      `select extract(epoch from due_at - holdfast.clock())::float8 as seconds from holdfast.generation where id = $1`,
      [id],
    );
    return rows[0]?.seconds ?? Number.NaN;
  };
  const callIn = async (token: string, event: string) => {
    const { rows } = await world.db.query<{ outcome: string; woken: string | null }>(
      `select outcome, woken from holdfast.receive_callback('scripted', $1, $2, 'task', 'hint')`,
      [token, event],
    );
    return rows[0];
  };

  test('makes the next step due at its end; one that was seen before does not', async () => {
    const { row, attempt } = picked;
    expect(await callIn(attempt.token, 'first')).toEqual({ outcome: 'kept', woken: null });
    expect(await callIn(attempt.token, 'first')).toEqual({ outcome: 'duplicate', woken: null });
    await endStep(world.db, row, { seconds, worker });
    expect(await dueIn(row.id)).toBeLessThanOrEqual(0);

    const next = await claimDue(world.db, row.id, who);
    if (next === null) throw new Error('not claimed');
    await endStep(world.db, next, { seconds, worker });
    expect(await dueIn(row.id)).toBeGreaterThan(500);
    expect(await callIn(attempt.token, 'second')).toEqual({ outcome: 'kept', woken: row.id });
    expect(await dueIn(row.id)).toBeLessThanOrEqual(0);
    expect(await callIn('nobody', 'third')).toEqual({ outcome: 'unknown', woken: null });
  });

  test('is not lost between the end of the step and its own commit, whichever is first', async () => {
    const { row, attempt } = picked;
    const door = await world.db.connect();
    try {
      await door.query('begin');
      await door.query(`select holdfast.receive_callback('scripted', $1, 'held up', null, 'hint')`, [
        attempt.token,
      ]);
      const ending = endStep(world.db, row, { seconds, worker });
      await expect
        .poll(async () => {
          const { rows } = await world.admin.query<{ n: number }>(
            `select count(*)::integer as n from pg_locks where not granted and locktype = 'transactionid'`,
          );
          return rows[0]?.n;
        })
        .toBe(1);
      await door.query('commit');
      expect(await ending).toBe(true);
    } finally {
      door.release();
    }
    expect(await dueIn(row.id)).toBeLessThanOrEqual(0);
  });
});

test('one person runs as many at once as allowed, and others are not held up by that', async () => {
  const [greedy, modest] = [await pipeline.person(500n), await pipeline.person(100n)];
  for (let n = 0; n < 3; n += 1) await pipeline.ask(greedy);
  await pipeline.ask(modest);
  const ctx = { deps: pipeline.deps, worker };
  const order = [await pickUp(ctx, provider), await pickUp(ctx, provider), await pickUp(ctx, provider)];
  expect(order.map((next) => next?.row.person_id)).toEqual([greedy, modest, undefined]);
});
