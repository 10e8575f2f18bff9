import type { Invoice, InvoiceLine, StripeEvent, StripeObject, Subscription } from './objects.ts';

export const current_version = '2026-10-28.endive';
export const older_version = '2024-06-20';

/** The payment of an invoice, which used to stand on it. */
export type PaidBy = (invoice: string) => { intent: string | null; charge: string | null };

/** The event as an endpoint of before 2025-03-31 is sent it: the fields that moved stand where they stood then. */
export function inOlderShape(event: StripeEvent, paidBy: PaidBy): object {
  return {
    ...event,
    api_version: older_version,
    data: { ...event.data, object: older(event.data.object, paidBy) },
  };
}

function older(object: StripeObject, paidBy: PaidBy): object {
  if (object.object === 'invoice') return olderInvoice(object, paidBy);
  return object.object === 'subscription' ? olderSubscription(object) : object;
}

function olderInvoice(invoice: Invoice, paidBy: PaidBy): object {
  const { parent, lines, total_taxes, ...rest } = invoice;
  const { intent, charge } = paidBy(invoice.id);
  return {
    ...rest,
    subscription: parent?.subscription_details.subscription ?? null,
    subscription_details: parent ? { metadata: parent.subscription_details.metadata } : null,
    paid: invoice.status === 'paid',
    payment_intent: intent,
    charge,
    tax: total_taxes.reduce((sum, { amount }) => sum + amount, 0),
    lines: {
      ...lines,
      data: lines.data.map(olderLine),
    },
  };
}

function olderLine({ parent: source, pricing, ...line }: InvoiceLine): object {
  const { proration, subscription, subscription_item } = source.subscription_item_details;
  const { price, product } = pricing.price_details;
  return {
    ...line,
    type: 'subscription',
    proration,
    subscription,
    subscription_item,
    price: { id: price, object: 'price', product },
  };
}

function olderSubscription(subscription: Subscription): object {
  const [first] = subscription.items.data;
  const { billing_mode: _, ...rest } = subscription;
  return {
    ...rest,
    current_period_start: first?.current_period_start,
    current_period_end: first?.current_period_end,
    items: {
      ...subscription.items,
      data: subscription.items.data.map(
        ({ current_period_start: _s, current_period_end: _e, ...item }) => item,
      ),
    },
  };
}
