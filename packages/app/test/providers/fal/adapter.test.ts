import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import type { Provider } from '../../../src/providers/port.ts';
import { accepted, attemptAt, bytesOf, endOf, soon, startHooks, webhookCall } from '../vendor-support.ts';
import type { Hooks } from '../vendor-support.ts';
import { falWorld } from './world.ts';

const model = 'fal-ai/kling-video/v3/standard/image-to-video';
let now = new Date();
let service: Service;
let provider: Provider;
let hooks: Hooks;
beforeAll(async () => {
  ({ service, provider } = await falWorld({}, { clock: { now: () => now } }));
  hooks = await startHooks();
});
beforeEach(() => {
  now = new Date();
  service.knobs.callback = 'none';
});
afterAll(async () => {
  await service.close();
  await hooks.close();
});

let asks = 0;
const asked = () => attemptAt({ model, input: { prompt: `lighthouse ${(asks += 1)}` } }, hooks.url);
const much_later = (): Date => new Date(Date.now() + 10 * 60_000);

test('a failure whose words are no longer kept is a failure, and nothing that the operator did', async () => {
  const forgetful = await falWorld({ knobs: { fail: ['policy'], resultTtlMs: 0 } });
  try {
    const end = await endOf(forgetful.provider, await accepted(forgetful.provider, asked()));
    expect(end).toMatchObject({ state: 'failed', error: { code: 'result_expired' }, actualCostUsd: null });
    const error = end.state === 'failed' ? end.error : null;
    expect(error && forgetful.provider.classify(error)).toBe('SYSTEM');
  } finally {
    await forgetful.service.close();
  }
});

test('absence proves nothing where the list is not known to be whole', async () => {
  const doubted = await falWorld(
    { listsUnfinished: false },
    { listIsComplete: false, clock: { now: much_later } },
  );
  expect(doubted.provider.capabilities.list).toBe(false);
  const attempt = { ...asked(), submittedAt: new Date() };
  expect(await doubted.provider.reconcile?.(attempt, soon())).toBe('cannot_tell');
  await doubted.service.close();
});

test('two equal requests are not told apart, and a list of many pages is read to its end', async () => {
  const attempt = { ...asked(), submittedAt: new Date() };
  await accepted(provider, attempt);
  await accepted(provider, attempt);
  now = much_later();
  expect(await provider.reconcile?.(attempt, soon())).toBe('cannot_tell');
  const many = await falWorld();
  const others = Array.from({ length: 120 }, () => accepted(many.provider, asked()));
  await Promise.all(others);
  const task = await accepted(many.provider, attempt);
  expect(await many.provider.reconcile?.(attempt, soon())).toMatchObject({ found: { taskId: task.taskId } });
  await many.service.close();
});

test('an input with a file is recognized by the attempt’s mark, not by its words', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-fal-'));
  const path = join(folder, 'photo.png');
  await writeFile(path, 'as good as a picture');
  const files = { image_url: { path, contentType: 'image/png' } };
  const input = { prompt: 'the same words' };
  const first = { ...asked(), input, files, submittedAt: new Date() };
  const second = { ...asked(), input, files, submittedAt: new Date() };
  const task = await accepted(provider, first);
  expect(service.tasks.get(task.taskId)?.input).toMatchObject({
    image_url: expect.stringMatching(/\/files\/.+\?attempt=[0-9a-f]{24}$/) as string,
  });
  expect(JSON.stringify(service.tasks.get(task.taskId)?.input)).not.toContain(first.token);
  expect(await provider.reconcile?.(first, soon())).toMatchObject({ found: { taskId: task.taskId } });
  now = much_later();
  expect(await provider.reconcile?.(second, soon())).toBe('absent');
  await rm(folder, { recursive: true });
});

test('the key goes to fal’s queue alone, whatever addresses are named', async () => {
  const task = await accepted(provider, asked());
  const elsewhere = { status: 'http://127.0.0.1:1/status', response: 'http://127.0.0.1:1/' };
  expect((await endOf(provider, { ...task, urls: elsewhere })).state).toBe('succeeded');
});

test('what was made costs its billable units at the model’s price', async () => {
  const status = await endOf(provider, await accepted(provider, asked()));
  expect(status).toMatchObject({ state: 'succeeded', actualCostUsd: 0.1, outputs: [{ kind: 'video' }] });
  if (status.state !== 'succeeded' || status.outputs[0] === undefined) throw new Error(status.state);
  expect((await bytesOf(await provider.fetchOutput(status.outputs[0], soon()))).length).toBeGreaterThan(500);
});

test('what has ended can no longer be cancelled', async () => {
  const task = await accepted(provider, asked());
  await endOf(provider, task);
  expect(await provider.cancel?.(task, soon())).toBe('too_late');
  expect(await provider.cancel?.({ ...task, taskId: 'unknown', urls: {} }, soon())).toBe('too_late');
});

test('a signed callback is trusted; a forged, old, bent or unsigned one is nothing', async () => {
  service.knobs.callback = null;
  const task = await accepted(provider, asked());
  const call = await hooks.next(task.attemptToken);
  expect(await provider.verifyWebhook?.(webhookCall(call))).toEqual({
    ok: true,
    taskId: task.taskId,
    eventId: `${task.taskId}:OK`,
    trust: 'full',
  });
  const spoilt = [
    webhookCall(call, much_later()),
    webhookCall({ ...call, rawBody: Buffer.concat([call.rawBody, Buffer.from(' ')]) }),
    webhookCall({ ...call, headers: {} }),
  ];
  for (const each of spoilt) expect(await provider.verifyWebhook?.(each)).toMatchObject({ ok: false });
  service.knobs.callback = 'forged';
  const { attemptToken } = await accepted(provider, asked());
  const forged = webhookCall(await hooks.next(attemptToken));
  expect(await provider.verifyWebhook?.(forged)).toMatchObject({ ok: false });
});

test('callbacks that come in the wrong order and twice are each whole', async () => {
  service.knobs.callback = 'out_of_order';
  const first = await accepted(provider, asked());
  const second = await accepted(provider, asked());
  const both = [second.attemptToken, first.attemptToken];
  for (const token of both) await hooks.next(token);
  expect(hooks.order.filter((token) => both.includes(token))).toEqual(both);
  service.knobs.callback = 'dup';
  const { attemptToken } = await accepted(provider, asked());
  const [one, two] = [await hooks.next(attemptToken), await hooks.next(attemptToken)];
  expect(one.rawBody).toEqual(two.rawBody);
});
