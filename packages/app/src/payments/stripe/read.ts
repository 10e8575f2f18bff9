import type { Stripe } from 'stripe';
import type {
  IntentFacts,
  InvoiceFacts,
  Money,
  ReturnFacts,
  SessionFacts,
  SubscriptionFacts,
} from '../facts.ts';
import { disputeFigures, refundFigures } from '../rules.ts';
import type { EventFacts } from './port.ts';

/** Stripe's objects, as the pinned version of its API answers them, in our own words. */
export function idOf(value: string | { readonly id: string } | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : value.id;
}

export function at(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** A word that is known, or what any other word counts as: newer words of Stripe's are no surprise. */
function oneOf<const Known extends string, const Other extends string>(
  word: string | null,
  known: readonly Known[],
  other: Other,
): Known | Other {
  return known.find((each) => each === word) ?? other;
}

export function toSession(session: Stripe.Checkout.Session, lines: readonly Stripe.LineItem[]): SessionFacts {
  const intent = session.payment_intent;
  return {
    id: session.id,
    livemode: session.livemode,
    mode: oneOf(session.mode, ['payment', 'subscription'], 'other'),
    status: oneOf(session.status, ['complete', 'expired'], 'open'),
    paymentStatus: oneOf(session.payment_status, ['paid', 'no_payment_required'], 'unpaid'),
    clientReference: session.client_reference_id,
    metadata: session.metadata ?? {},
    customer: idOf(session.customer),
    money: sessionMoney(session),
    intent: intent !== null && typeof intent === 'object' ? toIntent(intent) : null,
    invoice: idOf(session.invoice),
    subscription: idOf(session.subscription),
    lines: lines.flatMap((line) => {
      const price = idOf(line.price);
      return price === null ? [] : [{ price, quantity: line.quantity ?? 0 }];
    }),
    createdAt: at(session.created),
  };
}

function sessionMoney(session: Stripe.Checkout.Session): Money {
  return {
    currency: session.currency ?? '',
    subtotal: BigInt(session.amount_subtotal ?? 0),
    discount: BigInt(session.total_details?.amount_discount ?? 0),
    tax: BigInt(session.total_details?.amount_tax ?? 0),
    total: BigInt(session.amount_total ?? 0),
  };
}

export function toIntent(intent: Stripe.PaymentIntent): IntentFacts {
  const charge = intent.latest_charge;
  return {
    id: intent.id,
    livemode: intent.livemode,
    status:
      intent.status === 'succeeded'
        ? 'succeeded'
        : intent.status === 'requires_payment_method' || intent.status === 'canceled'
          ? 'failed'
          : 'pending',
    customer: idOf(intent.customer),
    metadata: intent.metadata,
    currency: intent.currency,
    received: BigInt(intent.amount_received),
    receiptUrl: charge !== null && typeof charge === 'object' ? charge.receipt_url : null,
  };
}

export function toInvoice(
  invoice: Stripe.Invoice,
  lines: readonly Stripe.InvoiceLineItem[],
  payments: readonly Stripe.InvoicePayment[],
): InvoiceFacts {
  const about = invoice.parent?.subscription_details ?? null;
  const sum = (all: readonly { amount: number }[] | null) =>
    BigInt((all ?? []).reduce((total, { amount }) => total + amount, 0));
  return {
    id: invoice.id,
    livemode: invoice.livemode,
    status: oneOf(invoice.status, ['open', 'paid', 'void', 'uncollectible'], 'draft'),
    reason: invoice.billing_reason ?? 'manual',
    customer: idOf(invoice.customer),
    subscription: idOf(about?.subscription),
    subscriptionMetadata: about?.metadata ?? {},
    money: {
      currency: invoice.currency,
      subtotal: BigInt(invoice.subtotal),
      discount: sum(invoice.total_discount_amounts),
      tax: sum(invoice.total_taxes),
      total: BigInt(invoice.total),
    },
    amountPaid: BigInt(invoice.amount_paid),
    intents: payments.flatMap(({ payment, status }) => {
      const intent = idOf(payment.payment_intent);
      return intent !== null && status === 'paid' ? [intent] : [];
    }),
    lines: lines.map((line) => ({
      price: idOf(line.pricing?.price_details?.price),
      quantity: line.quantity ?? 1,
      amount: BigInt(line.amount),
      proration:
        line.parent?.subscription_item_details?.proration ??
        line.parent?.invoice_item_details?.proration ??
        false,
      periodStart: at(line.period.start),
      periodEnd: at(line.period.end),
    })),
    attempts: invoice.attempt_count,
    nextAttemptAt: invoice.next_payment_attempt === null ? null : at(invoice.next_payment_attempt),
    url: invoice.hosted_invoice_url ?? null,
    createdAt: at(invoice.created),
  };
}

/** Null for one with nothing in it. The period stands on the item. */
export function toSubscription(subscription: Stripe.Subscription): SubscriptionFacts | null {
  const [item] = subscription.items.data;
  if (!item) return null;
  return {
    id: subscription.id,
    livemode: subscription.livemode,
    customer: idOf(subscription.customer) ?? '',
    metadata: subscription.metadata,
    status: subscription.status,
    itemId: item.id,
    price: item.price.id,
    periodStart: at(item.current_period_start),
    periodEnd: at(item.current_period_end),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    paused: subscription.pause_collection !== null || subscription.status === 'paused',
    startedAt: at(subscription.start_date),
    endedAt: subscription.ended_at === null ? null : at(subscription.ended_at),
  };
}

export function toRefund(refund: Stripe.Refund): ReturnFacts {
  const status = refund.status ?? 'pending';
  const amount = BigInt(refund.amount);
  return { id: refund.id, kind: 'refund', status, amount, ...refundFigures(status, amount) };
}

export function toDispute(dispute: Stripe.Dispute): ReturnFacts {
  const { status, currency } = dispute;
  const amount = BigInt(dispute.amount);
  const movements = dispute.balance_transactions.map((each) => ({
    amount: BigInt(each.amount),
    currency: each.currency,
  }));
  return {
    id: dispute.id,
    kind: 'dispute',
    status,
    amount,
    ...disputeFigures({ status, amount, currency, movements }),
  };
}

export function toEvent(event: Stripe.Event): EventFacts {
  return {
    id: event.id,
    type: event.type,
    livemode: event.livemode,
    account: event.account ?? null,
    apiVersion: event.api_version,
    createdAt: at(event.created),
    object: { ...event.data.object },
  };
}
