import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { vi } from 'vitest';
import { HoldfastClient } from '@holdfast/client';
import { ensureWebBuilt } from '@holdfast/web/build';
import { createContext } from '../../../src/context.ts';
import type { Context } from '../../../src/context.ts';
import { grantCredits } from '../../../src/credits/commands.ts';
import { seedCatalogue } from '../../../src/generations/catalogue/seed.ts';
import { studioModels } from '../../../src/generations/catalogue/models/studio.ts';
import { readConfig } from '../../../src/platform/config.ts';
import { createStudioProvider } from '../../../src/providers/studio/adapter.ts';
import { settlePort, startServer } from '../../../src/start-server.ts';
import { startWorker } from '../../../src/worker/worker.ts';
import type { Worker } from '../../../src/worker/worker.ts';
import { scriptedModel } from '../../generations/pipeline.ts';
import { createScriptedProvider } from '../../providers/scripted/provider.ts';
import { startScriptedService } from '../../providers/scripted/server.ts';
import type { ScriptedService } from '../../providers/scripted/server.ts';
import { createWorld } from '../../support/world.ts';
import type { World } from '../../support/world.ts';
import { launchBrowser } from './browser.ts';

/** The whole product, served and worked by this process on a database of its own, and a browser to look at it. */
export interface BrowserWorld {
  readonly world: World;
  readonly context: Context;
  readonly browser: Browser;
  readonly url: string;
  /** A provider that does what the test says, behind the model `scripted-video`. */
  readonly scripted: ScriptedService;
  /** Nothing is worked on until this is called. */
  work(): Promise<void>;
  /** A person with an account, credits as asked for, and a browser context in which they are signed in. */
  person(options?: PersonOptions): Promise<BrowserPerson>;
  close(): Promise<void>;
}

export interface PersonOptions {
  readonly credits?: bigint;
  readonly browser?: BrowserContextOptions;
}

export interface BrowserPerson {
  readonly id: string;
  readonly email: string;
  readonly client: HoldfastClient;
  readonly context: BrowserContext;
  readonly page: Page;
}

export const password = 'correct horse battery staple';
/** What a page may take to show what it should, also on a machine that is busy with other things. */
export const patience_ms = 60_000;
vi.setConfig({ testTimeout: 150_000, hookTimeout: 150_000 });

export async function createBrowserWorld(options: {
  /** What the scripted provider delivers. */
  film: Buffer;
  poster: Buffer;
  env?: Record<string, string>;
}): Promise<BrowserWorld> {
  const { dist } = await ensureWebBuilt();
  const world = await createWorld();
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-browser-'));
  const scripted = await startScriptedService({ file: options.film, poster: options.poster, polls: 2 });
  const config = await settlePort(
    readConfig({
      PORT: '0',
      HOLDFAST_DATA_DIR: directory,
      WRITES_PER_MINUTE: '1000000',
      REQUESTS_PER_MINUTE: '1000000',
      SIGNUP_CREDITS_REQUIRE_VERIFIED_EMAIL: 'no',
      ...options.env,
    }),
  );
  const context = await createContext({
    config,
    databaseUrl: world.appUrl,
    log: world.log,
    clock: world.clock,
    providers: [
      createStudioProvider({ workDirectory: join(directory, 'studio'), concurrency: 1 }),
      createScriptedProvider({ url: scripted.url }),
    ],
  });
  await seedCatalogue(world.db, [
    ...studioModels.map((model) => ({ model, creditsPerUnit: startPrices[model.id] ?? 10n })),
    { model: scriptedModel, creditsPerUnit: 10n },
  ]);
  const server = await startServer(context, { webDirectory: dist });
  const browser = await launchBrowser();
  let worker: Worker | null = null;

  return {
    world,
    context,
    browser,
    scripted,
    url: config.publicUrl,
    async work() {
      worker ??= await startWorker(context.generations, { databaseUrl: world.appUrl, sweepMs: 200 });
    },
    person: (wanted = {}) => createPerson({ context, browser, url: config.publicUrl }, wanted),
    async close() {
      await browser.close();
      await worker?.stop();
      await server.stop();
      await context.close();
      await scripted.close();
      await world.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const startPrices: Record<string, bigint> = { 'studio-standard': 10n, 'studio-pro': 14n, 'studio-image': 5n };
let people = 0;

async function createPerson(
  parts: { context: Context; browser: Browser; url: string },
  wanted: PersonOptions,
): Promise<BrowserPerson> {
  people += 1;
  const email = `ada${people}@example.com`;
  const context = await parts.browser.newContext({ baseURL: parts.url, locale: 'en-GB', ...wanted.browser });
  context.setDefaultTimeout(patience_ms);
  const headers = { origin: parts.url };
  const signedUp = await context.request.post('/api/auth/sign-up/email', {
    headers,
    data: { name: 'Ada Byron', email, password },
  });
  if (!signedUp.ok()) throw new Error(`sign-up answered ${signedUp.status()}: ${await signedUp.text()}`);
  const made = await context.request.post('/api/keys', {
    headers: { ...headers, 'idempotency-key': `key-${people}` },
    data: { name: 'for the test' },
  });
  const { key } = (await made.json()) as { key: string };
  const client = new HoldfastClient({ baseUrl: parts.url, apiKey: key });
  const { id } = await client.me();
  if (wanted.credits) {
    await grantCredits(parts.context.credits, {
      personId: id,
      key: 'test',
      amount: wanted.credits,
      source: 'support',
      reason: 'for a test',
    });
  }
  return { id, email, client, context, page: await context.newPage() };
}
