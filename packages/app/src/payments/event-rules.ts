import type { Reference } from './facts.ts';
import type { EventFacts } from './stripe/port.ts';

/** Which events are asked of Stripe's endpoint; what else comes is kept and left alone. */
export const wanted_events = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'invoice.voided',
  'invoice.marked_uncollectible',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refunded',
  'charge.refund.updated',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'charge.dispute.closed',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'radar.early_fraud_warning.created',
  'customer.deleted',
] as const;

/**
 * What an event says should be looked at. Only names are read from it, and those have stood in the same place in every version; null is an event
 * that changes nothing here.
 */
export function referenceOf(event: Pick<EventFacts, 'type' | 'object'>): Reference | null {
  const { type, object } = event;
  if (!wanted_events.some((wanted) => wanted === type)) return null;
  const id = text(object['id']);
  if (id === null) return null;
  if (type.startsWith('checkout.session.')) return { kind: 'session', id };
  if (type === 'customer.deleted') return { kind: 'customer', id };
  if (type.startsWith('invoice.')) return { kind: 'invoice', id };
  if (type.startsWith('customer.subscription.')) return { kind: 'subscription', id };
  if (type === 'radar.early_fraud_warning.created') {
    const charge = text(object['charge']);
    return charge === null ? null : { kind: 'fraud_warning', id, charge };
  }
  if (type.startsWith('payment_intent.')) {
    // Sessions and invoices tell of theirs themselves.
    const metadata = object['metadata'];
    const own = metadata !== null && typeof metadata === 'object' && 'holdfast_top_up' in metadata;
    return own ? { kind: 'top_up', id } : null;
  }
  // Refunds and disputes: by the payment they come of.
  const intent = text(object['payment_intent']);
  if (intent !== null) return { kind: 'intent', id: intent };
  const charge = object['object'] === 'charge' ? id : text(object['charge']);
  return charge === null ? null : { kind: 'charge', id: charge };
}

/** An id, or the id of what stands in its place. */
function text(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value;
  if (value !== null && typeof value === 'object' && 'id' in value) return text(value.id);
  return null;
}
