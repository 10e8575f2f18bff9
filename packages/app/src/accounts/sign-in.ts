import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { PostgresDialect } from 'kysely';
import { newId } from '../platform/ids.ts';
import { insertPerson } from './queries.ts';
import { settlePerson } from './commands.ts';
import type { AccountDeps } from './deps.ts';
import { passwordMaxLength, passwordMinLength, passwordWeakness } from './rules.ts';
import { addressHeader, authPath, cookiePrefix, isHttps } from './sign-in-names.ts';

export type SignIn = ReturnType<typeof createSignIn>;

/** What sign-in asks of the rest, when it has something to tell a person. */
export interface SignInMails {
  verifyAddress(to: { email: string; name: string }, link: string): Promise<void>;
  resetPassword(to: { email: string; name: string }, link: string): Promise<void>;
  passwordChanged(to: { email: string; name: string }): Promise<void>;
}

export interface SignInOptions {
  readonly mails: SignInMails;
  /** Further origins whose pages may sign in here. */
  readonly trustedOrigins: readonly string[];
  /** Takes work that goes on after the answer (so that the time of an answer tells nothing); awaited at the end. */
  readonly inBackground: (work: Promise<unknown>) => void;
}

const day_seconds = 86_400;

/** Sign-up, sign-in, sessions, mail verification, password reset and API keys, with the tables of schema `auth`. */
export function createSignIn(deps: AccountDeps, options: SignInOptions) {
  const { settings, log } = deps;
  return betterAuth({
    ...signInTables(deps),
    appName: 'Holdfast',
    baseURL: settings.publicUrl,
    basePath: authPath,
    secret: settings.secret,
    trustedOrigins: [...options.trustedOrigins],
    emailAndPassword: {
      enabled: true,
      minPasswordLength: passwordMinLength,
      maxPasswordLength: passwordMaxLength,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: 3_600,
      sendResetPassword: ({ user, url }) => options.mails.resetPassword(user, url),
      onPasswordReset: ({ user }) => options.mails.passwordChanged(user),
    },
    emailVerification: {
      sendOnSignUp: true,
      expiresIn: day_seconds,
      sendVerificationEmail: ({ user, url }) => options.mails.verifyAddress(user, url),
      afterEmailVerification: (user) => settlePerson(deps, user.id),
    },
    session: {
      ...sessionTable,
      expiresIn: settings.sessionDays * day_seconds,
      updateAge: day_seconds,
    },
    databaseHooks: {
      user: { create: { after: (user) => insertPerson(deps.db, user) } },
      session: { create: { after: (session) => settlePerson(deps, session.userId) } },
    },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        const body = context.body as
          | { password?: unknown; newPassword?: unknown; email?: unknown }
          | undefined;
        const password = context.path === '/sign-up/email' ? body?.password : body?.newPassword;
        if (typeof password !== 'string') return;
        const weakness = passwordWeakness(password, typeof body?.email === 'string' ? body.email : '');
        if (weakness) {
          throw new APIError('BAD_REQUEST', {
            code: 'PASSWORD_TOO_WEAK',
            message: `Choose another password. ${weakness}`,
          });
        }
      }),
    },
    advanced: {
      // Said, as the library leaves both out where it takes itself to be tested.
      disableCSRFCheck: false,
      disableOriginCheck: false,
      cookiePrefix,
      useSecureCookies: isHttps(settings.publicUrl),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      ipAddress: { ipAddressHeaders: [addressHeader] },
      database: { generateId: ({ model }) => newId(idPrefixes[model] ?? 'aut') },
      backgroundTasks: { handler: options.inBackground },
    },
    // Requests are counted by the door, for all its routes and over all servers.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // Keys have doors of their own, which know scopes and idempotency.
    disabledPaths: ['create', 'list', 'get', 'update', 'delete'].map((door) => `/api-key/${door}`),
    onAPIError: {
      onError: (error) => {
        // Refusals are answers; anything else is a fault.
        if (!(error instanceof APIError) || error.statusCode >= 500)
          log.error({ err: error }, 'sign-in failed');
      },
    },
    logger: {
      level: 'warn',
      log: (level, message, ...facts) =>
        log[level]({ facts: facts.filter((fact) => fact instanceof Error) }, message),
    },
  });
}

const idPrefixes: Record<string, string> = {
  user: 'per',
  session: 'ses',
  account: 'cre',
  verification: 'ver',
  apikey: 'key',
};

const times = { createdAt: 'created_at', updatedAt: 'updated_at' };

const sessionTable = {
  modelName: 'session',
  fields: {
    ...times,
    expiresAt: 'expires_at',
    ipAddress: 'ip_address',
    userAgent: 'user_agent',
    userId: 'user_id',
  },
};

/** How the library's models are written in the database. Also what a test asks the library about: does it miss anything? */
export function signInTables(deps: Pick<AccountDeps, 'db'>) {
  return {
    database: {
      dialect: new PostgresDialect({ pool: deps.db }),
      type: 'postgres' as const,
      schemaName: 'auth',
      transaction: true,
    },
    user: { modelName: 'identity', fields: { ...times, emailVerified: 'email_verified' } },
    session: sessionTable,
    account: {
      modelName: 'credential',
      fields: {
        ...times,
        accountId: 'account_id',
        providerId: 'provider_id',
        userId: 'user_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
      },
    },
    verification: {
      fields: { ...times, expiresAt: 'expires_at' },
      // A reset link is a password for an hour: kept as a hash.
      storeIdentifier: 'hashed' as const,
    },
    plugins: [
      apiKey(
        {
          defaultPrefix: 'hf_',
          defaultKeyLength: 43,
          startingCharactersConfig: { shouldStore: true, charactersLength: 9 },
          requireName: true,
          // Its default is ten requests a day. Requests are counted by the door.
          rateLimit: { enabled: false },
          keyExpiration: { minExpiresIn: 1, maxExpiresIn: 365 },
        },
        {
          schema: {
            apikey: {
              modelName: 'api_key',
              fields: {
                ...times,
                configId: 'config_id',
                referenceId: 'reference_id',
                refillInterval: 'refill_interval',
                refillAmount: 'refill_amount',
                lastRefillAt: 'last_refill_at',
                rateLimitEnabled: 'rate_limit_enabled',
                rateLimitTimeWindow: 'rate_limit_time_window',
                rateLimitMax: 'rate_limit_max',
                requestCount: 'request_count',
                lastRequest: 'last_request',
                expiresAt: 'expires_at',
              },
            },
          },
        },
      ),
    ],
  };
}
