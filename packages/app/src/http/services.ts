import type { FastifyInstance, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import type { AccountServices } from '../accounts/deps.ts';
import type { Identity } from '../accounts/identify.ts';
import type { CreditDeps } from '../credits/deps.ts';
import type { DeliveryDeps } from '../delivery/deps.ts';
import type { GenerationDeps } from '../generations/deps.ts';
import type { Watcher } from '../generations/view/watch.ts';
import type { PaymentDeps } from '../payments/deps.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';

/** What the routes call. Built once by the composition root. */
export interface HttpServices {
  readonly db: Database;
  readonly log: Logger;
  readonly accounts: AccountServices;
  readonly credits: CreditDeps;
  readonly payments: PaymentDeps;
  readonly delivery: DeliveryDeps;
  readonly generations: GenerationDeps;
  readonly watcher: Watcher;
  readonly metrics: Registry;
  /** Takes what Telegram calls with; false where the secret is wrong. Null: there is no bot, or it is not called. */
  readonly telegram: ((secret: string, update: unknown) => Promise<boolean>) | null;
  /** How the bot is found in Telegram; null where there is none, or it can't be known just now. */
  readonly bot: (() => Promise<{ username: string; url: string | null } | null>) | null;
  readonly settings: HttpSettings;
  /** Throws, or says in one sentence why this server should get no requests now; null when all is well. */
  readonly readiness: () => Promise<string | null>;
}

export interface HttpSettings {
  /** How people reach this server, without a trailing slash. */
  readonly publicUrl: string;
  /** Addresses or networks whose `X-Forwarded-For` is believed. None: nobody's. */
  readonly trustedProxies: readonly string[];
  /** 0 is no limit. */
  readonly requestsPerMinutePerAddress: number;
  /** 0 is no limit. */
  readonly writesPerMinutePerPerson: number;
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
  /** Who shows it may read `/metrics`; null: loopback alone. */
  readonly metricsToken: string | null;
  readonly pricingUrl: string;
  /** Whether there is a bot. */
  readonly telegram: boolean;
  /** Whether people's webhooks may lie inside this network. */
  readonly webhooksAllowPrivate: boolean;
  /** What external renderers show or sign with; null: none are expected. */
  readonly callbackKey: string | null;
  /** Where mails are read on a local page while no SMTP server is set. */
  readonly localMail: boolean;
  /** The built web app; null: the API alone. */
  readonly webDirectory: string | null;
}

export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger, ZodTypeProvider>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Set on routes that need someone. */
    identity: Identity | null;
    /** Set while this request holds its Idempotency-Key. */
    claimedKey: string | null;
    startedAt: number;
  }

  interface FastifyContextConfig {
    /** Who may call it: anyone; or a person, by session or by a key with this scope; or by session alone. */
    access?: 'public' | 'read' | 'write' | 'session';
    /**
     * How an Idempotency-Key is kept. `answer` (every write, unless told): the first successful answer is kept here. `own`: the route does it.
     */
    idempotency?: 'answer' | 'own';
  }
}
