import { Stripe } from 'stripe';
import type { NewSession, PlanChange, StripeGateway } from './port.ts';
import { at, idOf, toInvoice } from './read.ts';

type Sales = Pick<
  StripeGateway,
  | 'createCustomer'
  | 'createSession'
  | 'expireSession'
  | 'latestInvoice'
  | 'createPortal'
  | 'ensurePrice'
  | 'previewChange'
  | 'changePlan'
  | 'setPrice'
  | 'setCancel'
  | 'setPaused'
  | 'chargeSavedCard'
  | 'savedCard'
>;

/** What changes something at Stripe. Every such call carries a key, so that repeating it after a crash does nothing twice. */
export function createSales(stripe: Stripe): Sales {
  return {
    async createCustomer(person) {
      const customer = await stripe.customers.create(
        {
          ...(person.email === null ? {} : { email: person.email }),
          ...(person.name === '' ? {} : { name: person.name }),
          metadata: { holdfast_person: person.id },
        },
        { idempotencyKey: `customer/${person.id}/${person.gone}/${person.email ?? ''}/${person.name}` },
      );
      return customer.id;
    },
    async createSession(wish) {
      try {
        const session = await stripe.checkout.sessions.create(sessionParams(wish), {
          idempotencyKey: `session/${wish.orderId}/${wish.customer}`,
        });
        return { id: session.id, url: session.url ?? '', expiresAt: at(session.expires_at) };
      } catch (error) {
        if (isMissing(error) && error.param === 'customer') return null;
        throw error;
      }
    },
    async expireSession(id) {
      try {
        await stripe.checkout.sessions.expire(id);
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      }
    },
    async latestInvoice(subscription) {
      return idOf((await stripe.subscriptions.retrieve(subscription)).latest_invoice);
    },
    async createPortal(customer, returnUrl) {
      return (await stripe.billingPortal.sessions.create({ customer, return_url: returnUrl })).url;
    },
    async ensurePrice({ key, productId, name, currency, amount, monthly }) {
      const known = await stripe.prices.list({ lookup_keys: [key], limit: 1 });
      const [first] = known.data;
      if (first) return first.id;
      const product = await stripe.products.create(
        { name, metadata: { holdfast_product: productId } },
        { idempotencyKey: `product/${key}` },
      );
      const price = await stripe.prices.create(
        {
          product: product.id,
          currency,
          unit_amount: Number(amount),
          lookup_key: key,
          ...(monthly ? { recurring: { interval: 'month' as const } } : {}),
        },
        { idempotencyKey: `price/${key}` },
      );
      return price.id;
    },
    async previewChange(change) {
      const invoice = await stripe.invoices.createPreview({
        subscription: change.subscription,
        subscription_details: {
          items: [{ id: change.itemId, price: change.price }],
          ...billing(change),
        },
      });
      return {
        due: BigInt(invoice.amount_due),
        currency: invoice.currency,
        invoice: toInvoice(invoice, invoice.lines.data, []),
      };
    },
    async changePlan(change) {
      try {
        await stripe.subscriptions.update(
          change.subscription,
          {
            items: [{ id: change.itemId, price: change.price }],
            payment_behavior: 'error_if_incomplete',
            // Who chooses a plan wants to keep it.
            cancel_at_period_end: false,
            ...billing(change),
          },
          { idempotencyKey: `change/${change.subscription}/${change.price}/${change.at.getTime()}` },
        );
        return null;
      } catch (error) {
        if (error instanceof Stripe.errors.StripeCardError)
          return error.decline_code ?? error.code ?? 'card_declined';
        throw error;
      }
    },
    async setPrice(subscription, itemId, price, cancel) {
      await stripe.subscriptions.update(subscription, {
        items: [{ id: itemId, price }],
        proration_behavior: 'none',
        cancel_at_period_end: cancel,
      });
    },
    async setCancel(subscription, cancel) {
      await stripe.subscriptions.update(subscription, { cancel_at_period_end: cancel });
    },
    async setPaused(subscription, paused) {
      await stripe.subscriptions.update(subscription, {
        pause_collection: paused ? { behavior: 'void' } : '',
      });
    },
    async chargeSavedCard(charge) {
      const card = await savedMethod(stripe, charge.customer);
      if (card === null) return { intent: null, paid: false, problem: 'no_card' };
      try {
        const intent = await stripe.paymentIntents.create(
          {
            amount: Number(charge.amount),
            currency: charge.currency,
            customer: charge.customer,
            payment_method: card.id,
            off_session: true,
            confirm: true,
            metadata: { holdfast_top_up: charge.key, holdfast_person: charge.personId },
          },
          { idempotencyKey: `top_up/${charge.key}` },
        );
        return { intent: intent.id, paid: intent.status === 'succeeded', problem: intent.status };
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeCardError)) throw error;
        return {
          intent: error.payment_intent?.id ?? null,
          paid: false,
          problem: error.decline_code ?? error.code ?? 'card_declined',
        };
      }
    },
    async savedCard(customer) {
      const method = await savedMethod(stripe, customer);
      return method?.card ? { brand: method.card.brand, last4: method.card.last4 } : null;
    },
  };
}

function sessionParams(wish: NewSession): Stripe.Checkout.SessionCreateParams {
  const metadata = { holdfast_order: wish.orderId, holdfast_person: wish.personId };
  return {
    mode: wish.mode,
    customer: wish.customer,
    client_reference_id: wish.orderId,
    line_items: [{ price: wish.price, quantity: wish.quantity }],
    success_url: wish.successUrl,
    cancel_url: wish.cancelUrl,
    metadata,
    ...(wish.promotionCodes ? { allow_promotion_codes: true } : {}),
    ...(wish.automaticTax
      ? {
          automatic_tax: { enabled: true },
          tax_id_collection: { enabled: true },
          // Tax follows the address, which the page asks for.
          customer_update: { address: 'auto' as const, name: 'auto' as const },
        }
      : {}),
    ...(wish.mode === 'subscription'
      ? {
          subscription_data: {
            metadata,
            // Lines of a proration then say their amount before discounts, as all others do: their credits are reckoned by it.
            billing_mode: {
              type: 'flexible' as const,
              flexible: { proration_discounts: 'itemized' as const },
            },
          },
        }
      : {
          payment_intent_data: {
            metadata,
            ...(wish.saveCard ? { setup_future_usage: 'off_session' as const } : {}),
          },
        }),
  };
}

function isMissing(error: unknown): error is InstanceType<typeof Stripe.errors.StripeInvalidRequestError> {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
}

type Billing = Pick<
  Stripe.SubscriptionUpdateParams,
  'proration_behavior' | 'billing_cycle_anchor' | 'proration_date'
>;

function billing({ policy, at: moment }: PlanChange): Billing {
  return policy === 'full'
    ? { proration_behavior: 'none', billing_cycle_anchor: { type: 'now' } }
    : { proration_behavior: 'always_invoice', proration_date: Math.floor(moment.getTime() / 1000) };
}

/** The card that was kept for this: the customer's default, else the newest. */
async function savedMethod(stripe: Stripe, customer: string): Promise<Stripe.PaymentMethod | null> {
  const person = await stripe.customers.retrieve(customer);
  const wanted = person.deleted ? null : idOf(person.invoice_settings.default_payment_method);
  const methods = await stripe.paymentMethods.list({ customer, type: 'card', limit: 10 });
  return methods.data.find(({ id }) => id === wanted) ?? methods.data[0] ?? null;
}
