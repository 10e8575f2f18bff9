import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { settleRestore } from '../../src/generations/operate/after-restore.ts';
import { forgetModels } from '../../src/generations/catalogue/catalogue.ts';
import { noteLateCallbacks } from '../../src/generations/callbacks/late-callbacks.ts';
import { adoptTask, resubmitByHand } from '../../src/generations/operate/operate.ts';
import { pickUp } from '../../src/generations/pick-up/pick-up.ts';
import { attemptOf } from '../../src/generations/steps/attempt-of.ts';
import { recordTask } from '../../src/generations/steps/transitions.ts';
import { startNext } from '../../src/generations/steps/advance.ts';
import { createRegistry } from '../../src/providers/registry.ts';
import { ProviderError } from '../../src/providers/port.ts';
import { enforceDeadlines } from '../../src/generations/end/sweep.ts';
import { expectInvariants } from './invariants.ts';
import { createVendorWorld } from './vendor-world.ts';
import type { VendorWorld } from './vendor-world.ts';

const image = 'kie-z-image';
let kie: VendorWorld;
let person: string;

beforeAll(async () => {
  kie = await createVendorWorld('kie');
});
beforeEach(async () => {
  kie.service.knobs.callback = null;
  person = await kie.person(1_000n);
});
afterAll(() => kie.close());

const acceptedPosts = (world: VendorWorld, token: string) =>
  world.service.book.posts.filter((post) => post.token === token && post.accepted).length;

/** Asks, and has the one submit end as the fault says. */
async function lost(world: VendorWorld, model: string, fault: 'accept_then_drop' | 'drop_before_accept') {
  world.service.knobs.submit = [fault];
  const id = await world.ask(person, model);
  expect((await world.start()).id).toBe(id);
  const [attempt] = await world.attempts(id);
  if (attempt === undefined) throw new Error('no attempt');
  expect(attempt).toMatchObject({ state: 'submit_unknown', task_id: null });
  return { id, attempt };
}

test('a callback names the task of a submit whose answer was lost: verified, adopted, charged once', async () => {
  const { id, attempt } = await lost(kie, image, 'accept_then_drop');
  await kie.called(id);
  await kie.step(id);
  expect(await kie.row(id)).toMatchObject({ state: 'succeeded', captured: 1n });
  expect(acceptedPosts(kie, attempt.token)).toBe(1);
  expect(await kie.orphans(id)).toEqual([]);
  expect(await kie.attempts(id)).toMatchObject([{ state: 'succeeded', task_id: expect.any(String) }]);
});

test("a callback that names another's task is not believed, and nothing breaks", async () => {
  const other = await kie.ask(person, image);
  await kie.start();
  expect(await kie.row(other)).toMatchObject({ state: 'succeeded' });
  kie.service.knobs.callback = 'wrong_task';
  const { id } = await lost(kie, image, 'accept_then_drop');
  await kie.called(id);
  await kie.step(id);
  expect(await kie.row(id)).toMatchObject({ state: 'outcome_unknown' });
  expect((await kie.attempts(id))[0]).toMatchObject({ task_id: null, state: 'submit_unknown' });
});

test('a task that another attempt has is not taken from it', async () => {
  const other = await kie.ask(person, image);
  await kie.start();
  const [owner] = await kie.attempts(other);
  kie.service.knobs.callback = 'none';
  const { attempt } = await lost(kie, image, 'accept_then_drop');
  const task = { token: attempt.token, taskId: owner?.task_id ?? '', urls: null };
  expect(await recordTask(kie.ctx.deps.db, task)).toBe('taken');
  expect(await recordTask(kie.ctx.deps.db, { ...task, token: owner?.token ?? '' })).toBe('known');
  const racing = { ...task, taskId: 'a task of two' };
  const { attempt: second } = await lost(kie, image, 'accept_then_drop');
  const noted = await Promise.all([
    recordTask(kie.ctx.deps.db, racing),
    recordTask(kie.ctx.deps.db, { ...racing, token: second.token }),
  ]);
  expect(noted.toSorted()).toEqual(['noted', 'taken']);
});

