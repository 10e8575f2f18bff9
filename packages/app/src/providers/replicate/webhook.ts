import { createHmac, timingSafeEqual } from 'node:crypto';
import { fieldsOf, textOf, unwrapped } from '../http/json.ts';
import type { WebhookCall, WebhookVerdict } from '../port.ts';
import { getJson } from './api.ts';
import type { ReplicateOptions } from './api.ts';

const tolerance_seconds = 300;
/** A stranger's nonsense makes us ask for the secret no oftener than this. */
const asked_again_ms = 60_000;
const ask_timeout_ms = 10_000;

/** Standard Webhooks: the id, the time and the whole body are signed, with one signature for each secret that is in use. */
export function createWebhookVerifier(
  options: ReplicateOptions,
): (call: WebhookCall) => Promise<WebhookVerdict> {
  let learned: { readonly secret: string; readonly atMs: number } | null = null;

  return async (call) => {
    const { headers, rawBody, now } = call;
    const eventId = headers['webhook-id'] ?? '';
    const timestamp = headers['webhook-timestamp'] ?? '';
    const signatures = (headers['webhook-signature'] ?? '').split(' ');
    if (eventId === '') return { ok: false, reason: 'it is not signed' };
    const age = now.getTime() / 1000 - Number(timestamp);
    if (!/^\d{1,12}$/.test(timestamp) || Math.abs(age) > tolerance_seconds) {
      return { ok: false, reason: 'it is too old' };
    }
    const content = Buffer.concat([Buffer.from(`${eventId}.${timestamp}.`), rawBody]);
    if (!(await isSigned(content, signatures, now.getTime()))) {
      return { ok: false, reason: 'its signature is wrong' };
    }
    const taskId = textOf(fieldsOf(unwrapped(rawBody.toString('utf8')))['id']);
    if (taskId === null) return { ok: false, reason: 'it names no task' };
    return { ok: true, taskId, eventId, trust: 'full' };
  };

  async function isSigned(content: Buffer, signatures: readonly string[], nowMs: number): Promise<boolean> {
    if (options.webhookSecret !== null) return fits(options.webhookSecret, content, signatures);
    const known = learned;
    if (known !== null) {
      if (fits(known.secret, content, signatures)) return true;
      if (nowMs - known.atMs < asked_again_ms) return false;
    }
    const url = `${options.baseUrl}/v1/webhooks/default/secret`;
    const key = textOf(fieldsOf(await getJson(options, url, AbortSignal.timeout(ask_timeout_ms)))['key']);
    if (key === null) return false;
    learned = { secret: key, atMs: nowMs };
    return fits(key, content, signatures);
  }
}

function fits(secret: string, content: Buffer, signatures: readonly string[]): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(content).digest();
  return signatures.some((signature) => {
    if (!signature.startsWith('v1,')) return false;
    const given = Buffer.from(signature.slice(3), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
