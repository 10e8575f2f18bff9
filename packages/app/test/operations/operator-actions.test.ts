import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adopt, askNow, release, resubmit, settleOrphan } from '../../src/operations/operator-actions.ts';
import type { OperationsDeps } from '../../src/operations/deps.ts';
import { listActions } from '../../src/operations/operator-log.ts';
import { listOrphans, listStuck, listUnknown, readOverview } from '../../src/operations/overview.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { Worker } from '../../src/worker/worker.ts';
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

let world: World;
let service: ScriptedService;
let pipeline: Pipeline;
let deps: OperationsDeps;
let worker: Worker;
const by = { operator: 'cli ada', reason: 'looked into it' };

beforeEach(async () => {
  world = await createWorld();
  service = await startScriptedService({ file: await film(5), submits: ['accept_then_drop', 'accept'] });
  // A provider that can't be asked by anything of ours what became of a submit.
  const provider = {
    ...createScriptedProvider({ url: service.url }),
    reconcile: async () => 'cannot_tell' as const,
  };
  pipeline = await createPipeline({ db: world.db, log: world.log, providers: [provider] });
  deps = { db: world.db, credits: pipeline.deps.credits, generations: pipeline.deps };
  worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 30 });
});
afterEach(async () => {
  await worker.stop();
  await service.close();
  await pipeline.close();
  await world.close();
});

async function inDoubt(): Promise<{ person: string; id: string }> {
  const person = await pipeline.person(100n);
  const id = await pipeline.ask(person);
  await until(pipeline, person, id, (view) => view.status === 'outcome_unknown');
  return { person, id };
}

