import { createHmac } from 'node:crypto';
import type { AlertChannel, AlertMessage } from './deps.ts';
import { subjectOf, textOf } from './rules.ts';

const timeout_ms = 10_000;

/**
 * POSTs `{id, sent_at, text, alerts}` as JSON; `text` is what chat services show. Signed as Standard Webhooks say where there is a secret
 * (`webhook-id`, `webhook-timestamp`, `webhook-signature`). The same id comes again where an answer was lost.
 * @param options.secret `whsec_` and base64, or any text
 */
export function webhookChannel(options: { url: string; secret?: string | undefined }): AlertChannel {
  return {
    id: 'webhook',
    async send(message) {
      const body = JSON.stringify(payload(message));
      const answer = await fetch(options.url, {
        method: 'POST',
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(timeout_ms),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Holdfast',
          ...signature(message, body, options.secret),
        },
      });
      // The answer's words are nobody's: only whether it was taken counts.
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`the webhook answered ${answer.status}`);
    },
  };
}

function payload({ id, sentAt, alerts }: AlertMessage): object {
  return { id, sent_at: sentAt.toISOString(), text: `${subjectOf(alerts)}\n\n${textOf(alerts)}`, alerts };
}

function signature(message: AlertMessage, body: string, secret: string | undefined): Record<string, string> {
  if (secret === undefined) return {};
  const timestamp = String(Math.floor(message.sentAt.getTime() / 1000));
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const signed = createHmac('sha256', key).update(`${message.id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': message.id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signed}` };
}
