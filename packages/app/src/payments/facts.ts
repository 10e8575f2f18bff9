/**
 * What a payment service says, in words of our own: read anew each time, so that neither the order in which its messages come nor their shape matters.
 * Amounts are in the currency's minor unit.
 */
export interface SessionFacts {
  readonly id: string;
  readonly livemode: boolean;
  readonly mode: 'payment' | 'subscription' | 'other';
  readonly status: 'open' | 'complete' | 'expired';
  readonly paymentStatus: 'paid' | 'unpaid' | 'no_payment_required';
  readonly clientReference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly customer: string | null;
  readonly money: Money;
  readonly intent: IntentFacts | null;
  readonly invoice: string | null;
  readonly subscription: string | null;
  readonly lines: readonly { readonly price: string; readonly quantity: number }[];
  readonly createdAt: Date;
}

export interface Money {
  readonly currency: string;
  readonly subtotal: bigint;
  readonly discount: bigint;
  readonly tax: bigint;
  readonly total: bigint;
}

export interface IntentFacts {
  readonly id: string;
  readonly livemode: boolean;
  readonly status: 'succeeded' | 'failed' | 'pending';
  readonly customer: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly currency: string;
  readonly received: bigint;
  readonly receiptUrl: string | null;
}

export interface InvoiceLineFacts {
  readonly price: string | null;
  readonly quantity: number;
  readonly amount: bigint;
  readonly proration: boolean;
  readonly periodStart: Date;
  readonly periodEnd: Date;
}

export interface InvoiceFacts {
  readonly id: string;
  readonly livemode: boolean;
  readonly status: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';
  readonly reason: string;
  readonly customer: string | null;
  /** Null where it is of no subscription. */
  readonly subscription: string | null;
  readonly subscriptionMetadata: Readonly<Record<string, string>>;
  readonly money: Money;
  readonly amountPaid: bigint;
  /** Through which it was paid; none where it was paid otherwise, or cost nothing. */
  readonly intents: readonly string[];
  readonly lines: readonly InvoiceLineFacts[];
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly url: string | null;
  readonly createdAt: Date;
}

export interface SubscriptionFacts {
  readonly id: string;
  readonly livemode: boolean;
  readonly customer: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly status: string;
  readonly itemId: string;
  readonly price: string;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  readonly cancelAtPeriodEnd: boolean;
  readonly paused: boolean;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

/** A refund or a dispute, with what it took and gave back in all. */
export interface ReturnFacts {
  readonly id: string;
  readonly kind: 'refund' | 'dispute';
  readonly status: string;
  readonly amount: bigint;
  readonly withdrawn: bigint;
  readonly reinstated: bigint;
}

/** Which object an event is about, and how to look at it. */
export type Reference =
  | {
      readonly kind: 'session' | 'invoice' | 'subscription' | 'intent' | 'top_up' | 'customer';
      readonly id: string;
    }
  | { readonly kind: 'charge'; readonly id: string }
  | { readonly kind: 'fraud_warning'; readonly id: string; readonly charge: string };
