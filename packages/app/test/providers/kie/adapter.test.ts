import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AssetFault, SubmitFault } from '../../../emulators/shared/knobs.ts';
import type { Service } from '../../../emulators/shared/service.ts';
import type { Provider } from '../../../src/providers/port.ts';
import {
  accepted,
  attemptAt,
  bytesOf,
  endOf,
  errorOf,
  soon,
  startHooks,
  webhookCall,
} from '../vendor-support.ts';
import type { Hooks } from '../vendor-support.ts';
import { kieWorld } from './world.ts';

let service: Service;
let provider: Provider;
let hooks: Hooks;
beforeAll(async () => {
  ({ service, provider } = await kieWorld());
  hooks = await startHooks();
});
afterAll(async () => {
  await service.close();
  await hooks.close();
});

const asked = (input: Record<string, unknown> = { prompt: 'a lighthouse' }) =>
  attemptAt({ model: 'bytedance/seedance-2', input }, hooks.url);

const lost: [fault: SubmitFault, started: number][] = [
  ['accept_then_drop', 1],
  ['drop_before_accept', 0],
  ['5xx_after_accept', 1],
  ['garbage_after_accept', 1],
];

test.each(lost)('after %s nobody can know, and nothing is sent again', async (fault, started) => {
  service.knobs.callback = 'none';
  service.knobs.submit = [fault];
  const attempt = asked();
  expect((await provider.submit(attempt, soon())).kind).toBe('unknown');
  const posts = service.book.posts.filter(({ token }) => token === attempt.token);
  expect(posts).toHaveLength(1);
  expect(posts.filter((post) => post.accepted)).toHaveLength(started);
  service.knobs.callback = null;
});

test('a submit that hangs is unknown at its time-out', async () => {
  service.knobs.submit = ['hang'];
  service.knobs.callback = 'none';
  const result = await provider.submit(asked(), AbortSignal.timeout(300));
  expect(result.kind).toBe('unknown');
  service.knobs.callback = null;
});

test('where nobody listens, nothing was sent', async () => {
  const gone = await kieWorld();
  await gone.service.close();
  const result = await gone.provider.submit(asked(), soon());
  expect(result).toMatchObject({ kind: 'rejected', error: { code: 'not_sent' } });
  expect(gone.provider.classify(errorOf(result))).toBe('TRANSIENT');
  await expect(gone.provider.balance?.(soon())).rejects.toMatchObject({ error: { code: 'unreachable' } });
});

test('files are handed over first, and stand in the input by their addresses', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-kie-'));
  const path = join(folder, 'photo.png');
  await writeFile(path, 'as good as a picture');
  const file = { path, contentType: 'image/png' };
  service.knobs.callback = 'none';
  const task = await accepted(provider, {
    ...asked(),
    files: { first_frame_url: file, 'reference_image_urls[0]': file, 'reference_image_urls[1]': file },
  });
  const address = expect.stringMatching(/\/files\/uploads\/.+photo\.png$/) as string;
  expect(service.tasks.get(task.taskId)?.input).toEqual({
    prompt: 'a lighthouse',
    first_frame_url: address,
    reference_image_urls: [address, address],
  });
  const missing = { ...asked(), files: { first_frame_url: { ...file, path: join(folder, 'none.png') } } };
  const posts = service.book.posts.length;
  expect(await provider.submit(missing, soon())).toMatchObject({
    kind: 'rejected',
    error: { code: 'upload_failed' },
  });
  expect(service.book.posts).toHaveLength(posts);
  service.knobs.submit = [{ status: 200, body: { code: 451, msg: 'Failed to fetch the image' } }];
  const refused = await provider.submit({ ...asked(), files: { first_frame_url: file } }, soon());
  expect(provider.classify(errorOf(refused))).toBe('SYSTEM');
  await rm(folder, { recursive: true });
  service.knobs.callback = null;
});

test('what was made costs what the record says, in dollars', async () => {
  service.knobs.callback = 'none';
  const status = await endOf(provider, await accepted(provider, asked()));
  expect(status).toMatchObject({ state: 'succeeded', actualCostUsd: 0.1 });
  service.knobs.callback = null;
  const units = service.knobs.balanceUsd / 0.005;
  expect(await provider.balance?.(soon())).toEqual({ units, usd: units * 0.005 });
});

