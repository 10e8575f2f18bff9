import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTelegramEmulator } from '../../emulators/telegram/emulator.ts';
import type { TelegramEmulator } from '../../emulators/telegram/emulator.ts';
import { createContext } from '../../src/context.ts';
import type { Context } from '../../src/context.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { startMessages } from '../../src/start-messages.ts';
import type { RunningMessages } from '../../src/start-messages.ts';
import { settlePort, startServer } from '../../src/start-server.ts';
import type { RunningServer } from '../../src/start-server.ts';
import { idleProvider } from '../support/idle-provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const secret = 'a-secret-of-the-webhook';
let world: World;
let telegram: TelegramEmulator;
let directory: string;
const servers: { context: Context; messages: RunningMessages; server: RunningServer }[] = [];

/** Two servers, as behind one address; Telegram calls the first. */
beforeAll(async () => {
  world = await createWorld();
  telegram = await startTelegramEmulator();
  directory = await mkdtemp(join(tmpdir(), 'holdfast-bot-'));
  for (let number = 0; number < 2; number += 1) {
    const config = await settlePort(
      readConfig({
        PORT: '0',
        HOLDFAST_DATA_DIR: directory,
        TELEGRAM_BOT_TOKEN: '7000000001:hook',
        TELEGRAM_API_ROOT: telegram.url,
        TELEGRAM_WEBHOOK_SECRET: secret,
        REQUESTS_PER_MINUTE: '1000000',
      }),
    );
    const context = await createContext({
      config,
      databaseUrl: world.appUrl,
      log: createLogger({ level: 'silent' }),
      clock: world.clock,
      providers: [idleProvider('studio')],
      queue: { queued: () => undefined, step: () => undefined, stop: async () => undefined },
    });
    const messages = await startMessages(context, { deliver: true });
    servers.push({ context, messages, server: await startServer(context, { telegram: messages.telegram }) });
  }
});
afterAll(async () => {
  await telegram.close();
  for (const { context, messages, server } of servers) {
    await server.stop();
    await messages.stop();
    await context.close();
  }
  await rm(directory, { recursive: true, force: true });
  await world.close();
});

const forge = (update: unknown, headers: Record<string, string>) =>
  fetch(`${servers[0]?.server.url}/webhooks/telegram`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof update === 'string' ? update : JSON.stringify(update),
  });

const updatesKept = async () =>
  (await world.db.query<{ count: number }>('select count(*)::integer as count from holdfast.bot_update'))
    .rows[0]?.count;

test('called with the secret, it answers, whichever server is called; the same update does nothing twice', async () => {
  const ada = telegram.person();
  ada.say('/start');
  await telegram.until('a welcome', () => ada.chat().some(({ text }) => text?.startsWith('Hello Ada')));
  const kept = await updatesKept();
  const { rows } = await world.db.query<{ payload: object }>(
    'select payload from holdfast.bot_update limit 1',
  );
  for (const { server } of servers) {
    const again = await fetch(`${server.url}/webhooks/telegram`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
      body: JSON.stringify(rows[0]?.payload),
    });
    expect(again.status).toBe(200);
  }
  expect(await updatesKept()).toBe(kept);
  expect(ada.chat().filter(({ text }) => text?.startsWith('Hello Ada'))).toHaveLength(1);
});

test('forged: a wrong secret, none, rubbish, and too much are refused, and nothing is kept', async () => {
  const kept = await updatesKept();
  const update = {
    update_id: 1,
    message: { chat: { id: 5, type: 'private' }, from: { id: 5 }, text: '/start' },
  };
  expect((await forge(update, {})).status).toBe(404);
  expect((await forge(update, { 'x-telegram-bot-api-secret-token': 'wrong' })).status).toBe(404);
  expect((await forge(update, { 'x-telegram-bot-api-secret-token': `${secret}x` })).status).toBe(404);
  const right = { 'x-telegram-bot-api-secret-token': secret };
  expect((await forge('{', right)).status).toBe(400);
  expect((await forge([], right)).status).toBe(400);
  expect((await forge({ update_id: 'x' }, right)).status).toBe(400);
  expect((await forge({ update_id: 1, text: 'x'.repeat(1_100_000) }, right)).status).toBe(413);
  expect(await updatesKept()).toBe(kept);
});

test('an update of a kind that nobody knows is taken and forgotten', async () => {
  const right = { 'x-telegram-bot-api-secret-token': secret };
  for (const update of [
    { update_id: 91, poll: { id: '1' } },
    { update_id: 92, message: { message_id: 1, date: 1, chat: { id: -5, type: 'group' }, text: 'hello' } },
    {
      update_id: 93,
      callback_query: { id: '1:x', from: { id: 77, first_name: 'x', is_bot: false }, chat_instance: '1' },
    },
    {
      update_id: 94,
      message: {
        message_id: 2,
        date: 1,
        chat: { id: 77, type: 'private' },
        from: { id: 77, first_name: 'x' },
        text: '/start',
      },
    },
  ]) {
    expect((await forge(update, right)).status).toBe(200);
  }
  // Both of the last are answered with the terms, in order; the others were taken earlier: who stops finishes what was taken.
  const answers = () =>
    telegram.calls.filter(({ method, chat }) => method === 'sendMessage' && chat === 77).length;
  await telegram.until('both answers', () => answers() === 2);
  for (const { messages } of servers) await messages.stop();
  const { rows } = await world.db.query<{ update_id: bigint }>(
    'select update_id from holdfast.bot_update where update_id < 100 and done_at is null',
  );
  expect(rows).toEqual([]);
  expect(await updatesKept()).toBeGreaterThanOrEqual(4);
});
