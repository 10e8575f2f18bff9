import { need, newStripeId, StripeRefusal } from './account.ts';
import type { Account } from './account.ts';
import { markPaid, payInvoice } from './billing.ts';
import { endSubscription } from './subscriptions.ts';
import { beginSubscription } from './begin-subscription.ts';
import { previewInvoice, updateSubscription } from './change-plan.ts';
import { chargeCard, refundCharge } from './charging.ts';
import { expireSession, newSession } from './checkout.ts';
import { advanceClock, newClock } from './clocks.ts';
import { newCoupon, newPromotionCode } from './discounts.ts';
import { formOf, metadataOf, numberOf, textOf, textsOf } from './form.ts';
import type { Form } from './form.ts';
import { listOf } from './lists.ts';
import type { Customer, Price, Product } from './objects.ts';

type Handler = (account: Account, form: Form, id: string) => unknown;

/** Every call that an integration of this kind makes, by method and path; `:id` is handed over. */
const routes: Readonly<Record<string, Handler>> = {
  'POST /v1/customers': (account, form) => newCustomer(account, form),
  'GET /v1/customers': (account, form) =>
    listOf(account.customers.values(), form, ({ email }) => matches(form, 'email', email)),
  'GET /v1/customers/:id': (account, _form, id) => need(account.customers, id, 'customer'),
  'POST /v1/customers/:id': (account, form, id) => {
    const customer = need(account.customers, id, 'customer');
    customer.metadata = metadataOf(form, customer.metadata);
    customer.email = textOf(form, 'email') ?? customer.email;
    const method = textOf(formOf(form['invoice_settings']), 'default_payment_method');
    if (method !== null) customer.invoice_settings.default_payment_method = method;
    return customer;
  },
  'DELETE /v1/customers/:id': (account, _form, id) => {
    const customer = need(account.customers, id, 'customer');
    for (const each of account.subscriptions.values()) {
      if (each.customer === id && each.status !== 'canceled') endSubscription(account, each);
    }
    customer.deleted = true;
    account.tell('customer.deleted', customer);
    return { id, object: 'customer', deleted: true };
  },
  'GET /v1/payment_methods': (account, form) =>
    listOf(account.methods.values(), form, ({ customer }) => matches(form, 'customer', customer)),
  'POST /v1/products': (account, form) => newProduct(account, form),
  'GET /v1/products': (account, form) => listOf(account.products.values(), form),
  'GET /v1/products/:id': (account, _form, id) => need(account.products, id, 'product'),
  'POST /v1/prices': (account, form) => newPrice(account, form),
  'GET /v1/prices': (account, form) => {
    const keys = textsOf(form['lookup_keys']);
    return listOf(account.prices.values(), form, (price) =>
      keys.length === 0 ? true : price.lookup_key !== null && keys.includes(price.lookup_key),
    );
  },
  'GET /v1/prices/:id': (account, _form, id) => need(account.prices, id, 'price'),
  'POST /v1/checkout/sessions': (account, form) => newSession(account, form),
  'GET /v1/checkout/sessions': (account, form) =>
    listOf(
      account.sessions.values(),
      form,
      (session) =>
        matches(form, 'status', session.status) &&
        matches(form, 'customer', session.customer) &&
        matches(form, 'payment_intent', session.payment_intent) &&
        matches(form, 'subscription', session.subscription),
    ),
  'GET /v1/checkout/sessions/:id': (account, _form, id) => need(account.sessions, id, 'checkout.session'),
  'GET /v1/checkout/sessions/:id/line_items': (account, form, id) =>
    listOf(need(account.wishes, id, 'checkout.session').lines, form),
  'POST /v1/checkout/sessions/:id/expire': (account, _form, id) => expireSession(account, id),
  'POST /v1/payment_intents': (account, form) => newIntent(account, form),
  'GET /v1/payment_intents': (account, form) =>
    listOf(account.intents.values(), form, ({ customer }) => matches(form, 'customer', customer)),
  'GET /v1/payment_intents/:id': (account, _form, id) => need(account.intents, id, 'payment_intent'),
  'GET /v1/charges': (account, form) =>
    listOf(account.charges.values(), form, (charge) =>
      matches(form, 'payment_intent', charge.payment_intent),
    ),
  'GET /v1/charges/:id': (account, _form, id) => need(account.charges, id, 'charge'),
  'POST /v1/refunds': (account, form) =>
    refundCharge(
      account,
      { charge: textOf(form, 'charge'), intent: textOf(form, 'payment_intent') },
      { amount: numberOf(form, 'amount'), reason: textOf(form, 'reason'), metadata: metadataOf(form) },
    ),
  'GET /v1/refunds': (account, form) =>
    listOf(
      account.refunds.values(),
      form,
      (refund) =>
        matches(form, 'payment_intent', refund.payment_intent) && matches(form, 'charge', refund.charge),
    ),
  'GET /v1/refunds/:id': (account, _form, id) => need(account.refunds, id, 'refund'),
  'GET /v1/disputes': (account, form) =>
    listOf(
      account.disputes.values(),
      form,
      (dispute) =>
        matches(form, 'payment_intent', dispute.payment_intent) && matches(form, 'charge', dispute.charge),
    ),
  'GET /v1/disputes/:id': (account, _form, id) => need(account.disputes, id, 'dispute'),
  'GET /v1/invoices': (account, form) =>
    listOf(
      account.invoices.values(),
      form,
      (invoice) =>
        matches(form, 'status', invoice.status) &&
        matches(form, 'customer', invoice.customer) &&
        matches(form, 'subscription', invoice.parent?.subscription_details.subscription ?? null),
    ),
  'POST /v1/invoices/create_preview': (account, form) => previewInvoice(account, form),
  'GET /v1/invoices/:id': (account, _form, id) => need(account.invoices, id, 'invoice'),
  'GET /v1/invoices/:id/lines': (account, form, id) =>
    listOf(need(account.invoices, id, 'invoice').lines.data, form),
  'POST /v1/invoices/:id/pay': (account, form, id) => {
    const invoice = need(account.invoices, id, 'invoice');
    if (textOf(form, 'paid_out_of_band') === 'true') markPaid(account, invoice);
    else if (!payInvoice(account, invoice)) throw declined(null);
    return invoice;
  },
  'GET /v1/invoice_payments': (account, form) => {
    const payment = formOf(form['payment']);
    return listOf(
      account.invoicePayments.values(),
      form,
      (each) =>
        matches(form, 'invoice', each.invoice) &&
        matches(payment, 'payment_intent', each.payment.payment_intent),
    );
  },
  'GET /v1/subscriptions': (account, form) =>
    listOf(
      account.subscriptions.values(),
      form,
      (each) =>
        matches(form, 'customer', each.customer) &&
        (textOf(form, 'status') === 'all' ||
          (textOf(form, 'status') === null
            ? each.status !== 'canceled'
            : matches(form, 'status', each.status))),
    ),
  'POST /v1/subscriptions': (account, form) => beginSubscription(account, form),
  'POST /v1/coupons': (account, form) => newCoupon(account, form),
  'POST /v1/promotion_codes': (account, form) => newPromotionCode(account, form),
  'GET /v1/promotion_codes': (account, form) =>
    listOf(account.promotionCodes.values(), form, ({ code }) => matches(form, 'code', code)),
  'GET /v1/subscriptions/:id': (account, _form, id) => need(account.subscriptions, id, 'subscription'),
  'POST /v1/subscriptions/:id': (account, form, id) =>
    updateSubscription(account, need(account.subscriptions, id, 'subscription'), form),
  'DELETE /v1/subscriptions/:id': (account, _form, id) => {
    const subscription = need(account.subscriptions, id, 'subscription');
    endSubscription(account, subscription);
    return subscription;
  },
  'POST /v1/billing_portal/sessions': (account, form) => {
    const customer = need(account.customers, textOf(form, 'customer'), 'customer').id;
    const id = newStripeId('bps');
    const portal = {
      id,
      object: 'billing_portal.session' as const,
      created: account.now(customer),
      customer,
      livemode: account.livemode,
      return_url: textOf(form, 'return_url'),
      url: `${account.url}/p/session/${id}`,
    };
    account.portals.set(id, portal);
    return portal;
  },
  'GET /v1/events': (account, form) => {
    const types = textsOf(form['types']);
    const delivery = textOf(form, 'delivery_success');
    return listOf(
      account.events,
      form,
      (event) =>
        (types.length === 0 || types.includes(event.type)) &&
        matches(form, 'type', event.type) &&
        (delivery === null || account.delivered.has(event.id) === (delivery === 'true')),
    );
  },
  'GET /v1/events/:id': (account, _form, id) =>
    need(new Map(account.events.map((event) => [event.id, event])), id, 'event'),
  'POST /v1/test_helpers/test_clocks': (account, form) => newClock(account, form),
  'GET /v1/test_helpers/test_clocks/:id': (account, _form, id) => need(account.clocks, id, 'test_clock'),
  'POST /v1/test_helpers/test_clocks/:id/advance': (account, form, id) =>
    advanceClock(account, need(account.clocks, id, 'test_clock'), numberOf(form, 'frozen_time') ?? 0),
};