test('a task of another attempt is never taken for its own', async () => {
  service.knobs.callback = 'none';
  const task = await accepted(provider, asked());
  await expect(provider.status({ ...task, attemptToken: asked().token }, soon())).rejects.toMatchObject({
    error: { code: 'task_of_another' },
  });
  service.knobs.callback = null;
});

test('a signed callback is a hint; a forged, an old or a bent one is nothing', async () => {
  const task = await accepted(provider, asked());
  const call = await hooks.next(task.attemptToken);
  expect(await provider.verifyWebhook?.(webhookCall(call))).toEqual({
    ok: true,
    taskId: task.taskId,
    eventId: `${task.taskId}:200`,
    trust: 'hint',
  });
  const later = new Date(Date.now() + 10 * 60_000);
  expect(await provider.verifyWebhook?.(webhookCall(call, later))).toMatchObject({ ok: false });
  const bent = {
    ...call,
    rawBody: Buffer.from(call.rawBody.toString().replaceAll(task.taskId, 'f'.repeat(32))),
  };
  expect(await provider.verifyWebhook?.(webhookCall(bent))).toMatchObject({ ok: false });
  expect(await provider.verifyWebhook?.(webhookCall({ ...call, rawBody: Buffer.from('?') }))).toMatchObject({
    ok: false,
  });
  service.knobs.callback = 'forged';
  const { attemptToken } = await accepted(provider, asked());
  const forged = webhookCall(await hooks.next(attemptToken));
  expect(await provider.verifyWebhook?.(forged)).toMatchObject({ ok: false });
  service.knobs.callback = null;
});

test('callbacks come twice, or about another task, as wanted', async () => {
  service.knobs.callback = 'dup';
  const task = await accepted(provider, asked());
  const [first, second] = [await hooks.next(task.attemptToken), await hooks.next(task.attemptToken)];
  expect(first.rawBody).toEqual(second.rawBody);
  service.knobs.callback = 'wrong_task';
  const wronged = await accepted(provider, asked());
  const verdict = await provider.verifyWebhook?.(webhookCall(await hooks.next(wronged.attemptToken)));
  expect(verdict).toMatchObject({ ok: true, trust: 'hint' });
  expect(verdict?.ok === true && verdict.taskId).not.toBe(wronged.taskId);
  expect(task.taskId).not.toBe(wronged.taskId);
  service.knobs.callback = null;
});

test('results that are gone, pages, too much or cut short are refused', async () => {
  service.knobs.callback = 'none';
  const status = await endOf(provider, await accepted(provider, asked()));
  if (status.state !== 'succeeded' || status.outputs[0] === undefined) throw new Error(status.state);
  const [output] = status.outputs;
  const fetched = async () => bytesOf(await provider.fetchOutput(output, soon()));
  expect((await fetched()).length).toBeGreaterThan(500);
  const expected: [AssetFault, string][] = [
    ['404', 'output_gone'],
    ['html', 'output_unavailable'],
    ['huge', 'output_refused'],
    ['truncated', 'output_unavailable'],
  ];
  for (const [fault, code] of expected) {
    service.knobs.asset = fault;
    await expect(fetched()).rejects.toMatchObject({ error: { code } });
  }
  service.knobs.asset = null;
  const { provider: strict } = await strictOne();
  await expect(strict.fetchOutput(output, soon())).rejects.toMatchObject({
    error: { code: 'output_refused' },
  });
  service.knobs.callback = null;

  async function strictOne() {
    const world = await kieWorld({}, { allowPrivateAddresses: false });
    await world.service.close();
    return world;
  }
});

test('the emulator bills what was made, and gives back what failed', async () => {
  const world = await kieWorld({ priceUsd: 0.25, knobs: { fail: ['succeed', 'system'] } });
  const made = await accepted(world.provider, asked());
  const failed = await accepted(world.provider, asked());
  await hooks.next(made.attemptToken);
  await hooks.next(failed.attemptToken);
  expect(world.service.book.spentUsd()).toBe(0.25);
  expect(world.service.book.refunds).toEqual([{ taskId: failed.taskId, usd: 0.25 }]);
  expect(world.service.book.acceptedByToken()).toEqual({ [made.attemptToken]: 1, [failed.attemptToken]: 1 });
  expect(world.service.knobs.balanceUsd).toBe(99.75);
  const billed = [await endOf(world.provider, made), await endOf(world.provider, failed)];
  expect(billed).toMatchObject([{ actualCostUsd: 0.25 }, { actualCostUsd: 0 }]);
  await world.service.close();
});