describe('what is in doubt', () => {
  test('is listed with its attempt, and the provider is asked at once', async () => {
    const { id } = await inDoubt();
    expect(await listUnknown(world.db)).toMatchObject([
      {
        generation: id,
        status: 'outcome_unknown',
        attempt: 1,
        task: null,
        held: 50n,
        error: expect.any(String),
      },
    ]);
    expect(await askNow(deps, by, id)).toMatchObject({ outcome: 'no_task' });
  });

  test('is adopted once its provider confirms the task: delivered, and charged once', async () => {
    const { person, id } = await inDoubt();
    const refused = adopt(deps, by, { generationId: id, taskId: 'task-9' });
    await expect(refused).rejects.toMatchObject({ code: 'operator_refused', data: { because: 'gone' } });
    const [task] = service.tasks;
    expect(await adopt(deps, by, { generationId: id, taskId: task?.id ?? '' })).toMatchObject({
      outcome: 'done',
    });
    const done = await untilFinal(pipeline, person, id);
    expect(done).toMatchObject({ status: 'succeeded', receipt: { captured: 50n } });
    await expect(adopt(deps, by, { generationId: id, taskId: 'task-2' })).rejects.toMatchObject({
      data: { because: 'final' },
    });
    expect([...service.submits.values()]).toEqual([1]);
    await expectInvariants(world.admin, pipeline, service);
  });

  test('a task that belongs to another generation is not taken', async () => {
    const first = await inDoubt();
    service.script.outcomes = ['never_end'];
    const other = await pipeline.ask(first.person);
    await until(pipeline, first.person, other, (view) => view.status === 'running');
    await expect(adopt(deps, by, { generationId: first.id, taskId: 'task-2' })).rejects.toMatchObject({
      data: { because: 'of_another' },
    });
  });

  test('is released: the credits are back, and what it may have cost is the operator’s', async () => {
    const { person, id } = await inDoubt();
    const answers = await Promise.all([release(deps, by, id), release(deps, by, id), release(deps, by, id)]);
    expect(answers.map(({ outcome }) => outcome)).toContain('done');
    expect(await release(deps, by, id)).toMatchObject({ outcome: 'nothing_to_do' });
    const ended = await pipeline.see(person, id);
    expect(ended).toMatchObject({
      status: 'failed',
      error: {
        code: 'released_by_operator',
        message:
          'This was stopped by our team because it would not finish. Please retry. You were not charged: 50 credits are available again.',
      },
    });
    expect(await pipeline.balance(person)).toMatchObject({ available: 100n, held: 0n });
    const [orphan] = await listOrphans(world.db);
    expect(orphan).toMatchObject({ generation: id, provider: 'scripted' });
    expect(await settleOrphan(deps, by, orphan?.attempt ?? '')).toMatchObject({ outcome: 'done' });
    expect(await settleOrphan(deps, by, orphan?.attempt ?? '')).toMatchObject({ outcome: 'nothing_to_do' });
    expect(await listOrphans(world.db)).toEqual([]);
  });

  test('is submitted anew once, whoever presses how often, and only the attempt that was seen', async () => {
    const { person, id } = await inDoubt();
    const presses = await Promise.allSettled(
      Array.from({ length: 5 }, () => resubmit(deps, by, { generationId: id, attempt: 1 })),
    );
    expect(presses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const done = await untilFinal(pipeline, person, id);
    expect(done).toMatchObject({ status: 'succeeded', receipt: { captured: 50n } });
    expect(service.tasks).toHaveLength(2);
    expect(await listOrphans(world.db)).toMatchObject([
      { generation: id, reason: 'resubmitted by an operator: the attempt was submit_unknown' },
    ]);
    const { rows } = await world.db.query(
      `select number, state, resubmitted_by from holdfast.attempt where generation_id = $1 order by number`,
      [id],
    );
    expect(rows).toEqual([
      { number: 1, state: 'failed', resubmitted_by: 'operator' },
      { number: 2, state: 'succeeded', resubmitted_by: null },
    ]);
    await expect(resubmit(deps, by, { generationId: id, attempt: 1 })).rejects.toMatchObject({
      data: { because: 'not_in_doubt' },
    });
  });
});

describe('what is stuck', () => {
  test('is listed when it takes longer than nearly all did, or is overdue', async () => {
    service.script.submits = ['accept'];
    service.script.outcomes = ['never_end'];
    const person = await pipeline.person(100n);
    const id = await pipeline.ask(person);
    await until(pipeline, person, id, (view) => view.status === 'running');
    expect(await listStuck(world.db)).toEqual([]);
    await world.clock.advance('6 minutes');
    expect(await listStuck(world.db)).toMatchObject([{ generation: id, attempt: 1, task: 'task-1' }]);
    expect(await askNow(deps, by, id)).toMatchObject({ outcome: 'running' });
    expect(await release(deps, by, id)).toMatchObject({ outcome: 'done' });
    expect(await pipeline.balance(person)).toMatchObject({ available: 100n });
  });
});

describe('the log', () => {
  test('says who, what, why, before and after, and nobody changes it', async () => {
    const { id } = await inDoubt();
    await release(deps, { operator: 'cli ada', reason: '  it hangs  ' }, id);
    const [line] = await listActions(world.db, { subject: id, limit: 10 });
    expect(line).toMatchObject({
      operator: 'cli ada',
      action: 'release',
      subject: id,
      reason: 'it hangs',
      outcome: 'done',
      before: { state: 'outcome_unknown', held: '50', attempt: { number: 1, state: 'submit_unknown' } },
      after: { state: 'failed', released: '50' },
    });
    for (const change of [
      `update holdfast.operator_action set reason = 'another'`,
      'delete from holdfast.operator_outcome',
      'truncate holdfast.operator_outcome',
    ]) {
      await expect(world.admin.query(change)).rejects.toThrow('kept as it was written');
    }
  });

  test('a reason is required, before anything is done', async () => {
    const { person, id } = await inDoubt();
    for (const reason of ['', '  ', 'x', 'a'.repeat(501)]) {
      await expect(release(deps, { operator: 'cli ada', reason }, id)).rejects.toMatchObject({
        code: 'reason_invalid',
      });
    }
    expect((await pipeline.see(person, id)).status).toBe('outcome_unknown');
    expect(await listActions(world.db, { subject: id, limit: 10 })).toEqual([]);
    await expect(release(deps, by, 'gen_nothing')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('the overview holds all of it', async () => {
    const { id } = await inDoubt();
    const overview = await readOverview(deps);
    expect(overview).toMatchObject({
      under_way: { outcome_unknown: 1 },
      unknown: [{ generation: id }],
      orphans: [],
      providers: [{ id: 'scripted', paid: true, reachable: true, running: 1, circuits: [], balance: null }],
    });
  });
});
