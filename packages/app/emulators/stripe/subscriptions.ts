import { newStripeId, StripeRefusal } from './account.ts';
import type { Account } from './account.ts';
import { collect, list, newInvoice } from './billing.ts';
import { nextPeriodEnd } from './months.ts';
import type { PaymentMethod, Price, Subscription, SubscriptionItem } from './objects.ts';

export function monthsOf(price: Price): number {
  const { interval, interval_count: count } = price.recurring ?? { interval: 'month', interval_count: 1 };
  return interval === 'year' ? 12 * count : count;
}

/** The subscription as paid Checkout makes it; its first invoice follows. */
export function newSubscription(
  account: Account,
  wish: {
    customer: string;
    price: Price;
    quantity: number;
    metadata: Record<string, string>;
    method: PaymentMethod | null;
    discounts?: readonly string[];
    taxed?: boolean;
  },
): Subscription {
  const start = account.now(wish.customer);
  const id = newStripeId('sub');
  const item: SubscriptionItem = {
    id: newStripeId('si'),
    object: 'subscription_item',
    created: start,
    current_period_start: start,
    current_period_end: nextPeriodEnd(start, start, monthsOf(wish.price)),
    metadata: {},
    price: wish.price,
    quantity: wish.quantity,
    subscription: id,
  };
  const subscription: Subscription = {
    id,
    object: 'subscription',
    created: start,
    billing_cycle_anchor: start,
    automatic_tax: { enabled: wish.taxed ?? false },
    billing_mode: { type: 'flexible', flexible: { proration_discounts: 'itemized' } },
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    collection_method: 'charge_automatically',
    currency: wish.price.currency,
    customer: wish.customer,
    default_payment_method: wish.method?.id ?? null,
    discounts: [...(wish.discounts ?? [])],
    ended_at: null,
    items: list([item], `/v1/subscription_items?subscription=${id}`),
    latest_invoice: null,
    livemode: account.livemode,
    metadata: wish.metadata,
    pause_collection: null,
    schedule: null,
    start_date: start,
    status: 'active',
    test_clock: account.customers.get(wish.customer)?.test_clock ?? null,
  };
  account.subscriptions.set(id, subscription);
  return subscription;
}

/** Renews, ends and resumes what is due by this time. */
export function renewUntil(
  account: Account,
  subscription: Subscription,
  until: number,
  setTime: (seconds: number) => void,
): void {
  for (let rounds = 0; rounds < 60; rounds += 1) {
    const [item] = subscription.items.data;
    if (subscription.status === 'incomplete') {
      const over = subscription.start_date + incomplete_seconds;
      if (over > until) return;
      setTime(over);
      giveUp(account, subscription);
      return;
    }
    if (item === undefined || hasEnded(subscription) || item.current_period_end > until) return;
    setTime(item.current_period_end);
    if (subscription.cancel_at_period_end) {
      endSubscription(account, subscription);
      return;
    }
    const start = item.current_period_end;
    item.current_period_start = start;
    item.current_period_end = nextPeriodEnd(subscription.billing_cycle_anchor, start, monthsOf(item.price));
    account.tell('customer.subscription.updated', subscription, {
      latest_invoice: subscription.latest_invoice,
    });
    if (subscription.pause_collection !== null) continue;
    const period = { start, end: item.current_period_end };
    const amount = item.price.unit_amount * item.quantity;
    collect(
      account,
      subscription,
      newInvoice(account, subscription, 'subscription_cycle', [
        { item, price: item.price, amount, proration: false, period },
      ]),
    );
  }
}

/** How long a first payment may be missing. */
const incomplete_seconds = 23 * 3_600;

function hasEnded({ status }: Subscription): boolean {
  return status === 'canceled' || status === 'incomplete_expired';
}

/** The first payment never came: the subscription never was. */
function giveUp(account: Account, subscription: Subscription): void {
  const invoice = account.invoices.get(subscription.latest_invoice ?? '');
  if (invoice?.status === 'open') {
    invoice.status = 'void';
    invoice.status_transitions.voided_at = account.now(subscription.customer);
    account.tell('invoice.voided', invoice);
  }
  subscription.status = 'incomplete_expired';
  subscription.ended_at = account.now(subscription.customer);
  account.tell('customer.subscription.updated', subscription, { status: 'incomplete' });
}

export function endSubscription(account: Account, subscription: Subscription): void {
  subscription.status = 'canceled';
  subscription.canceled_at ??= account.now(subscription.customer);
  subscription.ended_at = account.now(subscription.customer);
  account.tell('customer.subscription.deleted', subscription);
}

export function itemOf(subscription: Subscription): SubscriptionItem {
  const [item] = subscription.items.data;
  if (item) return item;
  throw new StripeRefusal(400, 'invalid_request_error', 'The subscription has no items.');
}
