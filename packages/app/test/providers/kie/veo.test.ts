import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import { verifyWebhook } from '../../../src/providers/kie/webhook.ts';
import { statusOfRecord } from '../../../src/providers/kie/record.ts';
import { startHooks, webhookCall } from '../vendor-support.ts';
import type { Hooks } from '../vendor-support.ts';
import { kieWorld } from './world.ts';

let service: Service;
let hooks: Hooks;
beforeAll(async () => {
  ({ service } = await kieWorld());
  hooks = await startHooks();
});
afterAll(async () => {
  await service.close();
  await hooks.close();
});

async function ask(path: string, body?: object): Promise<{ code: number; data: Record<string, unknown> }> {
  const response = await fetch(`${service.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: 'Bearer a-key', 'content-type': 'application/json', 'user-agent': 'a test' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as { code: number; data: Record<string, unknown> };
}

async function made(): Promise<{ taskId: string; token: string }> {
  const token = `veo-${Math.random().toString(36).slice(2)}`;
  const callBackUrl = `${hooks.url}/${token}`;
  const { data } = await ask('/api/v1/veo/generate', { prompt: 'waves', model: 'veo3_fast', callBackUrl });
  return { taskId: String(data['taskId']), token };
}

test("the older records of Veo's are understood too, and so are their callbacks", async () => {
  const { taskId, token } = await made();
  const call = webhookCall(await hooks.next(token));
  expect(verifyWebhook(call, 'a-webhook-key')).toMatchObject({ ok: true, taskId });
  const { data } = await ask(`/api/v1/veo/record-info?taskId=${taskId}`);
  expect(statusOfRecord(data, 0.005)).toEqual({
    state: 'succeeded',
    outputs: [{ kind: 'video', url: `${service.url}/files/${taskId}.mp4`, posterUrl: null }],
    actualCostUsd: null,
  });
});

test('and their failures, by the same table', async () => {
  service.knobs.fail = ['policy'];
  const { taskId, token } = await made();
  await hooks.next(token);
  const { data } = await ask(`/api/v1/veo/record-info?taskId=${taskId}`);
  expect(statusOfRecord(data, 0.005)).toMatchObject({
    state: 'failed',
    error: { code: '400', message: expect.stringContaining('flagged') as string },
  });
  expect(await ask('/api/v1/veo/record-info?taskId=nobody')).toMatchObject({ code: 422 });
});
