import { z } from 'zod';
import { optional, setting, url, yesOrNo } from './setting-kinds.ts';

/** Selling packs and plans. Off while there is no key. */
export const paymentSettings = {
  stripeSecretKey: optional(
    'STRIPE_SECRET_KEY',
    'The key of a Stripe account: sk_test_… sells in test mode, sk_live_… for money. Unset: nothing is sold.',
    z.string().regex(/^[sr]k_(test|live)_\S+$/, { error: 'a key such as sk_live_… or sk_test_…' }),
    { secret: true },
  ),
  stripeWebhookSecrets: setting<string[]>(
    'STRIPE_WEBHOOK_SECRET',
    'The signing secret of the endpoint PUBLIC_URL/webhooks/stripe; two with a comma between while one replaces the other.',
    z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine((parts) => parts.every((part) => part.startsWith('whsec_')), {
        error: 'a secret such as whsec_…',
      }),
    [],
    { secret: true, fallbackText: 'unset' },
  ),
  stripeApiUrl: optional(
    'STRIPE_API_URL',
    "Another address than Stripe's own, for an emulator. Refused with a live key.",
    url(['http:', 'https:'], 'an address such as http://127.0.0.1:4710'),
  ),
  checkoutRedirectOrigins: setting<string[]>(
    'CHECKOUT_REDIRECT_ORIGINS',
    'Other origins than PUBLIC_URL to which a checkout may lead back, with commas between.',
    z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine((parts) => parts.every((part) => URL.canParse(part) && /^https?:/.test(part)), {
        error: 'origins such as https://app.example.com',
      })
      .transform((parts) => parts.map((part) => new URL(part).origin)),
    [],
    { fallbackText: 'none' },
  ),
  stripeAutomaticTax: setting(
    'STRIPE_AUTOMATIC_TAX',
    'Whether Stripe Tax works out the tax of every checkout, asks for the address and for companies’ tax ids. Automatic top-ups, which no page asks about, are then not offered.',
    yesOrNo,
    false,
    { fallbackText: 'no' },
  ),
  stripePromotionCodes: setting(
    'STRIPE_PROMOTION_CODES',
    'Whether the checkout has a field for promotion codes made at Stripe. Less is paid, and the same credits are granted.',
    yesOrNo,
    false,
    { fallbackText: 'no' },
  ),
  planChangePolicy: setting(
    'PLAN_CHANGE_POLICY',
    'How a bigger plan is charged: prorated (the rest of the period, in money and in credits), or full (a whole new month from now).',
    z.enum(['prorated', 'full'], { error: 'prorated or full' }),
    'prorated',
  ),
} as const;
