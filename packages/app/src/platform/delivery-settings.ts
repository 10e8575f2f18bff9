import { z } from 'zod';
import { optional, setting, url, words, yesOrNo } from './setting-kinds.ts';

/** How results and words reach people: the Telegram bot, their webhooks, and where files are stored. */
export const deliverySettings = {
  telegramBotToken: optional(
    'TELEGRAM_BOT_TOKEN',
    'The token of the Telegram bot, from @BotFather. Unset: there is no bot.',
    z.string().regex(/^\d+:[\w-]+$/, { error: 'a token such as 7000000001:AAExample' }),
    { secret: true },
  ),
  telegramApiRoot: optional(
    'TELEGRAM_API_ROOT',
    "Another server than Telegram's own: a local Bot API server, or an emulator.",
    url(['http:', 'https:'], 'an address such as http://127.0.0.1:8081'),
  ),
  telegramWebhookSecret: optional(
    'TELEGRAM_WEBHOOK_SECRET',
    'Has Telegram call PUBLIC_URL/webhooks/telegram with this secret. Unset: one process asks it by long polling.',
    z.string().regex(/^[A-Za-z0-9_-]{16,256}$/, { error: '16 to 256 letters, digits, _ or -' }),
    { secret: true },
  ),
  telegramStorageChat: optional(
    'TELEGRAM_STORAGE_CHAT',
    'A private channel of the bot, in which a film is stored once before it is sent to people by its name. Unset: it is uploaded into the chat itself.',
    z
      .string()
      .regex(/^-?\d{1,20}$/, { error: "a chat's number, such as -1001234567890" })
      .transform(BigInt),
  ),
  supportContact: setting(
    'SUPPORT_CONTACT',
    'Whom people write to about payments.',
    words,
    'support@localhost',
  ),
  webhooksAllowPrivate: setting(
    'WEBHOOKS_ALLOW_PRIVATE',
    "Call people's webhooks inside this network too, and by http. For whoever hosts both sides.",
    yesOrNo,
    false,
  ),
  s3Bucket: optional(
    'S3_BUCKET',
    'Store files in this bucket of an S3-compatible store (S3, R2, MinIO) instead of STORAGE_DIR. Move what is there with "holdfast storage move".',
    words,
  ),
  s3Endpoint: optional(
    'S3_ENDPOINT',
    "The store's address; unset: AWS itself.",
    url(['http:', 'https:'], 'an address such as https://account.r2.cloudflarestorage.com'),
  ),
  s3Region: setting('S3_REGION', "The store's region; auto for R2.", words, 'us-east-1'),
  s3AccessKeyId: optional('S3_ACCESS_KEY_ID', "The store's key. Unset: as the AWS SDK finds one.", words),
  s3SecretAccessKey: optional('S3_SECRET_ACCESS_KEY', "The key's secret.", words, { secret: true }),
  retentionDays: setting(
    'RETENTION_DAYS',
    'Results are kept for so many days, as their owner is shown; 0 is for ever.',
    z
      .string()
      .regex(/^\d{1,5}$/, { error: 'a whole number of days' })
      .transform(Number),
    0,
    { fallbackText: 'for ever' },
  ),
} as const;
