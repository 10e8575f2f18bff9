import { z } from 'zod';
import { deliveryPage, newWebhook, webhookList, webhookSecret } from '../contract/delivery.ts';
import type { Delivery, NewWebhook, Webhook } from '../contract/delivery.ts';
import type { CallOptions, Transport } from './transport.ts';

const done = z.object({ done: z.literal(true) });
const pathOf = (id: string): string => `/api/webhooks/${encodeURIComponent(id)}`;

/** Endpoints of one's own that are told how generations end, signed as Standard Webhooks say. Changed by session alone. */
export class Webhooks {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Newest first. */
  async list(options?: CallOptions): Promise<Webhook[]> {
    const spec = { method: 'GET', path: '/api/webhooks' } as const;
    return (await this.#transport.call(spec, webhookList, options)).items;
  }

  /** The secret is in this answer and never again. */
  add(url: string, options?: CallOptions): Promise<NewWebhook> {
    return this.#transport.call(
      { method: 'POST', path: '/api/webhooks', json: { url } },
      newWebhook,
      options,
    );
  }

  /** A new secret, in this answer and never again; the one before signs along for a day. */
  rotate(id: string, options?: CallOptions): Promise<{ secret: string }> {
    const spec = { method: 'POST', path: `${pathOf(id)}/rotate`, json: {} } as const;
    return this.#transport.call(spec, webhookSecret, options);
  }

  async remove(id: string, options?: CallOptions): Promise<void> {
    await this.#transport.call({ method: 'DELETE', path: pathOf(id) }, done, options);
  }

  /** What it was or is to be told, newest first, with every attempt. */
  deliveries(
    id: string,
    options: CallOptions & { readonly cursor?: string; readonly limit?: number } = {},
  ): Promise<{ items: Delivery[]; next: string | null }> {
    const { cursor, limit } = options;
    const spec = { method: 'GET', path: `${pathOf(id)}/deliveries`, query: { cursor, limit } } as const;
    return this.#transport.call(spec, deliveryPage, options);
  }

  /** Sends one again, under the same id. */
  async replay(deliveryId: string, options?: CallOptions): Promise<void> {
    const path = `/api/deliveries/${encodeURIComponent(deliveryId)}/replay`;
    await this.#transport.call({ method: 'POST', path, json: {} }, done, options);
  }
}