test("what nobody can learn ends in time: released, noted as the operator's; a late success is never charged", async () => {
  kie.service.knobs.callback = 'none';
  const { id, attempt } = await lost(kie, image, 'accept_then_drop');
  const asked = kie.http.world.clock.now().getTime();
  while ((await kie.row(id)).due_at !== null) await kie.step(id);
  const waited = (kie.http.world.clock.now().getTime() - asked) / 60_000;
  expect(waited).toBeGreaterThan(29);
  expect(waited).toBeLessThan(32);
  expect(await kie.row(id)).toMatchObject({ state: 'failed', error_code: 'outcome_unknown', captured: 0n });
  expect(await kie.orphans(id)).toEqual([{ task_id: null, cost_usd: null, resolved_at: null }]);
  const before = await kie.balance(person);

  const task = [...kie.service.tasks.values()].find(({ callbackUrl }) =>
    callbackUrl?.endsWith(attempt.token),
  );
  await kie.http.world.admin.query(`select holdfast.receive_callback('kie', $1, 'late', $2, 'hint')`, [
    attempt.token,
    task?.id,
  ]);
  await noteLateCallbacks(kie.ctx.deps);
  expect(await kie.orphans(id)).toEqual([{ task_id: task?.id, cost_usd: '0.100000', resolved_at: null }]);
  expect(await kie.row(id)).toMatchObject({ state: 'failed', captured: 0n });
  expect(await kie.balance(person)).toEqual(before);
  expect((await kie.see(person, id)).outputs).toEqual([]);
  await expectInvariants(kie.http.world.db, { deps: kie.ctx.deps });
});

test('a worker died after its request had left: a callback tells the task before the time-out is over', async () => {
  const id = await kie.ask(person, image);
  const picked = await pickUp(kie.ctx, kie.provider);
  if (picked === null) throw new Error('nothing was picked up');
  const request = await attemptOf(kie.ctx, picked);
  expect((await kie.provider.submit(request, AbortSignal.timeout(5_000))).kind).toBe('accepted');
  await kie.called(id);
  await kie.step(id);
  expect(await kie.row(id)).toMatchObject({ state: 'succeeded', captured: 1n });
  expect(acceptedPosts(kie, picked.attempt.token)).toBe(1);
});

test("a model's policy makes a cheap one anew, once, and only after a callback had its chance", async () => {
  const { db } = kie.ctx.deps;
  const allow = async (usd: number | null) => {
    await db.query('update holdfast.model set max_unknown_cost_usd = $2 where id = $1', [image, usd]);
    forgetModels(db);
  };
  kie.service.knobs.callback = 'none';
  await allow(0.003);
  const { id: dear } = await lost(kie, image, 'drop_before_accept');
  await kie.http.world.clock.advance('61 seconds');
  await kie.step(dear);
  expect(await kie.row(dear)).toMatchObject({ state: 'outcome_unknown' });

  await allow(0.004);
  const { id } = await lost(kie, image, 'accept_then_drop');
  await kie.step(id);
  expect(await kie.row(id)).toMatchObject({ state: 'outcome_unknown' });
  await kie.http.world.clock.advance('61 seconds');
  await kie.step(id);
  expect(await kie.row(id)).toMatchObject({ state: 'queued' });
  kie.service.knobs.submit = ['accept_then_drop'];
  expect((await kie.start()).id).toBe(id);
  await kie.http.world.clock.advance('61 seconds');
  await kie.step(id);
  expect(await kie.row(id)).toMatchObject({ state: 'outcome_unknown' });
  expect(await kie.attempts(id)).toMatchObject([
    { state: 'failed', resubmitted_by: 'policy' },
    { state: 'submit_unknown', resubmitted_by: null },
  ]);
  expect(await kie.orphans(id)).toHaveLength(1);
  await allow(null);
});

