import { z } from 'zod';
import { decimal, optional, serviceUrl, setting, words, yesOrNo } from './setting-kinds.ts';
import type { Setting } from './setting-kinds.ts';

const key = z
  .string()
  .min(8, { error: 'at least 8 characters' })
  .regex(/^[\x21-\x7e]+$/, { error: 'printable characters without spaces' });

/** What each paid provider is reached by. One is used once its key is set; its models are offered from then on. */
export const providerSettings = {
  kieApiKey: optional('KIE_API_KEY', 'The key of KIE.ai. Unset: none of its models are offered.', key, {
    secret: true,
  }),
  kieBaseUrl: setting('KIE_BASE_URL', "KIE's API.", serviceUrl, 'https://api.kie.ai'),
  kieUploadUrl: setting(
    'KIE_UPLOAD_URL',
    'Where KIE takes input files.',
    serviceUrl,
    'https://kieai.redpandaai.co',
  ),
  kieWebhookKey: optional(
    'KIE_WEBHOOK_KEY',
    "The key that KIE's callbacks are signed with, where that is switched on in its settings.",
    key,
    { secret: true },
  ),
  kieUsdPerCredit: setting(
    'KIE_USD_PER_CREDIT',
    "What one of KIE's credits costs, in dollars.",
    decimal(0, 1_000),
    0.005,
  ),
  falKey: optional('FAL_KEY', 'The key of fal. Unset: none of its models are offered.', key, {
    secret: true,
  }),
  falAdminKey: optional(
    'FAL_ADMIN_KEY',
    'A key of scope ADMIN, which alone may see the balance. Unset: the balance is not watched.',
    key,
    { secret: true },
  ),
  falQueueUrl: setting('FAL_QUEUE_URL', "fal's queue.", serviceUrl, 'https://queue.fal.run'),
  falRestUrl: setting('FAL_REST_URL', "fal's store of files.", serviceUrl, 'https://rest.fal.ai'),
  falApiUrl: setting('FAL_API_URL', "fal's lists, prices and balance.", serviceUrl, 'https://api.fal.ai'),
  falJwksUrl: optional('FAL_JWKS_URL', "The keys that fal's callbacks are signed with.", serviceUrl, {
    fallbackText: 'FAL_REST_URL/.well-known/jwks.json',
  }),
  falListIsComplete: setting(
    'FAL_LIST_IS_COMPLETE',
    "Whether fal's list of requests was seen to show unfinished ones: only then does absence from it prove anything.",
    yesOrNo,
    false,
  ),
  replicateApiToken: optional(
    'REPLICATE_API_TOKEN',
    'The token of Replicate. Unset: none of its models are offered.',
    key,
    { secret: true },
  ),
  replicateBaseUrl: setting(
    'REPLICATE_BASE_URL',
    "Replicate's API.",
    serviceUrl,
    'https://api.replicate.com',
  ),
  replicateWebhookSecret: optional(
    'REPLICATE_WEBHOOK_SECRET',
    "The secret that Replicate's callbacks are signed with, whsec_… Unset: Replicate is asked for it.",
    words.regex(/^whsec_[A-Za-z0-9+/=]{16,}$/, { error: 'whsec_ and what follows it' }),
    { secret: true },
  ),
  allowPrivateResults: setting(
    'HOLDFAST_ALLOW_PRIVATE_RESULTS',
    'Speak http to providers and fetch results from this machine and private networks. For emulators alone.',
    yesOrNo,
    false,
  ),
  proxyApiKey: optional(
    'PROXY_API_KEY',
    'The key that is shared with external renderers: they show it, or sign with it, when a task has ended. Unset: there are none.',
    z.string().min(1),
    { secret: true },
  ),
  externalRendererUrl: optional(
    'EXTERNAL_RENDERER_URL',
    'Where tasks are handed to an external renderer, by POST. Unset: it knows of them by another way.',
    serviceUrl,
  ),
  creditsPerUsd: setting(
    'CREDITS_PER_USD',
    "Credits for one dollar of a provider's price, when a model's price is first written.",
    decimal(0.001, 1_000_000),
    100,
  ),
  priceMargin: setting(
    'PRICE_MARGIN',
    "What a provider's price is multiplied by, when a model's price is first written.",
    decimal(0.01, 1_000),
    1.5,
  ),
} as const;

type Keys = keyof typeof providerSettings;
type Checked = {
  readonly [Key in Keys]: (typeof providerSettings)[Key] extends Setting<infer Value> ? Value : never;
};

/** Which addresses a provider's key is sent to. */
const vendors = [
  { key: 'kieApiKey', addresses: ['kieBaseUrl', 'kieUploadUrl'] },
  { key: 'falKey', addresses: ['falQueueUrl', 'falRestUrl', 'falApiUrl'] },
  { key: 'replicateApiToken', addresses: ['replicateBaseUrl'] },
] as const satisfies { key: Keys; addresses: Keys[] }[];

/** What does not go together: a sentence for each. */
export function providerProblems(config: Checked): string[] {
  const problems: string[] = [];
  for (const vendor of vendors) {
    if (config[vendor.key] === undefined) continue;
    const keyName = providerSettings[vendor.key].variable;
    for (const address of vendor.addresses) {
      const { variable, fallback } = providerSettings[address];
      const url = config[address];
      if (!config.allowPrivateResults && url.startsWith('http:')) {
        problems.push(
          `${variable} is ${url}, over which ${keyName} would travel readable: use https, or, for an emulator, set HOLDFAST_ALLOW_PRIVATE_RESULTS=yes.`,
        );
      }
      if (config.allowPrivateResults && url === fallback) {
        problems.push(
          `HOLDFAST_ALLOW_PRIVATE_RESULTS is for emulators, and ${keyName} is set with ${variable} being ${url}: unset HOLDFAST_ALLOW_PRIVATE_RESULTS, or set ${variable} to the emulator's address.`,
        );
      }
    }
  }
  const orphans = [
    ['kieWebhookKey', 'kieApiKey'],
    ['falAdminKey', 'falKey'],
    ['replicateWebhookSecret', 'replicateApiToken'],
  ] as const;
  for (const [part, whole] of orphans) {
    if (config[part] === undefined || config[whole] !== undefined) continue;
    problems.push(
      `${providerSettings[part].variable} is set and ${providerSettings[whole].variable} is not: set both or neither.`,
    );
  }
  return problems;
}
