import { need, newStripeId, StripeRefusal } from './account.ts';
import type { Account } from './account.ts';
import { collect, newInvoice, prorations } from './billing.ts';
import { itemOf, monthsOf } from './subscriptions.ts';
import type { LineWish } from './billing.ts';
import { formOf, formsOf, metadataOf, numberOf, textOf } from './form.ts';
import type { Form } from './form.ts';
import { nextPeriodEnd } from './months.ts';
import type { Invoice, Subscription } from './objects.ts';

interface Planned {
  readonly lines: readonly LineWish[];
  readonly newCycle: boolean;
}

/** `POST /v1/subscriptions/:id`: flags at once; a new price by the rules that were asked for. */
export function updateSubscription(account: Account, subscription: Subscription, form: Form): Subscription {
  if (subscription.status === 'canceled') {
    throw new StripeRefusal(
      400,
      'invalid_request_error',
      'A canceled subscription can only update its metadata.',
    );
  }
  const previous = changeFlags(account, subscription, form);
  const [wanted] = formsOf(form['items']);
  const price = wanted === undefined ? null : textOf(wanted, 'price');
  if (price !== null) changePrice(account, subscription, form, price, previous);
  if (Object.keys(previous).length > 0) account.tell('customer.subscription.updated', subscription, previous);
  return subscription;
}

function changeFlags(account: Account, subscription: Subscription, form: Form): Record<string, unknown> {
  const previous: Record<string, unknown> = {};
  const cancel = textOf(form, 'cancel_at_period_end');
  if (cancel !== null && (cancel === 'true') !== subscription.cancel_at_period_end) {
    previous['cancel_at_period_end'] = subscription.cancel_at_period_end;
    subscription.cancel_at_period_end = cancel === 'true';
    subscription.canceled_at = cancel === 'true' ? account.now(subscription.customer) : null;
    subscription.cancel_at = cancel === 'true' ? itemOf(subscription).current_period_end : null;
  }
  if ('pause_collection' in form) {
    previous['pause_collection'] = subscription.pause_collection;
    const behavior = textOf(formOf(form['pause_collection']), 'behavior');
    subscription.pause_collection =
      behavior === null
        ? null
        : {
            behavior: behavior === 'keep_as_draft' ? 'keep_as_draft' : 'void',
            resumes_at: numberOf(formOf(form['pause_collection']), 'resumes_at'),
          };
  }
  const method = textOf(form, 'default_payment_method');
  if (method !== null)
    subscription.default_payment_method = need(account.methods, method, 'payment_method').id;
  subscription.metadata = metadataOf(form, subscription.metadata);
  return previous;
}

function changePrice(
  account: Account,
  subscription: Subscription,
  form: Form,
  priceId: string,
  previous: Record<string, unknown>,
): void {
  const planned = planChange(account, subscription, form, priceId);
  const item = itemOf(subscription);
  const before = { item: structuredClone(item), anchor: subscription.billing_cycle_anchor };
  previous['items'] = structuredClone(subscription.items);
  const now = account.now(subscription.customer);
  item.price = need(account.prices, priceId, 'price');
  if (planned.newCycle) {
    subscription.billing_cycle_anchor = now;
    item.current_period_start = now;
    item.current_period_end = nextPeriodEnd(now, now, monthsOf(item.price));
  }
  if (planned.lines.length === 0) return;
  const invoice = newInvoice(account, subscription, 'subscription_update', planned.lines);
  if (
    textOf(form, 'payment_behavior') === 'error_if_incomplete' &&
    !wouldPay(account, subscription, invoice)
  ) {
    Object.assign(item, before.item);
    subscription.billing_cycle_anchor = before.anchor;
    throw new StripeRefusal(402, 'card_error', 'Your card was declined.', { code: 'card_declined' });
  }
  collect(account, subscription, invoice);
}

function wouldPay(account: Account, subscription: Subscription, invoice: Invoice): boolean {
  if (invoice.amount_due === 0) return true;
  const customer = account.customers.get(subscription.customer);
  const method = subscription.default_payment_method ?? customer?.invoice_settings.default_payment_method;
  return method !== undefined && method !== null && account.cards.get(method) === 'pays';
}

function planChange(account: Account, subscription: Subscription, form: Form, priceId: string): Planned {
  const item = itemOf(subscription);
  const price = need(account.prices, priceId, 'price');
  const behavior = textOf(form, 'proration_behavior') ?? 'create_prorations';
  const now = numberOf(form, 'proration_date') ?? account.now(subscription.customer);
  if (typeof form['billing_cycle_anchor'] === 'string') {
    // Since 2026-09-30.endive it has a type of its own.
    throw new StripeRefusal(400, 'invalid_request_error', 'Invalid object', {
      param: 'billing_cycle_anchor',
    });
  }
  const newCycle = textOf(formOf(form['billing_cycle_anchor']), 'type') === 'now';
  const prorated = behavior === 'none' ? [] : prorations(item, { price, quantity: item.quantity }, now);
  if (newCycle) {
    const period = { start: now, end: nextPeriodEnd(now, now, monthsOf(price)) };
    const full: LineWish = {
      item,
      price,
      amount: price.unit_amount * item.quantity,
      proration: false,
      period,
    };
    return { newCycle, lines: [...prorated.filter(({ amount }) => amount < 0), full] };
  }
  return { newCycle, lines: behavior === 'always_invoice' ? prorated : [] };
}

/** `POST /v1/invoices/create_preview`: what a change would be billed, and nothing happens. */
export function previewInvoice(account: Account, form: Form): Invoice {
  const subscription = need(account.subscriptions, textOf(form, 'subscription'), 'subscription');
  const details = formOf(form['subscription_details']);
  const [wanted] = formsOf(details['items']);
  const price = wanted === undefined ? null : textOf(wanted, 'price');
  const lines = price === null ? [] : planChange(account, subscription, details, price).lines;
  return {
    ...newInvoice(account, subscription, 'subscription_update', lines),
    id: newStripeId('upcoming_in'),
    status: 'draft',
  };
}
