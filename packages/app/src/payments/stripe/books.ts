import type { Stripe } from 'stripe';
import type { StripeGateway } from './port.ts';
import { at, idOf, toDispute, toRefund, toSubscription } from './read.ts';

type Books = Pick<
  StripeGateway,
  'undelivered' | 'completeSessions' | 'paidInvoices' | 'recentReturns' | 'topUps' | 'subscriptions'
>;

const page = 100;

function since(date: Date): { created: { gte: number }; limit: number } {
  return { created: { gte: Math.floor(date.getTime() / 1000) }, limit: page };
}

/** What is in Stripe's books, a page at a time. Older pages are only asked for when they are read. */
export function createBooks(stripe: Stripe): Books {
  return {
    async *undelivered(from) {
      for await (const event of stripe.events.list({ ...since(from), delivery_success: false })) {
        yield { body: JSON.stringify(event) };
      }
    },
    async *completeSessions(from, customer) {
      const params = { ...since(from), status: 'complete' as const, ...(customer ? { customer } : {}) };
      for await (const session of stripe.checkout.sessions.list(params)) {
        yield {
          id: session.id,
          paid: session.payment_status !== 'unpaid',
          total: BigInt(session.amount_total ?? 0),
          currency: session.currency ?? '',
          createdAt: at(session.created),
        };
      }
    },
    async *paidInvoices(from, customer) {
      const params = { ...since(from), status: 'paid' as const, ...(customer ? { customer } : {}) };
      for await (const invoice of stripe.invoices.list(params)) {
        yield {
          id: invoice.id,
          subscription: idOf(invoice.parent?.subscription_details?.subscription),
          total: BigInt(invoice.total),
          currency: invoice.currency,
          createdAt: at(invoice.created),
        };
      }
    },
    async *recentReturns(from) {
      for await (const refund of stripe.refunds.list(since(from))) {
        yield {
          returned: toRefund(refund),
          intent: idOf(refund.payment_intent),
          charge: idOf(refund.charge),
          createdAt: at(refund.created),
        };
      }
      for await (const dispute of stripe.disputes.list(since(from))) {
        yield {
          returned: toDispute(dispute),
          intent: idOf(dispute.payment_intent),
          charge: idOf(dispute.charge),
          createdAt: at(dispute.created),
        };
      }
    },
    async *topUps(from, customer) {
      for await (const intent of stripe.paymentIntents.list({ ...since(from), customer })) {
        const topUp = intent.metadata['holdfast_top_up'];
        if (topUp === undefined) continue;
        yield {
          intent: intent.id,
          topUp,
          paid: intent.status === 'succeeded',
          amount: BigInt(intent.amount),
          currency: intent.currency,
          createdAt: at(intent.created),
        };
      }
    },
    async *subscriptions(customer) {
      const params = { limit: page, status: 'all' as const, ...(customer ? { customer } : {}) };
      for await (const subscription of stripe.subscriptions.list(params)) {
        const facts = toSubscription(subscription);
        if (facts) yield facts;
      }
    },
  };
}
