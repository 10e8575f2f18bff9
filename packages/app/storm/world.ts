import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiKey } from '../src/accounts/api-keys.ts';
import { insertPerson } from '../src/accounts/queries.ts';
import type { Context } from '../src/context.ts';
import { grantCredits } from '../src/credits/commands.ts';
import { readConfig } from '../src/platform/config.ts';
import { createDatabase } from '../src/platform/database.ts';
import type { Database } from '../src/platform/database.ts';
import { newId } from '../src/platform/ids.ts';
import { createLogger } from '../src/platform/logger.ts';
import { openDatabase } from '../src/platform/open-database.ts';
import { openContext } from '../src/start.ts';
import { startBalancer, freePorts } from './balancer.ts';
import type { Balancer } from './balancer.ts';
import { createClock } from './clock.ts';
import type { StormClock } from './clock.ts';
import { writeModels } from './catalogue.ts';
import { stormModels } from './models.ts';
import type { StormModel } from './models.ts';
import type { StormPerson } from './people.ts';
import { startPostgres } from './postgres.ts';
import type { StormPostgres } from './postgres.ts';
import { startTelegram } from './telegram.ts';
import type { StormTelegram } from './telegram.ts';
import { startVendors } from './vendors.ts';
import type { Vendors } from './vendors.ts';

export interface StormWorld {
  readonly postgres: StormPostgres;
  readonly vendors: Vendors;
  readonly telegram: StormTelegram;
  readonly balancer: Balancer;
  readonly ports: readonly number[];
  /** What the production code is put together from, in this process: to prepare and to look, never to work. */
  readonly context: Context;
  /** A superuser's pool. */
  readonly admin: Database;
  readonly clock: StormClock;
  readonly models: readonly StormModel[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  makePeople(count: number): Promise<StormPerson[]>;
  topUp(personId: string, key: string, amount: bigint): Promise<void>;
  close(options: { keep: boolean }): Promise<void>;
}

export const running_per_person = 3;
const first_credits = 70n;
const server_count = 2;

export async function createStormWorld(options: {
  timeScale: number;
  seed?: number;
  /** Unset: one of its own, fully durable. */
  postgres?: StormPostgres;
  /** Settings other than the storm's own. */
  environment?: Readonly<Record<string, string>>;
}): Promise<StormWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-storm-'));
  mkdirSync(join(directory, 'logs'));
  const closes: (() => Promise<unknown>)[] = [];
  const close = async ({ keep }: { keep: boolean }): Promise<void> => {
    for (const one of closes.toReversed()) await one();
    if (!keep) await rm(directory, { recursive: true, force: true });
  };
  try {
    const postgres = options.postgres ?? (await startPostgres());
    closes.push(() => postgres.close());
    const vendors = await startVendors(options.timeScale);
    closes.push(() => vendors.close());
    const telegram = await startTelegram(options.seed ?? 1);
    closes.push(() => telegram.close());
    const ports = await freePorts(server_count);
    const balancer = await startBalancer(ports);
    closes.push(() => balancer.close());
    const environment = {
      DATABASE_URL: postgres.adminUrl,
      HOLDFAST_DATA_DIR: directory,
      PUBLIC_URL: balancer.url,
      HOLDFAST_SECRET: 'a secret of the storm that is long enough',
      MAX_RUNNING_PER_PERSON: String(running_per_person),
      MAX_ACTIVE_PER_PERSON: '200',
      WRITES_PER_MINUTE: '1000000',
      REQUESTS_PER_MINUTE: '10000000',
      DEFAULT_USER_CREDITS: '0',
      SIGNUP_CREDITS_REQUIRE_VERIFIED_EMAIL: 'no',
      LOG_LEVEL: 'info',
      ...vendors.environment,
      ...telegram.environment,
      ...options.environment,
    };
    const config = readConfig(environment);
    const log = createLogger({ level: 'silent' });
    const database = await openDatabase({ config });
    closes.push(() => database.close());
    const context = await openContext(config, database, log);
    closes.push(() => context.close());
    const admin = createDatabase({ url: postgres.adminUrl, applicationName: 'storm', log, max: 4 });
    closes.push(() => admin.end());
    const models = stormModels(options.timeScale);
    await writeModels(admin, models);
    return {
      postgres,
      vendors,
      telegram,
      balancer,
      ports,
      context,
      admin,
      clock: createClock(admin, vendors),
      models,
      environment,
      directory,
      makePeople: (count) => makePeople(context, count),
      topUp: (personId, key, amount) => topUp(context, personId, key, amount),
      close,
    };
  } catch (error) {
    await close({ keep: false });
    throw error;
  }
}

async function makePeople(context: Context, count: number): Promise<StormPerson[]> {
  const people: StormPerson[] = [];
  const make = async (): Promise<void> => {
    const id = newId('per');
    await insertPerson(context.db, { id, name: 'Storm' });
    await topUp(context, id, 'first', first_credits);
    await context.db.query('update holdfast.person set welcomed_at = holdfast.clock() where id = $1', [id]);
    const wish = { personId: id, name: 'storm', scopes: ['read', 'write'] as const, expiresInDays: null };
    people.push({ id, key: (await createApiKey(context.accounts, wish)).key });
  };
  for (let made = 0; made < count; made += 4) {
    await Promise.all(Array.from({ length: Math.min(4, count - made) }, make));
  }
  return people;
}

/** Whatever happens to the database meanwhile: the key makes repeating harmless. */
async function topUp(context: Context, personId: string, key: string, amount: bigint): Promise<void> {
  const grant = { personId, key, amount, source: 'support', reason: 'a storm' };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await grantCredits(context.credits, grant);
      return;
    } catch (error) {
      if (attempt === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
