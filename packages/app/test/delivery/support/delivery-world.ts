import { startTelegramEmulator } from '../../../emulators/telegram/emulator.ts';
import type { TelegramEmulator } from '../../../emulators/telegram/emulator.ts';
import type { Person } from '../../../emulators/telegram/people.ts';
import { storageChannel } from '../../../emulators/telegram/state.ts';
import { ensureTelegramPerson } from '../../../src/accounts/telegram.ts';
import { grantCredits } from '../../../src/credits/commands.ts';
import type { DeliveryChannel } from '../../../src/delivery/channels/port.ts';
import { telegramChannel } from '../../../src/delivery/channels/telegram.ts';
import { startDeliveries } from '../../../src/delivery/runner/runner.ts';
import type { DeliveryRunner } from '../../../src/delivery/runner/runner.ts';
import { noteStatusMessage, wishForTelegram } from '../../../src/delivery/wishes.ts';
import { deliverySubjects } from '../../../src/generations/view/delivery-subjects.ts';
import { newId } from '../../../src/platform/ids.ts';
import { startWorker } from '../../../src/worker/worker.ts';
import type { Worker } from '../../../src/worker/worker.ts';
import { createPipeline } from '../../generations/pipeline.ts';
import type { Pipeline } from '../../generations/pipeline.ts';
import { untilFinal } from '../../generations/until.ts';
import { film, picture } from '../../providers/media-files.ts';
import { createScriptedProvider } from '../../providers/scripted/provider.ts';
import { startScriptedService } from '../../providers/scripted/server.ts';
import type { ScriptedService } from '../../providers/scripted/server.ts';
import { createWorld } from '../../support/world.ts';
import type { World } from '../../support/world.ts';

export interface DeliveryWorld {
  readonly world: World;
  readonly telegram: TelegramEmulator;
  readonly pipeline: Pipeline;
  readonly service: ScriptedService;
  readonly alarms: { reason: string }[];
  /** Channels as production builds them, over this world's Telegram. */
  telegramChannel(options?: { timeoutSeconds?: number; storage?: boolean }): DeliveryChannel;
  runner(channels?: readonly DeliveryChannel[]): DeliveryRunner;
  /** Somebody with credits whose chat has been opened. */
  person(credits?: bigint): Promise<{ id: string; chat: Person }>;
  /** A generation asked for from that chat, made and settled; its delivery is planned and not yet worked. */
  made(person: { id: string; chat: Person }, options?: { status?: boolean }): Promise<string>;
  rows(generationId: string): Promise<Record<string, unknown>[]>;
  /** Every film in a chat. */
  copies(chat: Person): number;
  close(): Promise<void>;
}

export const botToken = '7000000001:test';

export async function createDeliveryWorld(): Promise<DeliveryWorld> {
  const world = await createWorld();
  const service = await startScriptedService({ file: await film(4.2), poster: await picture(), polls: 1 });
  const pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    clock: world.clock,
    providers: [createScriptedProvider({ url: service.url })],
  });
  const worker: Worker = await startWorker(pipeline.deps, { databaseUrl: world.appUrl, sweepMs: 50 });
  const telegram = await startTelegramEmulator({ token: botToken, knobs: { messagesPerSecond: 0 } });
  const alarms: { reason: string }[] = [];
  const runners: DeliveryRunner[] = [];
  const { db, log } = world;

  const channel: DeliveryWorld['telegramChannel'] = ({ timeoutSeconds = 1, storage = true } = {}) =>
    telegramChannel({
      db,
      log,
      storage: pipeline.deps.delivery.storage,
      subjects: deliverySubjects(pipeline.deps),
      settings: {
        token: botToken,
        apiRoot: telegram.url,
        storageChatId: storage ? BigInt(storageChannel) : null,
      },
      alarm: async (problem) => void alarms.push(problem),
      timeoutSeconds,
      // A film that its name was forgotten of in between is uploaded, and may meet a time-out too.
      uploadTimeoutSeconds: 3 * timeoutSeconds,
    });

  return {
    world,
    telegram,
    pipeline,
    service,
    alarms,
    telegramChannel: channel,
    runner(channels = [channel()]) {
      const runner = startDeliveries({ db, log, channels, lookMs: 0 });
      runners.push(runner);
      return runner;
    },
    async person(credits = 500n) {
      const chat = telegram.person();
      chat.say('/start');
      const { personId } = await ensureTelegramPerson(pipeline.deps, {
        id: chat.user.id,
        chatId: chat.user.id,
        firstName: chat.user.first_name,
        username: chat.user.username,
        languageCode: 'en',
      });
      const grant = { personId, key: 'test', amount: credits, source: 'support', reason: 'a test' };
      await grantCredits(pipeline.deps.credits, grant);
      return { id: personId, chat };
    },
    async made({ id, chat }, { status = true } = {}) {
      const key = newId('key');
      const wish = await wishForTelegram(db, {
        personId: id,
        command: 'create',
        key,
        chatId: BigInt(chat.user.id),
      });
      if (status) {
        const sent = await fetch(`${telegram.url}/bot${botToken}/sendMessage`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ chat_id: chat.user.id, text: 'Queued' }),
        });
        const { result } = (await sent.json()) as { result: { message_id: number } };
        await noteStatusMessage(db, wish.id, { id: BigInt(result.message_id), shown: 'Queued' });
      }
      const generation = await pipeline.ask(id, { key });
      await untilFinal(pipeline, id, generation);
      return generation;
    },
    async rows(generationId) {
      const { rows } = await world.admin.query<Record<string, unknown>>(
        'select * from holdfast.delivery where generation_id = $1 order by created_at, id',
        [generationId],
      );
      return rows;
    },
    copies: (chat) => chat.chat().filter(({ file }) => file !== null).length,
    async close() {
      for (const runner of runners) await runner.stop();
      await worker.stop();
      await telegram.close();
      await service.close();
      await pipeline.close();
      await world.close();
    },
  };
}
