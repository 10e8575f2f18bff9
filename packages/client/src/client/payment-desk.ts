import {
  operatorOrder,
  operatorOrderList,
  reconciliation,
  stripeEvent,
  stripeEventBody,
  stripeEventList,
} from '../contract/payments.ts';
import type { OperatorOrder, Order, Reconciliation, StripeEvent } from '../contract/payments.ts';
import type { CallOptions, Transport } from './transport.ts';

/** Payments as operators see them. Operators alone, by session. */
export class PaymentDesk {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Of everybody, newest first. */
  orders(
    options: CallOptions & {
      readonly state?: Order['state'];
      readonly person?: string;
      readonly cursor?: string;
    } = {},
  ): Promise<{ items: OperatorOrder[]; next: string | null }> {
    const { state, person, cursor } = options;
    const spec = {
      method: 'GET',
      path: '/api/operator/payments/orders',
      query: { state, person, cursor },
    } as const;
    return this.#transport.call(spec, operatorOrderList, options);
  }

  /** One order of anybody. */
  order(id: string, options?: CallOptions): Promise<OperatorOrder> {
    const path = `/api/operator/payments/orders/${encodeURIComponent(id)}`;
    return this.#transport.call({ method: 'GET', path }, operatorOrder, options);
  }

  /** What Stripe has said, newest first; `waiting`: what is not done. */
  events(
    options: CallOptions & {
      readonly state?: StripeEvent['state'] | 'waiting';
      readonly cursor?: string;
    } = {},
  ): Promise<{ items: StripeEvent[]; next: string | null }> {
    const { state, cursor } = options;
    const spec = { method: 'GET', path: '/api/operator/payments/events', query: { state, cursor } } as const;
    return this.#transport.call(spec, stripeEventList, options);
  }

  /** With its body, as it came. */
  event(id: string, options?: CallOptions): Promise<StripeEvent & { body: string }> {
    return this.#transport.call({ method: 'GET', path: eventPath(id) }, stripeEventBody, options);
  }

  /** Handles it again from what was kept; harmless for what is done already. The reason is kept for ever. */
  replay(id: string, reason: string, options?: CallOptions): Promise<StripeEvent> {
    const spec = { method: 'POST', path: `${eventPath(id)}/replay`, json: { reason } } as const;
    return this.#transport.call(spec, stripeEvent, options);
  }

  /** Compares Stripe's books with ours; a dry run changes nothing. */
  reconcile(
    request: { readonly dry_run: boolean; readonly days?: number; readonly reason?: string },
    options?: CallOptions,
  ): Promise<Reconciliation> {
    const spec = { method: 'POST', path: '/api/operator/payments/reconcile', json: request } as const;
    return this.#transport.call(spec, reconciliation, options);
  }
}

function eventPath(id: string): string {
  return `/api/operator/payments/events/${encodeURIComponent(id)}`;
}
