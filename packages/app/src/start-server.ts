import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Context } from './context.ts';
import type { Config } from './platform/config.ts';
import { HoldfastError } from './platform/errors.ts';
import { createWatcher } from './generations/view/watch.ts';
import type { App, HttpServices } from './http/services.ts';

export interface RunningServer {
  /** Where it listens, on this machine. */
  readonly url: string;
  readonly port: number;
  /** Takes no new requests, ends streams, waits for requests under way. */
  stop(): Promise<void>;
}

const megabyte = 1_048_576;
const stop_seconds = 20;

export interface ServerOptions {
  /** The built web app; where it isn't built, the API alone is served. */
  readonly webDirectory?: string;
  /** Takes Telegram's updates. */
  readonly telegram?: HttpServices['telegram'];
  /** How people find the bot. */
  readonly bot?: HttpServices['bot'];
  /** Adds routes of the caller's own. */
  readonly extend?: (app: App) => void;
}

/** Port 0 is any free one: found before anything is built that must know its own address. */
export async function settlePort(config: Config): Promise<Config> {
  if (config.port !== 0) return config;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject).listen(0, config.host, resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const unset = new URL(config.publicUrl).port === '0';
  return { ...config, port, publicUrl: unset ? `http://127.0.0.1:${port}` : config.publicUrl };
}

/** Serves HTTP from a context. The context stays the caller's, to be closed after the server has stopped. */
export async function startServer(context: Context, options: ServerOptions = {}): Promise<RunningServer> {
  const { config, log } = context;
  // Loaded here: a process that only works has no use for it, and room for better.
  const { createHttpServer } = await import('./http/server.ts');
  const app = await createHttpServer(createServices(context, options), context.metrics, options.extend);
  await listen(app, config);
  const { port } = app.server.address() as AddressInfo;
  const url = `http://${reachable(config.host)}:${port}`;
  log.info({ url, public_url: config.publicUrl }, 'server started');
  // Before the first who signs in would wait for it.
  context.accounts
    .signIn()
    .catch((error: unknown) => log.error({ err: error }, 'sign-in could not be loaded'));
  return {
    url,
    port,
    async stop() {
      const late = setTimeout(() => app.server.closeAllConnections(), stop_seconds * 1_000);
      try {
        await app.close();
      } finally {
        clearTimeout(late);
      }
      log.info('server stopped');
    },
  };
}

async function listen(app: App, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const sentence = listenProblems[(error as NodeJS.ErrnoException).code ?? ''];
    if (!sentence) throw error;
    throw new HoldfastError('cannot_listen', sentence(host, port), { host, port }, { cause: error });
  }
}

const listenProblems: Record<string, ((host: string, port: number) => string) | undefined> = {
  EADDRINUSE: (_host, port) => `Port ${port} is in use: set PORT to another one, or stop what uses it.`,
  EACCES: (_host, port) => `Port ${port} may not be used by this user: set PORT to one above 1023.`,
  EADDRNOTAVAIL: (host) => `This machine has no address ${host}: correct HOST.`,
  ENOTFOUND: (host) => `There is no address ${host}: correct HOST.`,
};

/** Where this machine itself reaches what listens there. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function createServices(context: Context, options: ServerOptions): HttpServices {
  const { config } = context;
  const built = options.webDirectory ?? join(import.meta.dirname, '../../web/dist');
  return {
    db: context.db,
    log: context.log,
    accounts: context.accounts,
    credits: context.credits,
    payments: context.payments,
    delivery: context.delivery,
    generations: context.generations,
    watcher: createWatcher(context.generations),
    metrics: context.metrics.registry,
    readiness: createReadiness(context),
    telegram: options.telegram ?? null,
    bot: options.bot ?? null,
    settings: {
      publicUrl: config.publicUrl,
      trustedProxies: config.trustedProxies,
      requestsPerMinutePerAddress: config.requestsPerMinute,
      writesPerMinutePerPerson: config.writesPerMinute,
      maxBodyBytes: megabyte,
      maxUploadBytes: 25 * megabyte,
      callbackKey: config.proxyApiKey ?? null,
      metricsToken: config.metricsToken ?? null,
      pricingUrl: `${config.publicUrl}/pricing`,
      webhooksAllowPrivate: config.webhooksAllowPrivate,
      telegram: config.telegramBotToken !== undefined,
      localMail: config.smtpUrl === undefined,
      webDirectory: existsSync(built) ? built : null,
    },
  };
}

/** Asked often and by anyone, so the answer is kept for a few seconds. */
function createReadiness(context: Context): () => Promise<string | null> {
  let last: { at: number; answer: Promise<string | null> } | null = null;
  return () => {
    const now = Date.now();
    if (last === null || now - last.at > 3_000) last = { at: now, answer: checkReadiness(context) };
    return last.answer;
  };
}

async function checkReadiness({ db, delivery, log }: Context): Promise<string | null> {
  try {
    await db.query('select from holdfast.migration limit 1');
  } catch (error) {
    log.warn({ err: error }, 'not ready: the database');
    return 'The database can not be reached, or it is not migrated.';
  }
  try {
    // Stored by its content: however often, it is one small file.
    await delivery.storage.put(Readable.from([Buffer.from('holdfast is ready\n')]), { maxBytes: 100 });
  } catch (error) {
    log.warn({ err: error }, 'not ready: the storage');
    return 'Files can not be stored.';
  }
  return null;
}
