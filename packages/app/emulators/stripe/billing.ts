import { need, newStripeId } from './account.ts';
import type { Account } from './account.ts';
import { chargeCard } from './charging.ts';
import { settlePrice } from './discounts.ts';
import type { Invoice, InvoiceLine, Price, Subscription, SubscriptionItem } from './objects.ts';

export const list = <T>(data: T[], url: string) => ({ object: 'list' as const, data, has_more: false, url });

export interface LineWish {
  readonly item: SubscriptionItem;
  readonly price: Price;
  readonly amount: number;
  readonly proration: boolean;
  readonly period: { readonly start: number; readonly end: number };
}

/** An invoice of the subscription, finalized and not paid yet. */
export function newInvoice(
  account: Account,
  subscription: Subscription,
  reason: Invoice['billing_reason'],
  wishes: readonly LineWish[],
): Invoice {
  const id = newStripeId('in');
  const created = account.now(subscription.customer);
  const subtotal = wishes.reduce((sum, { amount }) => sum + amount, 0);
  const coupon = account.coupons.get(subscription.discounts[0] ?? '') ?? null;
  const { discount, tax, total } = settlePrice(account, subtotal, {
    coupon,
    taxed: subscription.automatic_tax.enabled,
  });
  const due = Math.max(0, total);
  const invoice: Invoice = {
    id,
    object: 'invoice',
    created,
    amount_due: due,
    amount_paid: 0,
    amount_remaining: due,
    attempt_count: 0,
    attempted: false,
    billing_reason: reason,
    collection_method: 'charge_automatically',
    currency: subscription.currency,
    customer: subscription.customer,
    customer_email: account.customers.get(subscription.customer)?.email ?? null,
    hosted_invoice_url: `${account.url}/invoices/${id}`,
    invoice_pdf: `${account.url}/invoices/${id}/pdf`,
    lines: list(
      wishes.map((wish) => line(account, id, subscription, wish)),
      `/v1/invoices/${id}/lines`,
    ),
    livemode: account.livemode,
    metadata: {},
    next_payment_attempt: null,
    number: `HF-${String(account.invoices.size + 1).padStart(4, '0')}`,
    parent: {
      type: 'subscription_details',
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
    },
    period_start: created,
    period_end: created,
    status: 'open',
    status_transitions: { finalized_at: created, paid_at: null, voided_at: null },
    subtotal,
    total,
    automatic_tax: subscription.automatic_tax,
    total_taxes: tax === 0 ? [] : [{ amount: tax }],
    total_discount_amounts: discount === 0 ? [] : [{ amount: discount }],
  };
  return invoice;
}

function line(account: Account, invoice: string, subscription: Subscription, wish: LineWish): InvoiceLine {
  return {
    id: newStripeId('il'),
    object: 'line_item',
    amount: wish.amount,
    subtotal: wish.amount,
    // Itemized: the amount stands before discounts, on prorations too.
    discount_amounts: [],
    currency: subscription.currency,
    description: `${wish.proration ? 'Proration of' : 'Subscription to'} ${wish.price.id}`,
    invoice,
    livemode: account.livemode,
    metadata: subscription.metadata,
    parent: {
      type: 'subscription_item_details',
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: wish.proration,
        proration_details: wish.proration ? { credited_items: null } : null,
        subscription: subscription.id,
        subscription_item: wish.item.id,
      },
    },
    period: { ...wish.period },
    pricing: {
      type: 'price_details',
      price_details: { price: wish.price.id, product: wish.price.product },
      unit_amount_decimal: String(wish.price.unit_amount),
    },
    quantity: wish.item.quantity,
  };
}

/** Puts the invoice among the others, and collects it. True where it is paid. */
export function collect(account: Account, subscription: Subscription, invoice: Invoice): boolean {
  account.invoices.set(invoice.id, invoice);
  subscription.latest_invoice = invoice.id;
  subscription.discounts = subscription.discounts.filter(
    (id) => account.coupons.get(id)?.duration === 'forever',
  );
  account.tell('invoice.created', invoice);
  account.tell('invoice.finalized', invoice);
  return payInvoice(account, invoice);
}

/** Charges the subscription's card for what remains. */
export function payInvoice(account: Account, invoice: Invoice): boolean {
  if (invoice.status === 'paid') return true;
  const subscription = need(
    account.subscriptions,
    invoice.parent?.subscription_details.subscription ?? null,
    'subscription',
  );
  const customer = need(account.customers, invoice.customer, 'customer');
  const method = account.methods.get(
    subscription.default_payment_method ?? customer.invoice_settings.default_payment_method ?? '',
  );
  invoice.attempted = true;
  invoice.attempt_count += 1;
  if (invoice.amount_remaining > 0) {
    if (method === undefined) return unpaid(account, subscription, invoice);
    const intent = chargeCard(account, {
      amount: invoice.amount_remaining,
      currency: invoice.currency,
      customer: customer.id,
      method,
      metadata: {},
    });
    if (intent.status !== 'succeeded') return unpaid(account, subscription, invoice);
    const payment = newStripeId('inpay');
    account.invoicePayments.set(payment, {
      id: payment,
      object: 'invoice_payment',
      amount_paid: intent.amount,
      amount_requested: intent.amount,
      created: intent.created,
      currency: invoice.currency,
      invoice: invoice.id,
      is_default: true,
      livemode: account.livemode,
      payment: { type: 'payment_intent', payment_intent: intent.id },
      status: 'paid',
    });
  }
  markPaid(account, invoice);
  const { status } = subscription;
  if (status === 'past_due' || status === 'incomplete') {
    subscription.status = 'active';
    account.tell('customer.subscription.updated', subscription, { status });
  }
  return true;
}

export function markPaid(account: Account, invoice: Invoice): void {
  invoice.status = 'paid';
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = account.now(invoice.customer);
  account.tell('invoice.paid', invoice);
  account.tell('invoice.payment_succeeded', invoice);
}

function unpaid(account: Account, subscription: Subscription, invoice: Invoice): false {
  invoice.next_payment_attempt = account.now(invoice.customer) + 3 * 86_400;
  account.tell('invoice.payment_failed', invoice);
  if (subscription.status === 'active') {
    subscription.status = 'past_due';
    account.tell('customer.subscription.updated', subscription, { status: 'active' });
  }
  return false;
}

/** What it costs to change the plan now: what is left of the old one is given back, the rest of the period is paid by the new one. */
export function prorations(
  item: SubscriptionItem,
  to: { price: Price; quantity: number },
  at: number,
): LineWish[] {
  const { current_period_start: start, current_period_end: end } = item;
  const share = Math.max(0, Math.min(1, (end - at) / (end - start)));
  const period = { start: at, end };
  return [
    {
      item,
      price: item.price,
      amount: -Math.round(item.price.unit_amount * item.quantity * share),
      proration: true,
      period,
    },
    {
      item,
      price: to.price,
      amount: Math.round(to.price.unit_amount * to.quantity * share),
      proration: true,
      period,
    },
  ];
}
