import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { deliverySettings } from './delivery-settings.ts';
import { moderationSettings } from './moderation-settings.ts';
import { paymentSettings } from './payment-settings.ts';
import { providerSettings } from './provider-settings.ts';
import {
  addresses,
  credits,
  integer,
  optional,
  postgresUrl,
  setting,
  url,
  words,
  yesOrNo,
} from './setting-kinds.ts';

/** Every setting of Holdfast. What prices, packs and plans start with is here; afterwards they are data. */
export const settings = {
  databaseUrl: optional(
    'DATABASE_URL',
    'The Postgres to use (15 or newer). Unset: Holdfast starts its own, in HOLDFAST_DATA_DIR.',
    postgresUrl,
    { secret: true },
  ),
  databaseOwnerUrl: optional(
    'DATABASE_OWNER_URL',
    'A login that may make roles and tables, used for migrations only. Unset: DATABASE_URL does that too.',
    postgresUrl,
    { secret: true },
  ),
  dataDirectory: setting(
    'HOLDFAST_DATA_DIR',
    'Where Holdfast keeps its own Postgres, stored files and generated secrets.',
    words,
    '.holdfast',
  ),
  postgresAs: setting(
    'HOLDFAST_POSTGRES_AS',
    "As whom Holdfast's own Postgres runs when root starts it: auto, user-namespace, or uid (65534, nobody).",
    z.enum(['auto', 'user-namespace', 'uid'], { error: 'auto, user-namespace or uid' }),
    'auto',
  ),
  allowUnsafePostgres: setting(
    'HOLDFAST_ALLOW_UNSAFE_POSTGRES',
    'Work with a Postgres whose fsync or synchronous_commit is off. For tests alone: a crash may lose credits.',
    yesOrNo,
    false,
  ),
  secret: optional(
    'HOLDFAST_SECRET',
    'At least 32 characters, the same on every machine: signs sessions and links. Unset: made at the first start.',
    z.string().min(32, { error: 'at least 32 characters' }),
    { secret: true },
  ),
  host: setting(
    'HOST',
    'The address that the server listens on; 0.0.0.0 for every network.',
    words,
    '127.0.0.1',
  ),
  port: setting('PORT', 'The port that the server listens on; 0 for any free one.', integer(0, 65_535), 8000),
  publicUrl: optional(
    'PUBLIC_URL',
    'The address under which people reach this server, without a path.',
    url(['http:', 'https:'], 'an address such as https://video.example.com')
      .refine((text) => new URL(text).pathname === '/', {
        error: 'an address without a path, such as https://video.example.com',
      })
      .transform((text) => new URL(text).origin),
    { fallbackText: 'http://127.0.0.1:PORT' },
  ),
  trustedProxies: setting<string[]>(
    'TRUSTED_PROXIES',
    'Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses, networks, or loopback.',
    addresses,
    [],
    { fallbackText: 'none' },
  ),
  signUpCredits: setting('DEFAULT_USER_CREDITS', 'What a new person starts with.', credits(0n), 100n),
  signUpCreditsRequireVerifiedEmail: setting<boolean | 'auto'>(
    'SIGNUP_CREDITS_REQUIRE_VERIFIED_EMAIL',
    'Whether those wait for a verified mail address: yes, no, or auto (yes once a paid provider is configured).',
    z.union([z.literal('auto'), yesOrNo], { error: 'yes, no or auto' }),
    'auto',
  ),
  creditExpiryMonths: setting(
    'CREDIT_EXPIRY_MONTHS',
    'Calendar months until granted credit expires.',
    integer(1, 1200),
    6,
  ),
  creditsPerSecondStandard: setting(
    'CREDITS_PER_SECOND_STANDARD',
    'Price of a standard second, when the price book is first written.',
    credits(1n),
    10n,
  ),
  creditsPerSecondPro: setting(
    'CREDITS_PER_SECOND_PRO',
    'Price of a pro second, when the price book is first written.',
    credits(1n),
    14n,
  ),
  generationCooldownSeconds: setting(
    'GENERATION_COOLDOWN_SECONDS',
    'Seconds between two starts of the same kind by one person.',
    integer(0, 86_400),
    0,
    { fallbackText: 'none' },
  ),
  quoteLifetimeSeconds: setting(
    'QUOTE_LIFETIME_SECONDS',
    'How long a quoted price holds.',
    integer(10, 86_400),
    900,
  ),
  maxActivePerPerson: setting(
    'MAX_ACTIVE_PER_PERSON',
    'Generations of one person that may be unfinished at once.',
    integer(1, 10_000),
    100,
  ),
  maxRunningPerPerson: setting(
    'MAX_RUNNING_PER_PERSON',
    'Generations of one person that may run at once; the others wait their turn.',
    integer(1, 1000),
    3,
  ),
  postpaidDebtLimit: setting(
    'POSTPAID_DEBT_LIMIT',
    'How far a charge after completion may take an account into debt, in credits.',
    credits(0n),
    100n,
  ),
  smtpUrl: optional(
    'SMTP_URL',
    'The mail server, such as smtps://user:password@mail.example.com. Unset: mails go to the log and to /local-mail.',
    url(['smtp:', 'smtps:'], 'an address such as smtp://user:password@mail.example.com:587'),
    { secret: true },
  ),
  mailFrom: setting(
    'MAIL_FROM',
    'The sender of mails.',
    z
      .string()
      .regex(/^[^\r\n]*[^\s@<]+@[^\s@>]+>?$/, { error: 'a sender such as Holdfast <hello@example.com>' }),
    'Holdfast <holdfast@localhost>',
  ),
  alertMail: setting<string[]>(
    'ALERT_MAIL',
    'Who gets a mail when an operator must know of something: addresses with commas between.',
    z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine((parts) => parts.every((part) => /^[^\s@<>,]+@[^\s@<>,]+$/.test(part)), {
        error: 'mail addresses with commas between, such as ops@example.com,ada@example.com',
      }),
    [],
    { fallbackText: 'nobody' },
  ),
  alertWebhookUrl: optional(
    'ALERT_WEBHOOK_URL',
    'Where alerts are sent as JSON.',
    url(['http:', 'https:'], 'an address such as https://chat.example.com/hooks/holdfast'),
    { secret: true },
  ),
  alertWebhookSecret: optional(
    'ALERT_WEBHOOK_SECRET',
    'Signs them as Standard Webhooks say: whsec_ and base64, or any text of at least 16 characters.',
    z.string().min(16, { error: 'at least 16 characters' }),
    { secret: true },
  ),
  alertBalanceDays: setting(
    'ALERT_BALANCE_DAYS',
    "An alert when a provider's balance lasts fewer days than this at the present rate.",
    integer(0, 365),
    3,
  ),
  storageDirectory: optional('STORAGE_DIR', 'Where uploads and results are stored.', words, {
    fallbackText: 'HOLDFAST_DATA_DIR/storage',
  }),
  writesPerMinute: setting(
    'WRITES_PER_MINUTE',
    'Writes that one person may make in a minute.',
    integer(1, 1_000_000),
    60,
  ),
  requestsPerMinute: setting(
    'REQUESTS_PER_MINUTE',
    'Requests that one address may make in a minute.',
    integer(1, 10_000_000),
    120,
  ),
  metricsToken: optional(
    'METRICS_TOKEN',
    'The bearer token for /metrics. Unset: only the machine itself may read them.',
    z.string().min(16, { error: 'at least 16 characters' }),
    { secret: true },
  ),
  logLevel: setting(
    'LOG_LEVEL',
    'fatal, error, warn, info, debug, trace or silent.',
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'fatal, error, warn, info, debug, trace or silent',
    }),
    'info',
  ),
  ffmpegPath: optional(
    'FFMPEG_PATH',
    'The ffmpeg to use. Unset: the one on the PATH, then the one that npm brought.',
    words,
    {},
  ),
  workerConcurrency: setting(
    'WORKER_CONCURRENCY',
    'Generations that one worker process works on at once.',
    integer(1, 256),
    availableParallelism(),
    { fallbackText: 'the number of cores' },
  ),
  ...providerSettings,
  ...paymentSettings,
  ...moderationSettings,
  ...deliverySettings,
} as const;

export type Settings = typeof settings;