test('after a restore nothing that waited is sent blindly', async () => {
  const [waiting, local] = [await kie.ask(person, image), await kie.ask(person, 'studio-image')];
  await kie.http.world.admin.query(
    `update holdfast.installation set restored_at = holdfast.clock() + interval '1 second', reconcile_since = holdfast.clock()`,
  );
  expect(await settleRestore(kie.ctx.deps)).toBeGreaterThanOrEqual(1);
  expect(await settleRestore(kie.ctx.deps)).toBeNull();
  expect(await kie.row(waiting)).toMatchObject({ state: 'outcome_unknown' });
  expect(await kie.row(local)).toMatchObject({ state: 'queued' });
  expect(await kie.attempts(waiting)).toMatchObject([{ state: 'submit_unknown', error_code: 'restored' }]);
  const posts = kie.service.book.posts.length;
  await kie.step(waiting);
  expect(await kie.row(waiting)).toMatchObject({ state: 'outcome_unknown' });
  await kie.http.world.clock.advance('3 hours');
  await enforceDeadlines(kie.ctx);
  expect(await kie.row(waiting)).toMatchObject({ state: 'failed', captured: 0n });
  expect(await kie.orphans(waiting)).toHaveLength(1);
  expect(kie.service.book.posts.length).toBe(posts);
});

test('what ran when a backup was made, and failed, is not made anew after its restoring before its provider was asked', async () => {
  kie.service.knobs.runMs = 0;
  kie.service.knobs.fail = ['system'];
  kie.service.knobs.callback = 'none';
  const { provider, ctx } = kie;
  // It is still running when it is looked at first.
  const slow: typeof provider = { ...provider, status: async () => ({ state: 'running', progress: null }) };
  const id = await kie.ask(person, image);
  await startNext({ ...ctx, deps: { ...ctx.deps, providers: createRegistry([slow]) } }, slow);
  expect(await kie.row(id)).toMatchObject({ state: 'running' });
  await kie.http.world.admin.query(
    `update holdfast.installation set restored_at = holdfast.clock(), reconcile_since = holdfast.clock()`,
  );
  await settleRestore(kie.ctx.deps);
  const posts = kie.service.book.posts.length;
  await kie.http.world.clock.advance('3 minutes');
  await kie.step(id);
  expect(await kie.row(id)).toMatchObject({ state: 'outcome_unknown' });
  expect(await kie.attempts(id)).toMatchObject([
    { state: 'failed' },
    { state: 'submit_unknown', error_code: 'restored' },
  ]);
  await kie.step(id);
  await kie.http.world.clock.advance('3 hours');
  await enforceDeadlines(kie.ctx);
  expect(await kie.row(id)).toMatchObject({ state: 'failed', captured: 0n });
  expect(kie.service.book.posts.length).toBe(posts);
  await expectInvariants(kie.http.world.db, { deps: kie.ctx.deps });
});

test('late callbacks that can not be answered hold up no others, and are given up after a while', async () => {
  const { db } = kie.ctx.deps;
  const { rows: ended } = await db.query<{ token: string }>(
    `select token from holdfast.attempt where state = 'failed' and provider_id = 'kie' order by id limit 2`,
  );
  const [first, second] = ended.map(({ token }) => token);
  for (const token of [first, second]) {
    await kie.http.world.admin.query(
      `select holdfast.receive_callback('kie', $1, $1, 'no-such-task', 'hint')`,
      [token],
    );
    await kie.http.world.clock.advance('1 second');
  }
  const asked: string[] = [];
  const { provider } = kie;
  const silent: typeof provider = {
    ...provider,
    recognize: (attempt) => {
      asked.push(attempt.token);
      return Promise.reject(new ProviderError('kie', { code: 'http_503', message: 'down', httpStatus: 503 }));
    },
    status: (task) => {
      asked.push(task.attemptToken);
      return Promise.reject(new ProviderError('kie', { code: 'http_503', message: 'down', httpStatus: 503 }));
    },
  };
  const deps = { ...kie.ctx.deps, providers: createRegistry([silent]) };
  for (let look = 0; look < 3; look += 1) await noteLateCallbacks(deps);
  // One at a look, as its provider is silent: each in turn, and none again at once.
  expect(asked).toEqual([first, second]);
  for (let look = 0; look < 120; look += 1) {
    await kie.http.world.clock.advance('1 hour');
    await db.query(
      'update holdfast.provider_callback set received_at = holdfast.clock() where read_at is null',
    );
    await noteLateCallbacks(deps);
  }
  expect(asked.length).toBeLessThanOrEqual(100);
  expect(asked.filter((token) => token === first).length).toBe(50);
});

