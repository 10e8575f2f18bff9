import type { CreditDeps } from '../credits/deps.ts';
import type { Mailer } from '../delivery/mail/port.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { ChangePolicy, StripeGateway } from './stripe/port.ts';

/** What this domain's functions take first. The composition root builds it once. */
export interface PaymentDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly credits: CreditDeps;
  readonly mailer: Mailer;
  /** Null where no key is set: then nothing is sold. */
  readonly stripe: StripeGateway | null;
  readonly settings: PaymentSettings;
}

export interface PaymentSettings {
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** What signs webhooks. Two while one takes the other's place. */
  readonly webhookSecrets: readonly string[];
  /** Other origins to which a checkout may lead back. */
  readonly redirectOrigins: readonly string[];
  readonly changePolicy: ChangePolicy;
  /** Stripe works out tax on what is bought by Checkout. */
  readonly automaticTax: boolean;
  readonly promotionCodes: boolean;
}

/** `off`: nothing is sold. `test`: no real money moves, and everything says so. */
export type PaymentMode = 'off' | 'test' | 'live';

export function paymentMode(deps: Pick<PaymentDeps, 'stripe'>): PaymentMode {
  if (deps.stripe === null) return 'off';
  return deps.stripe.livemode ? 'live' : 'test';
}
