import { createLedger } from '@holdfast/ledger';
import { logChannel, mailChannel } from './alerts/channels.ts';
import type { AlertServices } from './alerts/deps.ts';
import { webhookChannel } from './alerts/webhook.ts';
import type { AccountDeps, AccountServices } from './accounts/deps.ts';
import type { SignIn } from './accounts/sign-in.ts';
import { grantSignUpCredits } from './credits/commands.ts';
import type { CreditDeps } from './credits/deps.ts';
import type { DeliveryDeps } from './delivery/deps.ts';
import { createLinks } from './delivery/links.ts';
import { createLocalMailer } from './delivery/mail/local-mailbox.ts';
import type { Mailer } from './delivery/mail/port.ts';
import { createSignInMails } from './delivery/mail/sign-in-mails.ts';
import { createSmtpMailer } from './delivery/mail/smtp.ts';
import { createCompletionInbox } from './generations/callbacks/completions.ts';
import type { GenerationDeps } from './generations/deps.ts';
import { configuredStorage } from './configured-storage.ts';
import { configuredModeration } from './configured-moderation.ts';
import { configuredPayments } from './configured-payments.ts';
import { createEstimateNotes } from './generations/estimate/note-estimates.ts';
import { createMetrics } from './http/metrics.ts';
import type { Metrics } from './http/metrics.ts';
import { trustedOrigins } from './http/origins.ts';
import type { PaymentDeps } from './payments/deps.ts';
import { systemClock } from './platform/clock.ts';
import type { Clock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { createDatabase } from './platform/database.ts';
import type { Database } from './platform/database.ts';
import type { Logger } from './platform/logger.ts';
import { serverSecret } from './platform/server-secret.ts';
import { createExternalProvider } from './providers/external/adapter.ts';
import type { Provider } from './providers/port.ts';
import { createRegistry } from './providers/registry.ts';
import { startQueue } from './worker/queue.ts';
import type { Queue } from './worker/queue.ts';

/** Everything that a process of Holdfast works with, put together once. */
export interface Context {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly db: Database;
  readonly accounts: AccountServices;
  readonly alerts: AlertServices;
  readonly credits: CreditDeps;
  readonly payments: PaymentDeps;
  readonly delivery: DeliveryDeps;
  readonly generations: GenerationDeps;
  readonly metrics: Metrics;
  readonly mailer: Mailer;
  /** Waits for what goes on in the background, then gives everything back. Last of all. */
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly config: Config;
  /** The application's login. The database is migrated already. */
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly providers: readonly Provider[];
  readonly clock?: Clock;
  /** Wakes workers. Unset: through the queue in Postgres. */
  readonly queue?: Queue;
  readonly applicationName?: string;
}

const link_lifetime_seconds = 24 * 3_600;
const session_days = 30;
const expiring_days = 30;

/** config -> database -> ledger -> credits, accounts, delivery, generations. Starts nothing that serves or works. */
export async function createContext(options: ContextOptions): Promise<Context> {
  const { config, log, databaseUrl, clock = systemClock } = options;
  const db = createDatabase({
    url: databaseUrl,
    applicationName: options.applicationName ?? 'holdfast',
    log,
    max: 20,
  });
  const background = createBackground(log);
  try {
    const secret = await serverSecret(db, config.secret);
    const metrics = createMetrics(db);
    const credits = createCredits(db, log, config);
    const mailer = createMailer(config, db, log);
    const alerts = createAlerts(config, db, log, mailer);
    const payments = await configuredPayments(config, { db, log, credits, mailer });
    const accounts = createAccounts({
      db,
      log,
      config,
      secret,
      credits,
      mailer,
      providers: options.providers,
      background,
    });
    const links = createLinks({
      publicUrl: config.publicUrl,
      secret,
      clock,
      lifetimeSeconds: link_lifetime_seconds,
    });
    const storage = configuredStorage(config);
    const { retentionDays } = config;
    const delivery: DeliveryDeps = { db, storage, links, log, retentionDays };
    const queue = options.queue ?? (await startQueue({ databaseUrl, log }));
    const moderation = configuredModeration(config, log);
    const working: GenerationDeps = {
      db,
      ...(moderation === undefined ? {} : { moderation }),
      credits,
      delivery,
      providers: createRegistry([...options.providers, ...externalProviders(config, db)]),
      wake: queue,
      metrics: metrics.generations,
      log,
      settings: {
        quoteLifetimeSeconds: config.quoteLifetimeSeconds,
        cooldownSeconds: config.generationCooldownSeconds,
        maxActivePerPerson: config.maxActivePerPerson,
        maxRunningPerPerson: config.maxRunningPerPerson,
        postpaidDebtLimit: config.postpaidDebtLimit,
        publicUrl: config.publicUrl,
      },
    };
    const estimates = createEstimateNotes(working);
    const generations: GenerationDeps = { ...working, estimates };
    const close = async () => {
      await background.settle();
      await estimates.stop();
      await queue.stop();
      await mailer.close();
      await db.end();
    };
    return {
      config,
      databaseUrl,
      log,
      db,
      accounts,
      alerts,
      mailer,
      credits,
      payments,
      delivery,
      generations,
      metrics,
      close,
    };
  } catch (error) {
    await db.end();
    throw error;
  }
}

/** The operator's own renderer elsewhere, once there is a key to know it by. */
function externalProviders(config: Config, db: Database): Provider[] {
  if (config.proxyApiKey === undefined) return [];
  return [
    createExternalProvider({
      completions: createCompletionInbox(db),
      renderUrl: config.externalRendererUrl ?? null,
      key: config.proxyApiKey,
      callbackUrl: `${config.publicUrl}/api/callbacks/completion`,
      allowPrivateAddresses: config.allowPrivateResults,
    }),
  ];
}

function createCredits(db: Database, log: Logger, config: Config): CreditDeps {
  return {
    db,
    log,
    ledger: createLedger(db, { prepare: true }),
    settings: {
      signUpCredits: config.signUpCredits,
      expiryMonths: config.creditExpiryMonths,
      expiringDays: expiring_days,
    },
  };
}

function createMailer(config: Config, db: Database, log: Logger): Mailer {
  if (config.smtpUrl === undefined) return createLocalMailer({ db, log });
  return createSmtpMailer({ url: config.smtpUrl, from: config.mailFrom, log });
}

function createAlerts(config: Config, db: Database, log: Logger, mailer: Mailer): AlertServices {
  const { alertMail, alertWebhookUrl: url, alertWebhookSecret: secret } = config;
  return {
    db,
    log,
    publicUrl: config.publicUrl,
    channels: [
      logChannel(log),
      ...alertMail.map((to) => mailChannel(mailer, to)),
      ...(url === undefined ? [] : [webhookChannel({ url, secret })]),
    ],
  };
}

function createAccounts(parts: {
  db: Database;
  log: Logger;
  config: Config;
  secret: string;
  credits: CreditDeps;
  mailer: Mailer;
  providers: readonly Provider[];
  background: Background;
}): AccountServices {
  const { config, credits } = parts;
  const wanted = config.signUpCreditsRequireVerifiedEmail;
  const paid = parts.providers.some(({ capabilities }) => capabilities.paid);
  const deps: AccountDeps = {
    db: parts.db,
    log: parts.log,
    settings: {
      publicUrl: config.publicUrl,
      secret: parts.secret,
      // What costs the operator money is not given to whoever invents an address.
      signUpCreditsNeedVerifiedEmail: wanted === 'auto' ? paid : wanted,
      sessionDays: session_days,
    },
    welcome: (personId) => grantSignUpCredits(credits, personId),
  };
  let signIn: Promise<SignIn> | null = null;
  const load = async (): Promise<SignIn> => {
    const { createSignIn } = await import('./accounts/sign-in.ts');
    return createSignIn(deps, {
      mails: createSignInMails(parts.mailer),
      trustedOrigins: trustedOrigins(config.publicUrl),
      inBackground: (work) => parts.background.add(work),
    });
  };
  return { ...deps, signIn: () => (signIn ??= load()) };
}

interface Background {
  add(work: Promise<unknown>): void;
  settle(): Promise<void>;
}

/** Work that goes on after its answer was sent. Its failures are logged; a stop waits for it. */
function createBackground(log: Logger): Background {
  const running = new Set<Promise<unknown>>();
  return {
    add(work) {
      const watched = work
        .catch((error: unknown) => log.error({ err: error }, 'work in the background failed'))
        .finally(() => running.delete(watched));
      running.add(watched);
    },
    async settle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
