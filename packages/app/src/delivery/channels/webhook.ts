import { Webhook } from 'standardwebhooks';
import type { Database } from '../../platform/database.ts';
import { ask, ConnectionError } from '../../providers/http/connection.ts';
import type { Sent } from '../rules.ts';
import type { DeliveryRow } from '../runner/rows.ts';
import { disableEndpoint, findEndpoint } from '../webhooks/endpoints.ts';
import type { DeliveryChannel, Subjects } from './port.ts';

export interface WebhookChannelOptions {
  readonly db: Database;
  readonly subjects: Subjects;
  /** Addresses inside the operator's own network may be called: for whoever hosts both sides. */
  readonly allowPrivate: boolean;
  readonly timeoutMs?: number;
}

const usual_timeout_ms = 15_000;

/**
 * Calls a person's endpoint as Standard Webhooks say: the id stays the same however often it is sent, so that a receiver can tell a copy.
 * Redirects are not followed, addresses that are not public are refused, and only a 2xx is an answer.
 */
export function webhookChannel(options: WebhookChannelOptions): DeliveryChannel {
  const { db, subjects } = options;
  return {
    id: 'webhook',
    way: () => 'post',
    async send(row, signal): Promise<Sent> {
      const endpoint = await findEndpoint(db, row.target);
      if (endpoint === null || endpoint.disabled) {
        return { kind: 'gone', reason: 'endpoint_gone', detail: 'the endpoint was removed or switched off' };
      }
      const { view } = await subjects.read(row.generation_id, 'en');
      const now = new Date();
      // Amounts as the API writes them.
      const body = JSON.stringify(
        {
          type: `generation.${row.event}`,
          timestamp: row.created_at.toISOString(),
          data: view,
        },
        (_name, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
      );
      const signatures = endpoint.secrets.map((secret) => new Webhook(secret).sign(row.id, now, body));
      try {
        const answer = await ask({
          method: 'POST',
          url: endpoint.url,
          body,
          signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? usual_timeout_ms)]),
          publicOnly: !options.allowPrivate,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'Holdfast-Webhooks/1',
            'webhook-id': row.id,
            'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
            'webhook-signature': signatures.join(' '),
          },
        });
        return await judge(row, answer.status, answer.text);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        const { code, message } = error;
        if (code === 'private_address' || code === 'wrong_protocol') {
          return { kind: 'gone', reason: code, detail: message };
        }
        return { kind: 'again', reason: code, detail: message, afterSeconds: null, counts: false };
      }
    },
  };

  async function judge(row: DeliveryRow, status: number, text: string): Promise<Sent> {
    const detail = text.slice(0, 500);
    if (status >= 200 && status < 300) return { kind: 'delivered', facts: { status } };
    if (status === 410) {
      await disableEndpoint(db, row.target, 'it answered 410 Gone');
      return { kind: 'gone', reason: 'http_410', detail, httpStatus: status };
    }
    return {
      kind: 'again',
      reason: `http_${status}`,
      detail,
      afterSeconds: null,
      counts: false,
      httpStatus: status,
    };
  }
}
