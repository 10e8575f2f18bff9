import { z } from 'zod';
import { instant, pageOf } from './common.ts';

/** How one thing was told or handed over on one channel. */
export const delivery = z.object({
  id: z.string(),
  generation: z.string(),
  event: z.enum(['succeeded', 'failed', 'cancelled', 'refunded', 'resent']),
  channel: z.enum(['library', 'telegram', 'mail', 'webhook']),
  /** The webhook that is told; null on other channels. */
  webhook: z.string().nullable(),
  /** `uncertain`: it may have arrived or not, and is not sent again by itself. */
  state: z.enum(['pending', 'sending', 'delivered', 'refused', 'uncertain']),
  /** Newest first; at most 50. */
  attempts: z.array(
    z.object({
      number: z.int(),
      started_at: instant,
      ended_at: instant.nullable(),
      outcome: z.string().nullable(),
      reason: z.string().nullable(),
      http_status: z.int().nullable(),
    }),
  ),
  reason: z.string().nullable(),
  /** When it is tried again; null where it isn't. */
  next_at: instant.nullable(),
  created_at: instant,
  finished_at: instant.nullable(),
});
export type Delivery = z.infer<typeof delivery>;
export const deliveryList = z.object({ items: z.array(delivery) });
export const deliveryPage = pageOf(delivery);

/** An endpoint that is told of every generation's end, signed as Standard Webhooks say. */
export const webhook = z.object({
  id: z.string(),
  url: z.string(),
  disabled: z.boolean(),
  disabled_reason: z.string().nullable(),
  created_at: instant,
});
export type Webhook = z.infer<typeof webhook>;
export const webhookList = z.object({ items: z.array(webhook) });
export const webhookRequest = z.strictObject({ url: z.string().min(9).max(2000) });
/** The secret is shown here and at a rotation, and never again. */
export const newWebhook = webhook.extend({ secret: z.string() });
export type NewWebhook = z.infer<typeof newWebhook>;
export const webhookSecret = z.object({ secret: z.string() });

/** Linking a Telegram account: the code goes to the bot, and the page confirms afterwards. */
export const telegramLink = z.object({
  id: z.string(),
  expires_at: instant,
  telegram_name: z.string().nullable(),
  confirmed: z.boolean(),
  completed: z.boolean(),
});
/** `bot` is its name in Telegram, `url` opens it with the code; null where they aren't known just now. */
export const newTelegramLink = telegramLink.extend({
  code: z.string(),
  command: z.string(),
  bot: z.string().nullable(),
  url: z.string().nullable(),
});
export type NewTelegramLink = z.infer<typeof newTelegramLink>;
/** The Telegram account of whoever is signed in; null where none is linked. */
export const telegramAccount = z.object({
  account: z.object({ name: z.string(), username: z.string().nullable() }).nullable(),
});
export type TelegramAccount = z.infer<typeof telegramAccount>;

export const mailPreferences = z.object({ ready: z.boolean(), failed: z.boolean(), news: z.boolean() });
export type MailPreferences = z.infer<typeof mailPreferences>;
export const mailPreferencesRequest = mailPreferences.partial().strict();
