import type { CreditDeps } from './credits/deps.ts';
import type { Mailer } from './delivery/mail/port.ts';
import type { PaymentDeps } from './payments/deps.ts';
import type { StripeGateway } from './payments/stripe/port.ts';
import { ConfigError } from './platform/config.ts';
import type { Config } from './platform/config.ts';
import type { Database } from './platform/database.ts';
import type { Logger } from './platform/logger.ts';

/** Payments as the settings want them. Without a key there is nobody to ask whether something was paid, and nothing is sold. */
export async function configuredPayments(
  config: Config,
  parts: { db: Database; log: Logger; credits: CreditDeps; mailer: Mailer },
): Promise<PaymentDeps> {
  const { stripeSecretKey: secretKey, stripeApiUrl: apiUrl } = config;
  if (secretKey !== undefined && /_live_/.test(secretKey) && apiUrl !== undefined) {
    throw new ConfigError([
      'STRIPE_API_URL is set together with a live key: unset it, so that only Stripe itself says what was paid.',
    ]);
  }
  if (secretKey !== undefined && config.stripeWebhookSecrets.length === 0) {
    parts.log.warn(
      'STRIPE_WEBHOOK_SECRET is not set: webhooks are refused, and payments are found by the return page and the hourly comparison alone.',
    );
  }
  return {
    ...parts,
    stripe: secretKey === undefined ? null : await openStripe({ secretKey, apiUrl }),
    settings: {
      publicUrl: config.publicUrl,
      webhookSecrets: config.stripeWebhookSecrets,
      redirectOrigins: config.checkoutRedirectOrigins,
      changePolicy: config.planChangePolicy,
      automaticTax: config.stripeAutomaticTax,
      promotionCodes: config.stripePromotionCodes,
    },
  };
}

/** Its client is large: loaded only where something is sold. */
async function openStripe(options: {
  secretKey: string;
  apiUrl: string | undefined;
}): Promise<StripeGateway> {
  const { createStripe } = await import('./payments/stripe/gateway.ts');
  const { secretKey, apiUrl } = options;
  return createStripe(apiUrl === undefined ? { secretKey } : { secretKey, apiUrl });
}
