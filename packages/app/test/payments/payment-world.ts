import { actOnSession } from '../../emulators/stripe/checkout.ts';
import type { Deed } from '../../emulators/stripe/checkout.ts';
import { startStripeEmulator } from '../../emulators/stripe/emulator.ts';
import type { StripeEmulator, StripeEmulatorOptions } from '../../emulators/stripe/emulator.ts';
import { createContext } from '../../src/context.ts';
import type { Context } from '../../src/context.ts';
import { readBalance } from '../../src/credits/queries.ts';
import { buyPack, subscribe } from '../../src/payments/buy.ts';
import { applyCatalogue, readCatalogueFile } from '../../src/payments/catalogue-file.ts';
import { customerOf } from '../../src/payments/customer-queries.ts';
import { handleDueEvents } from '../../src/payments/handle-events.ts';
import { readConfig } from '../../src/platform/config.ts';
import type { Environment } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import type { LogLevel } from '../../src/platform/logger.ts';
import { settlePort, startServer } from '../../src/start-server.ts';
import { newId } from '../../src/platform/ids.ts';
import { idleProvider } from '../support/idle-provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

/** A server with Stripe emulated beside it. Events arrive by webhook and wait until the test has them handled. */
export interface PaymentWorld {
  readonly world: World;
  readonly context: Context;
  readonly stripe: StripeEmulator;
  readonly url: string;
  person(): Promise<string>;
  /** Opens a checkout for a pack, and acts on its page. @returns the session's id */
  buy(personId: string, pack?: string, deed?: Deed | 'nothing'): Promise<string>;
  /** The same for a plan, by a customer with a clock of its own where one is given. */
  subscribe(
    personId: string,
    plan?: string,
  ): Promise<{ session: string; subscription: string; customer: string }>;
  /** Until every webhook has arrived and everything due is handled. */
  settle(): Promise<void>;
  balance(personId: string): ReturnType<typeof readBalance>;
  tier(personId: string): Promise<string>;
  close(): Promise<void>;
}

export async function createPaymentWorld(
  options: { env?: Environment; emulator?: StripeEmulatorOptions } = {},
): Promise<PaymentWorld> {
  const world = await createWorld();
  // A server that is busy and refuses is asked again after as long as it may need.
  const stripe = await startStripeEmulator({ retryMs: 500, ...options.emulator });
  const config = await settlePort(
    readConfig({
      PORT: '0',
      STRIPE_SECRET_KEY: stripe.secretKey,
      STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
      ...(stripe.account.livemode ? {} : { STRIPE_API_URL: stripe.url }),
      STORAGE_DIR: '/tmp/holdfast-payments-test',
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
    providers: [idleProvider('studio')],
    queue: { queued: () => undefined, step: () => undefined, stop: async () => undefined },
  });
  await applyCatalogue(context.db, await readCatalogueFile(), { operator: false });
  const server = await startServer(context);
  stripe.webhooks.endpoints.push({ url: `${server.url}/webhooks/stripe`, secret: stripe.webhookSecret });
  const { payments } = context;
  const back = { successUrl: '/wallet', cancelUrl: '/pricing' };
  return {
    world,
    context,
    stripe,
    url: server.url,
    async person() {
      const id = newId('per');
      await world.db.query(`insert into holdfast.person (id, name) values ($1, 'Ada')`, [id]);
      return id;
    },
    async buy(personId, product = 'starter', deed = 'pay') {
      const { order } = await buyPack(payments, { personId, product, ...back, saveCard: true });
      const session = order.objectId ?? '';
      if (deed !== 'nothing') actOnSession(stripe.account, session, deed);
      return session;
    },
    async subscribe(personId, product = 'plan-creator') {
      const { order } = await subscribe(payments, { personId, product, ...back });
      const session = order.objectId ?? '';
      actOnSession(stripe.account, session, 'pay');
      const subscription = stripe.account.sessions.get(session)?.subscription ?? '';
      return { session, subscription, customer: (await customerOf(world.db, personId, false)) ?? '' };
    },
    async settle() {
      await stripe.webhooks.settle();
      // What had to wait for something else is due later: that time is now.
      for (let round = 0; round < 20; round += 1) {
        await handleDueEvents(payments);
        const { rowCount } = await world.admin.query(
          `update holdfast.stripe_event set due_at = holdfast.clock() where due_at is not null and attempts < 8`,
        );
        if (rowCount === 0) return;
      }
    },
    balance: (personId) => readBalance(context.credits, personId),
    async tier(personId) {
      const { rows } = await world.db.query<{ tier: string }>(
        'select tier from holdfast.person where id = $1',
        [personId],
      );
      return rows[0]?.tier ?? '';
    },
    async close() {
      await stripe.webhooks.stop();
      await server.stop();
      await context.close();
      await world.close();
      await stripe.close();
    },
  };
}
