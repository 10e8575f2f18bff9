import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStripeEmulator } from '../../../emulators/stripe/emulator.ts';
import { usualKnobs } from '../../../emulators/stripe/knobs.ts';
import { seededRandom } from '../../../emulators/stripe/random.ts';
import { createContext } from '../../../src/context.ts';
import { applyCatalogue, readCatalogueFile } from '../../../src/payments/catalogue-file.ts';
import { handleDueEvents } from '../../../src/payments/handle-events.ts';
import { reconcile } from '../../../src/payments/reconcile.ts';
import { readConfig } from '../../../src/platform/config.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { settlePort } from '../../../src/start-server.ts';
import { idleProvider } from '../../support/idle-provider.ts';
import { findViolations } from './checks.ts';
import {
  addBuyer,
  beginPlan,
  buy,
  changeLuckOfCards,
  changeTo,
  giveBack,
  pick,
  renew,
  spend,
} from './deeds.ts';
import type { Stage } from './deeds.ts';
import { startFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';

export interface PaymentStormOptions {
  /** The application's login, of a migrated database. */
  readonly databaseUrl: string;
  /** Paid things in all: packs and invoices. */
  readonly purchases: number;
  readonly kills: number;
  readonly servers: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface PaymentStormReport {
  readonly purchases: number;
  readonly kills: number;
  readonly violations: number;
  readonly seed: number;
  readonly found: readonly string[];
}

const faults = {
  drop: 0.1,
  duplicate: 0.15,
  sameObject: 0.15,
  reorder: 0.15,
  delay: 0.4,
  delayMs: 300,
  olderShape: 0.5,
};

/** People buy, subscribe, renew, change plans and get their money back while webhooks go wrong and servers die; then the books are compared. */
export async function stormPayments(options: PaymentStormOptions): Promise<PaymentStormReport> {
  const { say, seed } = options;
  const stripe = await startStripeEmulator({ seed, retryMs: 50, knobs: faults });
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-payment-storm-'));
  const envs = await Promise.all(
    Array.from({ length: options.servers }, () => serverEnv(stripe.url, options.databaseUrl, directory)),
  );
  const { STORM_DATABASE_URL: _, ...own } = envs[0] ?? {};
  const context = await createContext({
    config: readConfig(own),
    databaseUrl: options.databaseUrl,
    log: createLogger({ level: 'fatal' }),
    providers: [idleProvider('studio')],
    queue: { queued: () => undefined, step: () => undefined, stop: async () => undefined },
  });
  let fleet: Fleet | null = null;
  try {
    await applyCatalogue(context.db, await readCatalogueFile(), { operator: false });
    fleet = await startFleet(envs);
    for (const { PORT } of envs) {
      stripe.webhooks.endpoints.push({
        url: `http://127.0.0.1:${PORT}/webhooks/stripe`,
        secret: stripe.webhookSecret,
      });
    }
    const stage: Stage = { deps: context.payments, stripe, random: seededRandom(seed), buyers: [] };
    const kills = await act(stage, fleet, options);
    await calm(stage, say);
    const found = await findViolations(stage);
    return { purchases: paidThings(stage), kills, violations: found.length, seed, found };
  } finally {
    await stripe.webhooks.stop();
    await fleet?.stop();
    await context.close();
    await stripe.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function serverEnv(
  stripeUrl: string,
  databaseUrl: string,
  directory: string,
): Promise<Record<string, string>> {
  const env = {
    HOLDFAST_DATA_DIR: directory,
    STRIPE_SECRET_KEY: 'sk_test_emulated',
    STRIPE_WEBHOOK_SECRET: 'whsec_emulated',
    STRIPE_API_URL: stripeUrl,
    LOG_LEVEL: 'error',
  };
  const { port } = await settlePort(readConfig({ ...env, PORT: '0' }));
  return { ...env, PORT: String(port), STORM_DATABASE_URL: databaseUrl };
}

function paidThings({ stripe: { account } }: Stage): number {
  const sessions = [...account.sessions.values()].filter(
    ({ mode, payment_status }) => mode === 'payment' && payment_status === 'paid',
  );
  const invoices = [...account.invoices.values()].filter(({ status }) => status === 'paid');
  return sessions.length + invoices.length;
}

const most_deeds_per_purchase = 20;

async function act(stage: Stage, fleet: Fleet, options: PaymentStormOptions): Promise<number> {
  const people = Math.max(4, Math.ceil(options.purchases / 12));
  for (let count = 0; count < people; count += 1) await addBuyer(stage);
  const dying: Promise<void>[] = [];
  const busy = new Set<number>();
  let kills = 0;
  for (let deed = 0; paidThings(stage) < options.purchases; deed += 1) {
    if (deed > options.purchases * most_deeds_per_purchase)
      throw new Error('the storm does not come to its purchases');
    const buyer = pick(stage, stage.buyers);
    if (!buyer) break;
    const luck = stage.random();
    if (luck < 0.42) await buy(stage, buyer);
    else if (luck < 0.52) await beginPlan(stage, buyer);
    else if (luck < 0.68) renew(stage, buyer);
    else if (luck < 0.74) await changeTo(stage, buyer);
    else if (luck < 0.86) giveBack(stage);
    else if (luck < 0.88) changeLuckOfCards(stage);
    else await spend(stage, buyer, String(deed));
    const wanted = Math.floor((paidThings(stage) / options.purchases) * (options.kills + 0.999));
    const victim = deed % fleet.size;
    if (kills < Math.min(options.kills, wanted) && !busy.has(victim)) {
      kills += 1;
      busy.add(victim);
      dying.push(fleet.kill(victim).finally(() => busy.delete(victim)));
    }
    if (deed % 200 === 199) options.say(`${paidThings(stage)} paid, ${kills} killed`);
  }
  await Promise.all(dying);
  while (kills < options.kills) {
    await fleet.kill(kills % fleet.size);
    kills += 1;
  }
  return kills;
}

/** The webhooks that were held back come, what was dropped is found by comparing, and everything due is handled. */
async function calm({ deps, stripe }: Stage, say: (line: string) => void): Promise<void> {
  Object.assign(stripe.account.knobs, usualKnobs);
  say('webhooks settle');
  await stripe.webhooks.settle();
  say('the books are compared');
  const healed = await reconcile(deps, { dryRun: false, days: 90, reason: 'test' });
  say(`${healed.findings.length} differences, ${healed.repaired} repaired`);
  for (let look = 0; look < 100; look += 1) {
    await handleDueEvents(deps);
    const { rowCount } = await deps.db.query(
      'update holdfast.stripe_event set due_at = holdfast.clock() where due_at is not null and claimed_until is null',
    );
    const { rows } = await deps.db.query<{ left: bigint }>(
      'select count(*) as left from holdfast.stripe_event where due_at is not null',
    );
    if (rowCount === 0 && rows[0]?.left === 0n) return;
    // A claim of a server that was killed ends by itself; here it needn't be waited for.
    await deps.db.query(
      `update holdfast.stripe_event set due_at = holdfast.clock(), claimed_until = null where due_at is not null`,
    );
  }
}
