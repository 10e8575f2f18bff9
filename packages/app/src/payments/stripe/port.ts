import type { IntentFacts, InvoiceFacts, ReturnFacts, SessionFacts, SubscriptionFacts } from '../facts.ts';

/** An event as it came, its signature proven; or as it was kept. */
export interface EventFacts {
  readonly id: string;
  readonly type: string;
  readonly livemode: boolean;
  /** Set where it is about another account than the key's own. */
  readonly account: string | null;
  readonly apiVersion: string | null;
  readonly createdAt: Date;
  readonly object: Readonly<Record<string, unknown>>;
}

export interface NewSession {
  readonly orderId: string;
  readonly mode: 'payment' | 'subscription';
  readonly customer: string;
  readonly personId: string;
  readonly price: string;
  readonly quantity: number;
  readonly successUrl: string;
  readonly cancelUrl: string;
  /** Keeps the card for automatic top-ups, which the person agreed to. */
  readonly saveCard: boolean;
  /** Stripe works out the tax, and asks companies for their tax id. */
  readonly automaticTax: boolean;
  /** The page has a field for promotion codes. */
  readonly promotionCodes: boolean;
}

/** How a plan is changed. `prorated`: the rest of the period, in money and credits alike. `full`: a whole new month from now. */
export type ChangePolicy = 'prorated' | 'full';

export interface PlanChange {
  readonly subscription: string;
  readonly itemId: string;
  readonly price: string;
  readonly policy: ChangePolicy;
  /** Both the preview and the change reckon with this moment, so that they agree to the cent. */
  readonly at: Date;
}

/** What can be asked of Stripe. Null is "there is no such thing in this account". */
export interface StripeGateway {
  readonly livemode: boolean;
  /** @throws where the signature isn't ours, or is too old */
  verify(body: string, signature: string, secret: string): Promise<EventFacts>;
  /** An event that was verified when it was kept. */
  reread(body: string): EventFacts;
  session(id: string): Promise<SessionFacts | null>;
  invoice(id: string): Promise<InvoiceFacts | null>;
  subscription(id: string): Promise<SubscriptionFacts | null>;
  intent(id: string): Promise<IntentFacts | null>;
  /** The payment intent that a charge belongs to. */
  intentOfCharge(charge: string): Promise<string | null>;
  /** False where it was deleted, or never was. */
  customerExists(id: string): Promise<boolean>;
  returnsOf(intent: string): Promise<ReturnFacts[]>;
  /** What a payment intent has paid: sessions and invoices. */
  paidBy(intent: string): Promise<{ sessions: string[]; invoices: string[] }>;

  /** `gone`: how many of their customers were deleted before, so that a deleted one is never answered again. */
  createCustomer(person: { id: string; email: string | null; name: string; gone: number }): Promise<string>;
  /** Null where the customer was deleted at Stripe. */
  createSession(session: NewSession): Promise<{ id: string; url: string; expiresAt: Date } | null>;
  /** Nothing happens where it is not open any more. */
  expireSession(id: string): Promise<void>;
  latestInvoice(subscription: string): Promise<string | null>;
  createPortal(customer: string, returnUrl: string): Promise<string>;
  /** The price under this key, made where there is none. */
  ensurePrice(price: {
    key: string;
    productId: string;
    name: string;
    currency: string;
    amount: bigint;
    monthly: boolean;
  }): Promise<string>;
  previewChange(change: PlanChange): Promise<{ due: bigint; currency: string; invoice: InvoiceFacts }>;
  /** @returns why the card refused it: then nothing has changed; null where it is done */
  changePlan(change: PlanChange): Promise<string | null>;
  /** Nothing is billed now, the next period is this price's. */
  setPrice(subscription: string, itemId: string, price: string, cancel: boolean): Promise<void>;
  setCancel(subscription: string, cancel: boolean): Promise<void>;
  setPaused(subscription: string, paused: boolean): Promise<void>;
  /** Charges the card that was kept. Safe to repeat under the same key. */
  chargeSavedCard(charge: {
    key: string;
    customer: string;
    personId: string;
    amount: bigint;
    currency: string;
  }): Promise<{ intent: string | null; paid: boolean; problem: string | null }>;
  savedCard(customer: string): Promise<{ brand: string; last4: string } | null>;

  /** Ids of what is in Stripe's books since then, oldest last; for comparing. */
  undelivered(since: Date): AsyncIterable<{ body: string }>;
  completeSessions(
    since: Date,
    customer?: string,
  ): AsyncIterable<{ id: string; paid: boolean; total: bigint; currency: string; createdAt: Date }>;
  paidInvoices(
    since: Date,
    customer?: string,
  ): AsyncIterable<{
    id: string;
    subscription: string | null;
    total: bigint;
    currency: string;
    createdAt: Date;
  }>;
  recentReturns(
    since: Date,
  ): AsyncIterable<{ returned: ReturnFacts; intent: string | null; charge: string | null; createdAt: Date }>;
  topUps(
    since: Date,
    customer: string,
  ): AsyncIterable<{
    intent: string;
    topUp: string;
    paid: boolean;
    amount: bigint;
    currency: string;
    createdAt: Date;
  }>;
  subscriptions(customer?: string): AsyncIterable<SubscriptionFacts>;
}