const compiled = Object.entries(routes).map(([pattern, handler]) => ({
  pattern: new RegExp(`^${pattern.replace(':id', '([^/]+)')}$`),
  handler,
}));

/** Answers a call, or refuses it as Stripe would. */
export function answerCall(account: Account, call: string, form: Form): unknown {
  for (const { pattern, handler } of compiled) {
    const found = pattern.exec(call);
    if (found) return handler(account, form, found[1] ?? '');
  }
  throw new StripeRefusal(404, 'invalid_request_error', `Unrecognized request URL (${call}).`);
}

function matches(form: Form, name: string, value: string | null): boolean {
  const wanted = textOf(form, name);
  return wanted === null || wanted === value;
}

function newCustomer(account: Account, form: Form): Customer {
  const clock = textOf(form, 'test_clock');
  if (clock !== null) need(account.clocks, clock, 'test_clock');
  const customer: Customer = {
    id: newStripeId('cus'),
    object: 'customer',
    created: account.now(),
    email: textOf(form, 'email'),
    name: textOf(form, 'name'),
    livemode: account.livemode,
    metadata: metadataOf(form),
    test_clock: clock,
    invoice_settings: { default_payment_method: null },
  };
  account.customers.set(customer.id, customer);
  account.tell('customer.created', customer);
  return customer;
}

