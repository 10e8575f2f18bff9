import { need, newStripeId, StripeRefusal } from './account.ts';
import type { Account, Wish } from './account.ts';
import { collect, newInvoice } from './billing.ts';
import { newSubscription } from './subscriptions.ts';
import { addCard, chargeCard } from './charging.ts';
import { priceSession } from './discounts.ts';
import { formOf, formsOf, metadataOf, numberOf, textOf } from './form.ts';
import type { Form } from './form.ts';
import type { LineItem, Session } from './objects.ts';

const session_seconds = 24 * 3_600;

/** `POST /v1/checkout/sessions`. */
export function newSession(account: Account, form: Form): Session {
  const mode = textOf(form, 'mode') === 'subscription' ? 'subscription' : 'payment';
  const lines = formsOf(form['line_items']).map((each) => lineItem(account, each));
  const [first] = lines;
  const success = textOf(form, 'success_url');
  if (!first || success === null) {
    throw new StripeRefusal(400, 'invalid_request_error', 'line_items and success_url are needed.');
  }
  const customer = textOf(form, 'customer');
  if (customer !== null) living(account, customer);
  const created = account.now(customer);
  const total = lines.reduce((sum, { amount_total }) => sum + amount_total, 0);
  const taxed = textOf(formOf(form['automatic_tax']), 'enabled') === 'true';
  const id = newStripeId(account.livemode ? 'cs_live' : 'cs_test');
  const session: Session = {
    id,
    object: 'checkout.session',
    created,
    expires_at: numberOf(form, 'expires_at') ?? created + session_seconds,
    mode,
    status: 'open',
    payment_status: total === 0 ? 'no_payment_required' : 'unpaid',
    allow_promotion_codes: textOf(form, 'allow_promotion_codes') === 'true' ? true : null,
    automatic_tax: { enabled: taxed, status: taxed ? 'complete' : null },
    client_reference_id: textOf(form, 'client_reference_id'),
    customer,
    customer_details: null,
    discounts: [],
    currency: first.currency,
    amount_subtotal: total,
    amount_total: total,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    livemode: account.livemode,
    metadata: metadataOf(form),
    payment_intent: null,
    invoice: null,
    subscription: null,
    success_url: success,
    cancel_url: textOf(form, 'cancel_url'),
    url: `${account.url}/c/pay/${id}`,
  };
  const intentData = formOf(form['payment_intent_data']);
  const wish: Wish = {
    lines,
    saveCard: mode === 'subscription' || textOf(intentData, 'setup_future_usage') !== null,
    intentMetadata: metadataOf(intentData),
    subscriptionMetadata: metadataOf(formOf(form['subscription_data'])),
  };
  account.sessions.set(id, session);
  account.wishes.set(id, wish);
  priceSession(account, session);
  return session;
}

/** A deleted customer is known, and can't buy. */
function living(account: Account, id: string): void {
  if (account.customers.get(id)?.deleted !== true) {
    need(account.customers, id, 'customer', 'customer');
    return;
  }
  throw new StripeRefusal(400, 'invalid_request_error', `No such customer: '${id}'`, {
    code: 'resource_missing',
    param: 'customer',
  });
}

function lineItem(account: Account, form: Form): LineItem {
  const price = need(account.prices, textOf(form, 'price'), 'price');
  const quantity = numberOf(form, 'quantity') ?? 1;
  const amount = price.unit_amount * quantity;
  return {
    id: newStripeId('li'),
    object: 'item',
    amount_subtotal: amount,
    amount_discount: 0,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: account.products.get(price.product)?.name ?? price.product,
    price,
    quantity,
  };
}

/** What a person does on the page. */
export type Deed =
  | 'pay'
  | 'decline'
  /** By bank debit: the session is complete, and whether it is paid is known later. */
  | 'pay_later';

