import { createHmac, timingSafeEqual } from 'node:crypto';
import { fieldsOf, textOf, unwrapped } from '../http/json.ts';
import type { WebhookCall, WebhookVerdict } from '../port.ts';

/** KIE names no window; five minutes is what the others take. */
const tolerance_seconds = 300;

/**
 * Who called is proven by the signature, where the operator has switched signing on; it covers the task's name and the time, not the
 * words. So it is a hint to ask, never more.
 */
export function verifyWebhook(call: WebhookCall, key: string | null): WebhookVerdict {
  const body = fieldsOf(unwrapped(call.rawBody.toString('utf8')));
  const data = fieldsOf(body['data']);
  const taskId = textOf(data['task_id']) ?? textOf(data['taskId']);
  if (taskId === null) return { ok: false, reason: 'it names no task' };
  if (key !== null) {
    const reason = problemOfSignature(call, key, taskId);
    if (reason !== null) return { ok: false, reason };
  }
  return { ok: true, taskId, eventId: `${taskId}:${String(body['code'])}`, trust: 'hint' };
}

function problemOfSignature(call: WebhookCall, key: string, taskId: string): string | null {
  const timestamp = call.headers['x-webhook-timestamp'] ?? '';
  const signature = Buffer.from(call.headers['x-webhook-signature'] ?? '');
  if (!/^\d{1,12}$/.test(timestamp)) return 'it has no time';
  if (Math.abs(call.now.getTime() / 1000 - Number(timestamp)) > tolerance_seconds) return 'it is too old';
  const expected = Buffer.from(createHmac('sha256', key).update(`${taskId}.${timestamp}`).digest('base64'));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    return 'its signature is wrong';
  }
  return null;
}
