import { randomBytes } from 'node:crypto';
import type { Card, StripeKnobs } from './knobs.ts';
import type {
  Charge,
  Coupon,
  Customer,
  Dispute,
  Invoice,
  InvoicePayment,
  LineItem,
  PaymentIntent,
  PaymentMethod,
  PortalSession,
  Price,
  Product,
  PromotionCode,
  Refund,
  Session,
  StripeEvent,
  StripeObject,
  Subscription,
  TestClock,
} from './objects.ts';

/** One merchant's account: everything that is in it, and what happened. */
export interface Account {
  readonly url: string;
  readonly livemode: boolean;
  readonly knobs: StripeKnobs;
  readonly customers: Map<string, Customer>;
  readonly products: Map<string, Product>;
  readonly prices: Map<string, Price>;
  readonly coupons: Map<string, Coupon>;
  readonly promotionCodes: Map<string, PromotionCode>;
  readonly sessions: Map<string, Session>;
  /** By session: what is bought, what the page is told to do with the card, what the subscription is to carry. */
  readonly wishes: Map<string, Wish>;
  readonly methods: Map<string, PaymentMethod>;
  /** What a card does when it is charged. */
  readonly cards: Map<string, Card>;
  readonly intents: Map<string, PaymentIntent>;
  readonly charges: Map<string, Charge>;
  readonly refunds: Map<string, Refund>;
  readonly disputes: Map<string, Dispute>;
  readonly invoices: Map<string, Invoice>;
  readonly invoicePayments: Map<string, InvoicePayment>;
  readonly subscriptions: Map<string, Subscription>;
  readonly clocks: Map<string, TestClock>;
  readonly portals: Map<string, PortalSession>;
  readonly events: StripeEvent[];
  /** Ids of events that some endpoint has taken. */
  readonly delivered: Set<string>;
  /** Tells of a change: keeps the event and delivers it. */
  tell(type: string, object: StripeObject, previous?: Record<string, unknown>): void;
  /** The time in seconds, where a customer's test clock says so by that clock. */
  now(customer?: string | null): number;
}

export interface Wish {
  readonly lines: LineItem[];
  readonly saveCard: boolean;
  readonly intentMetadata: Record<string, string>;
  readonly subscriptionMetadata: Record<string, string>;
}

export function newStripeId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

/** An error in Stripe's words. */
export class StripeRefusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, type: string, message: string, more: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.body = { error: { type, message, ...more } };
  }
}

export function need<T>(map: ReadonlyMap<string, T>, id: string | null, what: string, param = 'id'): T {
  const found = id === null ? undefined : map.get(id);
  if (found !== undefined) return found;
  throw new StripeRefusal(404, 'invalid_request_error', `No such ${what}: '${id ?? ''}'`, {
    code: 'resource_missing',
    param,
  });
}