/** True where the session is complete now. */
export function actOnSession(account: Account, id: string, deed: Deed): boolean {
  const session = need(account.sessions, id, 'checkout.session');
  if (session.status !== 'open') return session.status === 'complete';
  if (session.expires_at <= account.now(session.customer)) {
    expireSession(account, id);
    return false;
  }
  const wish = wishOf(account, id);
  session.customer ??= guest(account);
  const method = addCard(account, session.customer, deed === 'decline' ? 'declines' : account.knobs.card);
  if (session.mode === 'subscription') {
    // A card that is declined makes no subscription: it comes to be once it is paid.
    if (account.cards.get(method.id) === 'declines') return false;
    return subscribe(account, session, wish, method.id);
  }
  if (deed === 'pay_later') {
    complete(account, session, 'unpaid');
    return true;
  }
  if (session.amount_total > 0) {
    const intent = chargeCard(account, {
      amount: session.amount_total,
      currency: session.currency,
      customer: session.customer,
      method,
      metadata: wish.intentMetadata,
    });
    if (intent.status !== 'succeeded') return false;
    session.payment_intent = intent.id;
  }
  if (wish.saveCard) saveCard(account, session.customer, method.id);
  complete(account, session, session.amount_total > 0 ? 'paid' : 'no_payment_required');
  return true;
}

function wishOf(account: Account, id: string): Wish {
  return need(account.wishes, id, 'checkout.session');
}

function guest(account: Account): string {
  const id = newStripeId('cus');
  account.customers.set(id, {
    id,
    object: 'customer',
    created: account.now(),
    email: null,
    name: null,
    livemode: account.livemode,
    metadata: {},
    test_clock: null,
    invoice_settings: { default_payment_method: null },
  });
  return id;
}

function saveCard(account: Account, customer: string, method: string): void {
  need(account.customers, customer, 'customer').invoice_settings.default_payment_method = method;
}

function subscribe(account: Account, session: Session, wish: Wish, method: string): boolean {
  const customer = session.customer ?? '';
  const [line] = wish.lines;
  if (!line) return false;
  const subscription = newSubscription(account, {
    customer,
    price: line.price,
    quantity: line.quantity,
    metadata: wish.subscriptionMetadata,
    method: account.methods.get(method) ?? null,
    discounts: session.discounts.map(({ coupon }) => coupon),
    taxed: session.automatic_tax.enabled,
  });
  saveCard(account, customer, method);
  account.tell('customer.subscription.created', subscription);
  const [item] = subscription.items.data;
  if (!item) return false;
  const period = { start: item.current_period_start, end: item.current_period_end };
  const lines = [{ item, price: line.price, amount: line.amount_subtotal, proration: false, period }];
  const invoice = newInvoice(account, subscription, 'subscription_create', lines);
  session.subscription = subscription.id;
  session.invoice = invoice.id;
  collect(account, subscription, invoice);
  complete(account, session, 'paid');
  return true;
}

function complete(account: Account, session: Session, payment: Session['payment_status']): void {
  session.status = 'complete';
  session.payment_status = payment;
  session.url = null;
  session.customer_details = { email: account.customers.get(session.customer ?? '')?.email ?? null };
  account.tell('checkout.session.completed', session);
}

/** A bank debit comes in, or doesn't. */
export function endLaterPayment(account: Account, id: string, paid: boolean): Session {
  const session = need(account.sessions, id, 'checkout.session');
  if (session.status !== 'complete' || session.payment_status !== 'unpaid') return session;
  const wish = wishOf(account, id);
  const method = addCard(account, session.customer, paid ? 'pays' : 'declines');
  const intent = chargeCard(account, {
    amount: session.amount_total,
    currency: session.currency,
    customer: session.customer,
    method,
    metadata: wish.intentMetadata,
  });
  session.payment_intent = intent.id;
  if (paid) session.payment_status = 'paid';
  account.tell(
    paid ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed',
    session,
  );
  return session;
}

export function expireSession(account: Account, id: string): Session {
  const session = need(account.sessions, id, 'checkout.session');
  if (session.status === 'complete') {
    throw new StripeRefusal(
      400,
      'invalid_request_error',
      'Only Checkout Sessions that are open can be expired.',
    );
  }
  if (session.status === 'open') {
    session.status = 'expired';
    session.url = null;
    account.tell('checkout.session.expired', session);
  }
  return session;
}
