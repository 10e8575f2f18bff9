import { createHash, createPublicKey, verify } from 'node:crypto';
import { fieldsOf, listOf, textOf, unwrapped } from '../http/json.ts';
import { getJson } from './api.ts';
import type { FalOptions } from './api.ts';
import type { WebhookCall, WebhookVerdict } from '../port.ts';

const tolerance_seconds = 300;
const keys_remembered_ms = 24 * 3_600_000;
/** A stranger's nonsense makes us ask for the keys no oftener than this. */
const keys_asked_again_ms = 60_000;
const ask_timeout_ms = 10_000;

/** Signed over the whole body with one of the keys that fal publishes: what it says of its task is fal's word. */
export function createWebhookVerifier(options: FalOptions): (call: WebhookCall) => Promise<WebhookVerdict> {
  let keys: { readonly of: readonly string[]; readonly atMs: number } | null = null;

  return async (call) => {
    const header = (name: string): string => call.headers[`x-fal-webhook-${name}`] ?? '';
    const [requestId, userId, timestamp] = [header('request-id'), header('user-id'), header('timestamp')];
    const signature = header('signature');
    if (requestId === '' || userId === '' || !/^[0-9a-f]{128}$/i.test(signature)) {
      return { ok: false, reason: 'it is not signed' };
    }
    const age = call.now.getTime() / 1000 - Number(timestamp);
    if (!/^\d{1,12}$/.test(timestamp) || Math.abs(age) > tolerance_seconds) {
      return { ok: false, reason: 'it is too old' };
    }
    const digest = createHash('sha256').update(call.rawBody).digest('hex');
    const message = Buffer.from([requestId, userId, timestamp, digest].join('\n'));
    if (!(await isSigned(message, Buffer.from(signature, 'hex'), call.now.getTime()))) {
      return { ok: false, reason: 'its signature is wrong' };
    }
    const body = fieldsOf(unwrapped(call.rawBody.toString('utf8')));
    const taskId = textOf(body['request_id']);
    if (taskId === null) return { ok: false, reason: 'it names no task' };
    return { ok: true, taskId, eventId: `${taskId}:${String(body['status'])}`, trust: 'full' };
  };

  async function isSigned(message: Buffer, signature: Buffer, nowMs: number): Promise<boolean> {
    const known = keys;
    if (known !== null && nowMs - known.atMs < keys_remembered_ms) {
      if (fits(known.of, message, signature)) return true;
      // They may have been exchanged.
      if (nowMs - known.atMs < keys_asked_again_ms) return false;
    }
    const body = fieldsOf(await getJson(options, options.jwksUrl, AbortSignal.timeout(ask_timeout_ms)));
    const fresh = listOf(body['keys']).flatMap((key) => textOf(fieldsOf(key)['x']) ?? []);
    keys = { of: fresh, atMs: nowMs };
    return fits(fresh, message, signature);
  }
}

function fits(keys: readonly string[], message: Buffer, signature: Buffer): boolean {
  return keys.some((x) => {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, message, key, signature);
  });
}
