import { expect, test } from 'vitest';
import { configuredProviders } from '../../src/configured-providers.ts';
import { ConfigError, describeSettings, readConfig } from '../../src/platform/config.ts';

function problemsOf(env: Record<string, string>): unknown {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.data.problems;
    throw error;
  }
  return [];
}

test('without any variable everything has a value, and paths are absolute', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    port: 8000,
    host: '127.0.0.1',
    publicUrl: 'http://127.0.0.1:8000',
    signUpCredits: 100n,
    creditsPerSecondStandard: 10n,
    creditsPerSecondPro: 14n,
    creditExpiryMonths: 6,
    generationCooldownSeconds: 0,
    signUpCreditsRequireVerifiedEmail: 'auto',
    writesPerMinute: 60,
    requestsPerMinute: 120,
    trustedProxies: [],
  });
  expect(config.storageDirectory).toBe(`${process.cwd()}/.holdfast/storage`);
  expect(config.databaseUrl).toBeUndefined();
});

test('values are read as what they mean; an empty one counts as unset', () => {
  expect(
    readConfig({
      PORT: '',
      PUBLIC_URL: 'https://video.example.com/',
      TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,::1',
      SIGNUP_CREDITS_REQUIRE_VERIFIED_EMAIL: 'yes',
      DEFAULT_USER_CREDITS: '0',
      HOLDFAST_DATA_DIR: '/data',
    }),
  ).toMatchObject({
    port: 8000,
    publicUrl: 'https://video.example.com',
    trustedProxies: ['loopback', '10.0.0.0/8', '::1'],
    signUpCreditsRequireVerifiedEmail: true,
    signUpCredits: 0n,
    storageDirectory: '/data/storage',
  });
});

test.each([
  [
    'PORT',
    '80000',
    'PORT must be a whole number from 0 to 65535, and "80000" isn\'t: correct it or unset it.',
  ],
  ['PORT', 'NaN', 'PORT must be a whole number from 0 to 65535, and "NaN" isn\'t: correct it or unset it.'],
  [
    'DEFAULT_USER_CREDITS',
    '-1',
    'DEFAULT_USER_CREDITS must be a whole number of credits from 0 to 1000000000, and "-1" isn\'t: correct it or unset it.',
  ],
  [
    'CREDITS_PER_SECOND_PRO',
    '1e3',
    'CREDITS_PER_SECOND_PRO must be a whole number of credits from 1 to 1000000000, and "1e3" isn\'t: correct it or unset it.',
  ],
  [
    'PUBLIC_URL',
    'https://a.example/path',
    'PUBLIC_URL must be an address without a path, such as https://video.example.com, and "https://a.example/path" isn\'t: correct it or unset it.',
  ],
  [
    'TRUSTED_PROXIES',
    '10.0.0.0/33',
    'TRUSTED_PROXIES must be a list of addresses or networks with commas between, such as 10.0.0.1,192.168.0.0/16 or loopback, and "10.0.0.0/33" isn\'t: correct it or unset it.',
  ],
  [
    'LOG_LEVEL',
    'loud',
    'LOG_LEVEL must be fatal, error, warn, info, debug, trace or silent, and "loud" isn\'t: correct it or unset it.',
  ],
  [
    'HOLDFAST_SECRET',
    'hunter2',
    "HOLDFAST_SECRET must be at least 32 characters, and its value isn't: correct it or unset it.",
  ],
  [
    'DATABASE_URL',
    'mysql://root:hunter2@db',
    "DATABASE_URL must be an address such as postgres://user:password@host:5432/database, and its value isn't: correct it or unset it.",
  ],
  [
    'HOLDFAST_DATADIR',
    'x',
    "HOLDFAST_DATADIR is not a setting of Holdfast's: did you mean HOLDFAST_DATA_DIR?",
  ],
  [
    'HOLDFAST_FLAVOUR',
    'x',
    'HOLDFAST_FLAVOUR is not a setting of Holdfast\'s: unset it ("holdfast config" lists all).',
  ],
])('%s=%s is refused in one sentence', (name, value, sentence) => {
  expect(problemsOf({ [name]: value })).toEqual([sentence]);
});

test('all problems are named at once', () => {
  expect(problemsOf({ PORT: 'x', WRITES_PER_MINUTE: '0', HOLDFAST_X: '1' })).toHaveLength(3);
});

test('the list of settings names every variable once and never shows a secret', () => {
  const lines = describeSettings({ HOLDFAST_SECRET: 'x'.repeat(40), PORT: '1' });
  expect(new Set(lines.map(({ variable }) => variable)).size).toBe(lines.length);
  expect(lines.find(({ variable }) => variable === 'HOLDFAST_SECRET')).toMatchObject({ value: '(set)' });
  expect(lines.find(({ variable }) => variable === 'PORT')).toMatchObject({ value: '1', fallback: '8000' });
});

test("a provider's key goes nowhere readable, and results of a real one are never fetched from private networks", () => {
  const local = { KIE_API_KEY: 'emulated-key', KIE_BASE_URL: 'http://127.0.0.1:4701' };
  expect(problemsOf(local)).toEqual([
    'KIE_BASE_URL is http://127.0.0.1:4701, over which KIE_API_KEY would travel readable: use https, or, for an emulator, set HOLDFAST_ALLOW_PRIVATE_RESULTS=yes.',
  ]);
  expect(problemsOf({ ...local, HOLDFAST_ALLOW_PRIVATE_RESULTS: 'yes' })).toEqual([
    "HOLDFAST_ALLOW_PRIVATE_RESULTS is for emulators, and KIE_API_KEY is set with KIE_UPLOAD_URL being https://kieai.redpandaai.co: unset HOLDFAST_ALLOW_PRIVATE_RESULTS, or set KIE_UPLOAD_URL to the emulator's address.",
  ]);
  const whole = {
    ...local,
    KIE_UPLOAD_URL: 'http://127.0.0.1:4701/',
    HOLDFAST_ALLOW_PRIVATE_RESULTS: 'yes',
  };
  expect(readConfig(whole).kieUploadUrl).toBe('http://127.0.0.1:4701');
  expect(problemsOf({ FAL_ADMIN_KEY: 'an-admin-key' })).toEqual([
    'FAL_ADMIN_KEY is set and FAL_KEY is not: set both or neither.',
  ]);
  expect(problemsOf({ REPLICATE_WEBHOOK_SECRET: 'nonsense', REPLICATE_API_TOKEN: 'r8_12345678' })).toEqual([
    "REPLICATE_WEBHOOK_SECRET must be whsec_ and what follows it, and its value isn't: correct it or unset it.",
  ]);
  expect(problemsOf({ CREDITS_PER_USD: '0' })).toHaveLength(1);
});

test("fal's keys are where its store is, unless told", () => {
  expect(readConfig({}).falJwksUrl).toBe('https://rest.fal.ai/.well-known/jwks.json');
  expect(readConfig({ FAL_REST_URL: 'https://fal.example.com/' }).falJwksUrl).toBe(
    'https://fal.example.com/.well-known/jwks.json',
  );
});

test('a provider is there once its key is', () => {
  const named = (env: Record<string, string>) => configuredProviders(readConfig(env)).map(({ id }) => id);
  expect(named({})).toEqual(['studio']);
  expect(
    named({ KIE_API_KEY: 'kie-12345', FAL_KEY: 'id:secret12', REPLICATE_API_TOKEN: 'r8_12345678' }),
  ).toEqual(['studio', 'kie', 'fal', 'replicate']);
});
