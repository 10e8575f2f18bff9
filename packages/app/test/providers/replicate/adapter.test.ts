import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import type { Provider } from '../../../src/providers/port.ts';
import { accepted, attemptAt, bytesOf, endOf, soon, startHooks, webhookCall } from '../vendor-support.ts';
import type { Hooks } from '../vendor-support.ts';
import { replicateWorld } from './world.ts';

const model = 'wan-video/wan-2.2-i2v-fast';
let now = new Date();
let service: Service;
let provider: Provider;
let hooks: Hooks;
beforeAll(async () => {
  ({ service, provider } = await replicateWorld({}, { clock: { now: () => now } }));
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

test('once inputs are removed, absence can no longer be proven', async () => {
  const world = await replicateWorld({ knobs: { resultTtlMs: 0 } }, { clock: { now: much_later } });
  const attempt = { ...asked(), submittedAt: new Date() };
  expect(await world.provider.reconcile?.(attempt, soon())).toBe('absent');
  await accepted(world.provider, { ...asked(), callbackUrl: null });
  expect(await world.provider.reconcile?.(attempt, soon())).toBe('cannot_tell');
  await world.service.close();
});

test('a list of many pages is read to its end, and other models in it do not count', async () => {
  const world = await replicateWorld({}, { clock: { now: much_later } });
  const attempt = { ...asked(), callbackUrl: null, submittedAt: new Date() };
  const task = await accepted(world.provider, attempt);
  const others = Array.from({ length: 120 }, () =>
    accepted(world.provider, { ...attempt, model: 'somebody/else' }),
  );
  await Promise.all(others);
  expect(await world.provider.reconcile?.(attempt, soon())).toMatchObject({ found: { taskId: task.taskId } });
  await world.service.close();
});

test.each([
  ['owner/name:0123456789abcdef', '/v1/predictions'],
  ['0123456789abcdef', '/v1/predictions'],
  ['owner/name', '/v1/models/owner/name/predictions'],
  ['deployments/owner/name', '/v1/deployments/owner/name/predictions'],
])('a model named %s is asked for at %s, and known in the list', async (name, path) => {
  const attempt = { ...asked(), model: name, submittedAt: new Date() };
  const task = await accepted(provider, attempt);
  expect(service.book.posts.at(-1)).toMatchObject({ path, accepted: true });
  expect(await provider.reconcile?.(attempt, soon())).toMatchObject({ found: { taskId: task.taskId } });
});

test('an input with a file is recognized by the attempt’s mark; without it, nothing is proven', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-replicate-'));
  const path = join(folder, 'photo.png');
  await writeFile(path, 'as good as a picture');
  const files = { image: { path, contentType: 'image/png' } };
  const input = { prompt: 'the same words' };
  const first = { ...asked(), input, files, submittedAt: new Date() };
  const second = { ...asked(), input, files, submittedAt: new Date() };
  const task = await accepted(provider, first);
  expect(service.tasks.get(task.taskId)?.input).toMatchObject({
    image: expect.stringMatching(/\/files\/.+#attempt=[0-9a-f]{24}$/) as string,
  });
  expect(await provider.reconcile?.(first, soon())).toMatchObject({ found: { taskId: task.taskId } });
  now = much_later();
  expect(await provider.reconcile?.(second, soon())).toBe('cannot_tell');
  await rm(folder, { recursive: true });
});

test('what was made can be fetched, and no longer be cancelled', async () => {
  const task = await accepted(provider, asked());
  const status = await endOf(provider, task);
  if (status.state !== 'succeeded' || status.outputs[0] === undefined) throw new Error(status.state);
  expect((await bytesOf(await provider.fetchOutput(status.outputs[0], soon()))).length).toBeGreaterThan(500);
  expect(await provider.cancel?.(task, soon())).toBe('too_late');
  expect(await provider.cancel?.({ ...task, taskId: 'unknown' }, soon())).toBe('too_late');
});

test('a signed callback is trusted; a forged, old, bent or unsigned one is nothing', async () => {
  service.knobs.callback = null;
  const task = await accepted(provider, asked());
  const call = await hooks.next(task.attemptToken);
  expect(await provider.verifyWebhook?.(webhookCall(call))).toEqual({
    ok: true,
    taskId: task.taskId,
    eventId: `${task.taskId}-completed`,
    trust: 'full',
  });
  const two = {
    ...call.headers,
    'webhook-signature': `v1,AAAA ${String(call.headers['webhook-signature'])}`,
  };
  expect(await provider.verifyWebhook?.(webhookCall({ ...call, headers: two }))).toMatchObject({ ok: true });
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