function newProduct(account: Account, form: Form): Product {
  const id = textOf(form, 'id') ?? newStripeId('prod');
  if (account.products.has(id)) {
    throw new StripeRefusal(400, 'invalid_request_error', `Product already exists: ${id}.`, {
      code: 'resource_already_exists',
    });
  }
  const product: Product = {
    id,
    object: 'product',
    created: account.now(),
    active: true,
    name: textOf(form, 'name') ?? id,
    description: textOf(form, 'description'),
    livemode: account.livemode,
    metadata: metadataOf(form),
  };
  account.products.set(id, product);
  return product;
}

function newPrice(account: Account, form: Form): Price {
  const key = textOf(form, 'lookup_key');
  if (key !== null && [...account.prices.values()].some((price) => price.lookup_key === key)) {
    throw new StripeRefusal(400, 'invalid_request_error', `A price already uses the lookup key ${key}.`);
  }
  const recurring = formOf(form['recurring']);
  const interval = textOf(recurring, 'interval');
  const price: Price = {
    id: newStripeId('price'),
    object: 'price',
    created: account.now(),
    active: true,
    currency: textOf(form, 'currency') ?? 'usd',
    product: need(account.products, textOf(form, 'product'), 'product').id,
    livemode: account.livemode,
    lookup_key: key,
    metadata: metadataOf(form),
    type: interval === null ? 'one_time' : 'recurring',
    unit_amount: numberOf(form, 'unit_amount') ?? 0,
    recurring:
      interval === null
        ? null
        : {
            interval: interval === 'year' ? 'year' : 'month',
            interval_count: numberOf(recurring, 'interval_count') ?? 1,
            usage_type: 'licensed',
          },
  };
  account.prices.set(price.id, price);
  return price;
}

function declined(intent: string | null): StripeRefusal {
  return new StripeRefusal(402, 'card_error', 'Your card was declined.', {
    code: 'card_declined',
    decline_code: 'generic_decline',
    ...(intent === null ? {} : { payment_intent: { id: intent, object: 'payment_intent' } }),
  });
}

/** Only as automatic payments make them: confirmed at once, with a card that was kept. */
function newIntent(account: Account, form: Form): unknown {
  const customer = need(account.customers, textOf(form, 'customer'), 'customer');
  const method = need(
    account.methods,
    textOf(form, 'payment_method') ?? customer.invoice_settings.default_payment_method,
    'payment_method',
  );
  const intent = chargeCard(account, {
    amount: numberOf(form, 'amount') ?? 0,
    currency: textOf(form, 'currency') ?? 'usd',
    customer: customer.id,
    method,
    metadata: metadataOf(form),
  });
  if (intent.status !== 'succeeded') throw declined(intent.id);
  return intent;
}
