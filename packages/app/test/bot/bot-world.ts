import { readFile } from 'node:fs/promises';
import type { Update } from 'grammy/types';
import type { Person } from '../../emulators/telegram/people.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { startBot } from '../../src/bot/bot.ts';
import { startFollowing } from '../../src/bot/follow.ts';
import { receiveUpdates } from '../../src/bot/receive.ts';
import { startBotWorker } from '../../src/bot/work.ts';
import { grantSignUpCredits } from '../../src/credits/commands.ts';
import { startDeliveries } from '../../src/delivery/runner/runner.ts';
import { botIdOf, createTelegramApi } from '../../src/delivery/telegram/client.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { studioModels } from '../../src/generations/catalogue/models/studio.ts';
import { untilFinal } from '../generations/until.ts';
import { botToken, createDeliveryWorld } from '../delivery/support/delivery-world.ts';
import type { DeliveryWorld } from '../delivery/support/delivery-world.ts';

export interface BotWorld {
  readonly delivery: DeliveryWorld;
  readonly deps: BotDeps;
  /** Everything that waits is received, answered and delivered. */
  settle(): Promise<void>;
  /** The same, without delivering. */
  answer(): Promise<void>;
  /** Until the newest generation of this person has ended, and was delivered. */
  finish(person: Person): Promise<string>;
  personId(person: Person): Promise<string>;
  close(): Promise<void>;
}

export const photo = (): Promise<Buffer> =>
  readFile(new URL('../../assets/photos/allium-oreophilum.jpg', import.meta.url));

/** `running`: the bot polls, answers and delivers by itself, as in production; else everything is worked by hand. */
export async function createBotWorld({ running = false } = {}): Promise<BotWorld> {
  const delivery = await createDeliveryWorld();
  const { telegram, pipeline, world } = delivery;
  const { deps: generations } = pipeline;
  const standard = studioModels.find(({ id }) => id === 'studio-standard');
  if (!standard) throw new Error('there is no standard model');
  const model = {
    ...standard,
    id: 'photo-video',
    providerId: 'scripted',
    pollSeconds: 0.2,
    submitTimeoutSeconds: 2,
  };
  await seedCatalogue(world.db, [{ model, creditsPerUnit: 10n }]);
  const api = createTelegramApi({ token: botToken, apiRoot: telegram.url, storageChatId: null }, 2);
  const deps: BotDeps = {
    db: world.db,
    log: world.log,
    api,
    botId: botIdOf(botToken),
    accounts: {
      db: world.db,
      log: world.log,
      settings: {
        publicUrl: 'http://127.0.0.1:8000',
        secret: 'a secret of more than thirty-two characters',
        signUpCreditsNeedVerifiedEmail: false,
        sessionDays: 30,
      },
      welcome: (personId) => grantSignUpCredits(generations.credits, personId),
    },
    credits: generations.credits,
    delivery: generations.delivery,
    generations,
    stars: { db: world.db, log: world.log, credits: generations.credits, api },
    alarm: async (problem) => void delivery.alarms.push(problem),
    settings: {
      token: botToken,
      apiRoot: telegram.url,
      publicUrl: 'http://127.0.0.1:8000',
      username: async () => 'holdfast_demo_bot',
      supportContact: 'help@example.com',
      maxUploadBytes: 25 * 1_048_576,
      signUpCredits: 100n,
    },
  };
  const working = running ? await startWorking(delivery, deps) : null;
  const worker = startBotWorker(deps, { lookMs: 0 });
  const follower = startFollowing(deps, { lookMs: 0 });
  const runner = delivery.runner();

  async function answer(): Promise<void> {
    for (;;) {
      const updates = telegram.state.updates.splice(0) as unknown as Update[];
      if (updates.length === 0) break;
      await receiveUpdates(deps, updates);
      await worker.work();
    }
    await worker.work();
  }

  async function settle(): Promise<void> {
    await answer();
    await follower.look();
    await runner.work();
  }

  async function personId(person: Person): Promise<string> {
    const { rows } = await world.db.query<{ person_id: string }>(
      'select person_id from holdfast.telegram_account where telegram_id = $1',
      [person.user.id],
    );
    return rows[0]?.person_id ?? '';
  }

  return {
    delivery,
    deps,
    settle,
    answer,
    personId,
    async finish(person) {
      const id = await personId(person);
      const { rows } = await world.db.query<{ id: string }>(
        'select id from holdfast.generation where person_id = $1 order by id desc limit 1',
        [id],
      );
      const newest = rows[0]?.id ?? '';
      await untilFinal(pipeline, id, newest);
      await settle();
      return newest;
    },
    async close() {
      await worker.stop();
      await follower.stop();
      await working?.stop();
      await delivery.close();
    },
  };
}

async function startWorking(
  { telegram, world, ...delivery }: DeliveryWorld,
  deps: BotDeps,
): Promise<{ stop(): Promise<void> }> {
  const { db, log } = world;
  const bot = await startBot(deps, { webhook: null, apiRoot: telegram.url });
  const deliveries = startDeliveries({ db, log, channels: [delivery.telegramChannel()], lookMs: 100 });
  return {
    async stop() {
      await bot.stop();
      await deliveries.stop();
    },
  };
}
