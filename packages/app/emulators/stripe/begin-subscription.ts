import { need, StripeRefusal } from './account.ts';
import type { Account } from './account.ts';
import { collect, newInvoice } from './billing.ts';
import { itemOf, newSubscription } from './subscriptions.ts';
import { formOf, formsOf, metadataOf, numberOf, textOf } from './form.ts';
import type { Form } from './form.ts';
import type { Subscription } from './objects.ts';

/** `POST /v1/subscriptions`: where the first payment fails it is `incomplete`, and after 23 hours it never was. */
export function beginSubscription(account: Account, form: Form): Subscription {
  const customer = need(account.customers, textOf(form, 'customer'), 'customer', 'customer');
  const [wanted] = formsOf(form['items']);
  if (wanted === undefined)
    throw new StripeRefusal(400, 'invalid_request_error', 'A subscription has items.', { param: 'items' });
  const method = textOf(form, 'default_payment_method') ?? customer.invoice_settings.default_payment_method;
  const subscription = newSubscription(account, {
    customer: customer.id,
    price: need(account.prices, textOf(wanted, 'price'), 'price'),
    quantity: numberOf(wanted, 'quantity') ?? 1,
    metadata: metadataOf(form),
    method: method === null ? null : need(account.methods, method, 'payment_method'),
    discounts: formsOf(form['discounts']).flatMap((each) => textOf(each, 'coupon') ?? []),
    taxed: textOf(formOf(form['automatic_tax']), 'enabled') === 'true',
  });
  subscription.status = 'incomplete';
  account.tell('customer.subscription.created', subscription);
  const item = itemOf(subscription);
  const invoice = newInvoice(account, subscription, 'subscription_create', [
    {
      item,
      price: item.price,
      amount: item.price.unit_amount * item.quantity,
      proration: false,
      period: { start: item.current_period_start, end: item.current_period_end },
    },
  ]);
  collect(account, subscription, invoice);
  return subscription;
}