test('Replicate finds a lost submit in its list, proves an absent one after a while, and then it is made anew', async () => {
  const replicate = await createVendorWorld('replicate');
  try {
    person = await replicate.person(1_000n);
    replicate.service.knobs.callback = 'none';
    const found = await lost(replicate, 'replicate-flux-dev', 'accept_then_drop');
    await replicate.step(found.id);
    expect(await replicate.row(found.id)).toMatchObject({ state: 'succeeded' });

    // The list has an equal one, but that is another attempt's.
    const absent = await lost(replicate, 'replicate-flux-dev', 'drop_before_accept');
    await replicate.step(absent.id);
    expect(await replicate.row(absent.id)).toMatchObject({ state: 'outcome_unknown' });
    await replicate.http.world.clock.advance('4 minutes');
    await replicate.step(absent.id);
    expect(await replicate.row(absent.id)).toMatchObject({ state: 'queued' });
    expect(await replicate.orphans(absent.id)).toEqual([]);
    await replicate.http.world.clock.advance('1 minute');
    expect((await replicate.start()).id).toBe(absent.id);
    expect(await replicate.row(absent.id)).toMatchObject({ state: 'succeeded' });
    expect(await replicate.attempts(absent.id)).toMatchObject([
      { state: 'failed', error_code: 'never_started' },
      { state: 'succeeded' },
    ]);

    // A signed callback with a task of another input is seen through.
    replicate.service.knobs.callback = 'wrong_task';
    const wrong = await lost(replicate, 'replicate-flux-schnell', 'accept_then_drop');
    await replicate.called(wrong.id);
    await replicate.step(wrong.id);
    // (Its own is out of the list's sight: the vendor's clock does not move with ours.)
    expect(await replicate.attempts(wrong.id)).toMatchObject([{ task_id: null, state: 'submit_unknown' }]);
    await expectInvariants(replicate.http.world.db, { deps: replicate.ctx.deps });
  } finally {
    await replicate.close();
  }
});

test('fal: a signed callback and its list tell the task of a lost submit', async () => {
  const fal = await createVendorWorld('fal', { listsUnfinished: false });
  try {
    person = await fal.person(1_000n);
    const { id, attempt } = await lost(fal, 'fal-flux-schnell', 'accept_then_drop');
    await fal.called(id);
    await fal.step(id);
    expect(await fal.row(id)).toMatchObject({ state: 'succeeded', captured: 1n });
    expect(acceptedPosts(fal, attempt.token)).toBe(1);
    await expectInvariants(fal.http.world.db, { deps: fal.ctx.deps });
  } finally {
    await fal.close();
  }
});

test("an operator's hand adopts what the provider can match, not what somebody else has started; and resubmits only what is in doubt", async () => {
  const replicate = await createVendorWorld('replicate');
  try {
    const { deps } = replicate.ctx;
    person = await replicate.person(1_000n);
    replicate.service.knobs.callback = 'none';
    const { id, attempt } = await lost(replicate, 'replicate-flux-dev', 'accept_then_drop');
    const own = [...replicate.service.tasks.values()].find(({ callbackUrl }) =>
      callbackUrl?.endsWith(attempt.token),
    );
    const request = await attemptOf(replicate.ctx, { row: await replicate.row(id), attempt });
    const strange = await replicate.provider.submit(
      { ...request, token: 'of-somebody-else', input: { prompt: 'something else' } },
      AbortSignal.timeout(5_000),
    );
    if (strange.kind !== 'accepted' || own === undefined) throw new Error('not accepted');
    expect(await adoptTask(deps, await replicate.row(id), strange.taskId)).toBe('of_another');
    expect(await adoptTask(deps, await replicate.row(id), own.id)).toBe('adopted');
    // Its outcome is known from here on, whoever presses what.
    expect(await resubmitByHand(deps, id, 1, 'pressed too late')).toBe(false);
    await replicate.step(id);
    expect(await replicate.row(id)).toMatchObject({ state: 'succeeded' });
    await expectInvariants(replicate.http.world.db, { deps });
  } finally {
    await replicate.close();
  }
});
