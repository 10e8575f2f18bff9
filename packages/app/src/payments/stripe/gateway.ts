import { Stripe } from 'stripe';
import type { StripeGateway } from './port.ts';
import {
  idOf,
  toDispute,
  toEvent,
  toIntent,
  toInvoice,
  toRefund,
  toSession,
  toSubscription,
} from './read.ts';
import { createBooks } from './books.ts';
import { createSales } from './sales.ts';

export interface StripeOptions {
  readonly secretKey: string;
  /** Another address than Stripe's own: an emulator's. Never with a live key. */
  readonly apiUrl?: string;
}

const timeout_ms = 20_000;

/** Speaks to Stripe with the official client, which pins the version of the API that is read here. */
export function createStripe(options: StripeOptions): StripeGateway {
  const livemode = /^[sr]k_live_/.test(options.secretKey);
  const stripe = new Stripe(options.secretKey, {
    maxNetworkRetries: 2,
    timeout: timeout_ms,
    telemetry: false,
    ...address(options.apiUrl),
  });
  return {
    livemode,
    async verify(body, signature, secret) {
      return toEvent(await stripe.webhooks.constructEventAsync(body, signature, secret));
    },
    reread: (body) => toEvent(stripe.webhooks.constructEventWithoutVerification(body)),
    session: (id) =>
      found(async () => {
        const session = await stripe.checkout.sessions.retrieve(id, {
          expand: ['payment_intent.latest_charge'],
        });
        const lines = await stripe.checkout.sessions.listLineItems(id, { limit: 100 });
        return toSession(session, lines.data);
      }),
    invoice: (id) =>
      found(async () => {
        const invoice = await stripe.invoices.retrieve(id);
        const lines = invoice.lines.has_more
          ? await stripe.invoices.listLineItems(id, { limit: 100 }).autoPagingToArray({ limit: 1_000 })
          : invoice.lines.data;
        const payments = await stripe.invoicePayments.list({ invoice: id, limit: 100 });
        return toInvoice(invoice, lines, payments.data);
      }),
    subscription: (id) => found(async () => toSubscription(await stripe.subscriptions.retrieve(id))),
    intent: (id) =>
      found(async () => toIntent(await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }))),
    intentOfCharge: (id) => found(async () => idOf((await stripe.charges.retrieve(id)).payment_intent)),
    async customerExists(id) {
      const customer = await found(() => stripe.customers.retrieve(id));
      return customer !== null && customer.deleted !== true;
    },
    async returnsOf(intent) {
      const refunds = await stripe.refunds
        .list({ payment_intent: intent, limit: 100 })
        .autoPagingToArray({ limit: 1_000 });
      const disputes = await stripe.disputes
        .list({ payment_intent: intent, limit: 100 })
        .autoPagingToArray({ limit: 100 });
      return [...refunds.map(toRefund), ...disputes.map(toDispute)];
    },
    async paidBy(intent) {
      const sessions = await stripe.checkout.sessions.list({ payment_intent: intent, limit: 10 });
      const payments = await stripe.invoicePayments.list({
        payment: { type: 'payment_intent', payment_intent: intent },
        limit: 10,
      });
      return {
        sessions: sessions.data.map(({ id }) => id),
        invoices: payments.data.flatMap(({ invoice }) => idOf(invoice) ?? []),
      };
    },
    ...createSales(stripe),
    ...createBooks(stripe),
  };
}

function address(apiUrl: string | undefined): { host?: string; port?: string; protocol?: 'http' | 'https' } {
  if (apiUrl === undefined) return {};
  const { hostname, port, protocol } = new URL(apiUrl);
  const secure = protocol === 'https:';
  return {
    host: hostname,
    port: port === '' ? (secure ? '443' : '80') : port,
    protocol: secure ? 'https' : 'http',
  };
}

/** Null where Stripe says that there is no such thing in this account and mode. */
async function found<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing')
      return null;
    throw error;
  }
}
