import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldfastClient } from '@holdfast/client';
import { createContext } from '../../src/context.ts';
import type { Context } from '../../src/context.ts';
import { grantCredits } from '../../src/credits/commands.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { studioModels } from '../../src/generations/catalogue/models/studio.ts';
import type { App } from '../../src/http/services.ts';
import { readConfig } from '../../src/platform/config.ts';
import type { Environment } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import type { LogLevel } from '../../src/platform/logger.ts';
import type { Provider } from '../../src/providers/port.ts';
import { settlePort, startServer } from '../../src/start-server.ts';
import { idleProvider } from './idle-provider.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

export interface HttpWorld {
  readonly world: World;
  readonly context: Context;
  readonly url: string;
  /** One request, as it is. */
  ask(method: string, path: string, options?: AskOptions): Promise<Response>;
  signUp(options?: { credits?: bigint }): Promise<TestPerson>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly as?: TestPerson;
  readonly key?: string;
  readonly json?: unknown;
  readonly body?: FormData | string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

export interface TestPerson {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly cookie: string;
  readonly apiKey: string;
  readonly client: HoldfastClient;
}

export interface HttpWorldOptions {
  readonly env?: Environment;
  readonly webDirectory?: string;
  readonly extend?: (app: App) => void;
  /** Beside the renderer that nobody asks. */
  readonly providers?: readonly Provider[];
}

export const password = 'correct horse battery staple';
let people = 0;

const send: typeof fetch = (input, init) => fetch(input, init);

/** A server of its own, listening, over a database of its own. Nothing works generations. */
export async function createHttpWorld(options: HttpWorldOptions = {}): Promise<HttpWorld> {
  const world = await createWorld();
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-http-'));
  const config = await settlePort(
    readConfig({
      PORT: '0',
      HOLDFAST_DATA_DIR: directory,
      WRITES_PER_MINUTE: '1000000',
      REQUESTS_PER_MINUTE: '1000000',
      ...options.env,
    }),
  );
  const context = await createContext({
    config,
    databaseUrl: world.appUrl,
    log: createLogger({ level: (process.env['TEST_LOG_LEVEL'] ?? 'silent') as LogLevel }),
    clock: world.clock,
    providers: [idleProvider('studio'), ...(options.providers ?? [])],
    queue: { queued: () => undefined, step: () => undefined, stop: async () => undefined },
  });
  await seedCatalogue(
    world.db,
    studioModels.map((model) => ({ model, creditsPerUnit: model.id === 'studio-pro' ? 14n : 10n })),
  );
  const server = await startServer(context, options);
  const url = server.url;

  const ask: HttpWorld['ask'] = (method, path, { as, key, json, body, headers } = {}) =>
    send(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(as ? { authorization: `Bearer ${as.apiKey}` } : {}),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? body : JSON.stringify(json),
    });

  return {
    world,
    context,
    url,
    ask,
    async signUp({ credits } = {}) {
      people += 1;
      const email = `person${people}@example.com`;
      const signedUp = await ask('POST', '/api/auth/sign-up/email', {
        json: { name: 'Ada', email, password },
      });
      if (!signedUp.ok) throw new Error(`sign-up answered ${signedUp.status}: ${await signedUp.text()}`);
      const { user } = (await signedUp.json()) as { user: { id: string } };
      const cookie = signedUp.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ');
      const made = await ask('POST', '/api/keys', { json: { name: 'test' }, headers: { cookie } });
      const { key } = (await made.json()) as { key: string };
      if (credits !== undefined) {
        await grantCredits(context.credits, {
          personId: user.id,
          key: 'test',
          amount: credits,
          source: 'support',
          reason: 'for a test',
        });
      }
      const client = new HoldfastClient({ baseUrl: url, apiKey: key });
      return { id: user.id, email, password, cookie, apiKey: key, client };
    },
    async close() {
      await server.stop();
      await context.close();
      await world.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
