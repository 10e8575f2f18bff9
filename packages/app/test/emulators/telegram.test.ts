import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Bot, GrammyError, HttpError, InputFile } from 'grammy';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { booksOf } from '../../emulators/telegram/books.ts';
import { startTelegramEmulator } from '../../emulators/telegram/emulator.ts';
import type { TelegramEmulator } from '../../emulators/telegram/emulator.ts';
import type { Fault } from '../../emulators/telegram/knobs.ts';
import { storageChannel } from '../../emulators/telegram/state.ts';

const token = '7000000001:test';
let telegram: TelegramEmulator;
let bot: Bot;

beforeEach(async () => {
  telegram = await startTelegramEmulator({ token, knobs: { messagesPerSecond: 0 } });
  bot = new Bot(token, { client: { apiRoot: telegram.url, timeoutSeconds: 1 } });
});
afterEach(() => telegram.close());

const photo = () => readFile(new URL('../../assets/photos/allium-oreophilum.jpg', import.meta.url));

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof GrammyError) return `${error.error_code} ${error.description}`;
    if (error instanceof HttpError) return 'no answer';
    throw error;
  }
  return 'taken';
}

test('a conversation: what a person says comes in, what the bot sends and edits is in the chat', async () => {
  const ada = telegram.person({ language_code: 'ru' });
  expect((await bot.api.getMe()).username).toBe('holdfast_demo_bot');
  expect(await refusal(bot.api.sendMessage(ada.user.id, 'Hi'))).toMatch(/403 .*can't initiate conversation/);

  ada.say('/start abc');
  const [update] = await bot.api.getUpdates();
  expect(update?.message).toMatchObject({
    text: '/start abc',
    from: { language_code: 'ru' },
    entities: [{ type: 'bot_command', length: 6 }],
  });
  const sent = await bot.api.sendMessage(ada.user.id, 'Choose <b>one</b>', {
    parse_mode: 'HTML',
    reply_markup: { inline_keyboard: [[{ text: 'Reels', callback_data: 'p:reels' }]] },
  });
  ada.pressButton('Reels');
  const [, pressed] = await bot.api.getUpdates();
  expect(pressed?.callback_query).toMatchObject({
    data: 'p:reels',
    message: { message_id: sent.message_id },
  });
  await bot.api.answerCallbackQuery(pressed?.callback_query?.id ?? '', { text: 'Done' });
  await bot.api.editMessageText(ada.user.id, sent.message_id, 'Chosen');
  expect(ada.chat().map(({ text }) => text)).toEqual(['/start abc', 'Chosen']);
  expect(await refusal(bot.api.editMessageText(ada.user.id, sent.message_id, 'Chosen'))).toMatch(
    /not modified/,
  );
  expect(await bot.api.getUpdates({ offset: (pressed?.update_id ?? 0) + 1 })).toEqual([]);
});

test('a file is sent by upload, by its id, and by address; its id fits its kind alone', async () => {
  const ada = telegram.person();
  ada.say('/start');
  const film = Buffer.from('not looked at');
  const stored = await bot.api.sendVideo(storageChannel, new InputFile(film, 'film.mp4'), {
    width: 9,
    height: 16,
  });
  const id = stored.video?.file_id ?? '';
  const sent = await bot.api.sendVideo(ada.user.id, id, { caption: 'Yours' });
  expect(sent.video).toMatchObject({ file_id: id, width: 9, height: 16, file_size: film.length });
  expect(await refusal(bot.api.sendPhoto(ada.user.id, id))).toMatch(/can't use file of type Video as Photo/);
  const served = createServer((_request, response) => response.end(film));
  await new Promise<void>((resolve) => served.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(served.address() as AddressInfo).port}/film.mp4`;
  expect((await bot.api.sendVideo(ada.user.id, address)).video?.file_id).not.toBe(id);
  served.close();
  expect(await refusal(bot.api.sendVideo(ada.user.id, address))).toMatch(/failed to get HTTP URL content/);
});

test('a photo is fetched within 20 MB, and 50 MB are the most that is taken', async () => {
  const ada = telegram.person();
  await ada.sendPhoto(await photo());
  await ada.sendPhoto(await photo(), { asFile: true, bytes: 1_000_000_000 });
  const [small, large] = await bot.api.getUpdates();
  const file = await bot.api.getFile(small?.message?.photo?.[0]?.file_id ?? '');
  const answer = await fetch(`${telegram.url}/file/bot${token}/${file.file_path}`);
  expect(Buffer.from(await answer.arrayBuffer()).equals(await photo())).toBe(true);
  expect(large?.message?.document?.file_size).toBe(1_000_000_000);
  expect(await refusal(bot.api.getFile(large?.message?.document?.file_id ?? ''))).toMatch(/file is too big/);
  const huge = new InputFile(Buffer.alloc(50 * 1_048_576 + 1));
  bot = new Bot(token, { client: { apiRoot: telegram.url } });
  expect(await refusal(bot.api.sendVideo(ada.user.id, huge))).toMatch(/^413/);
});

test.each<[Fault, RegExp, number]>([
  ['timeout_after', /^no answer$/, 1],
  ['timeout_before', /^no answer$/, 0],
  ['reset_after', /^no answer$/, 1],
  ['reset_before', /^no answer$/, 0],
  ['sent_but_gone', /^500 .*immediately deleted/, 1],
  ['blocked', /^403 Forbidden: bot was blocked by the user$/, 0],
  ['deactivated', /^403 Forbidden: user is deactivated$/, 0],
  ['chat_not_found', /^400 Bad Request: chat not found$/, 0],
  ['migrated', /^400 .*upgraded to a supergroup chat$/, 0],
  ['restart', /^500 Internal Server Error: restart$/, 0],
  ['flood', /^429 Too Many Requests: retry after 1$/, 0],
  [{ code: 400, description: 'Bad Request: anything' }, /^400 Bad Request: anything$/, 0],
])('a call meets %s', async (fault, words, copies) => {
  const ada = telegram.person();
  ada.say('/start');
  telegram.knobs.faults.push({ method: 'sendMessage', fault });
  expect(await refusal(bot.api.sendMessage(ada.user.id, 'Hello'))).toMatch(words);
  expect(ada.chat().filter(({ from }) => from === 'bot')).toHaveLength(copies);
});

test('more messages in a second than are taken: 429 with retry_after', async () => {
  const ada = telegram.person();
  ada.say('/start');
  telegram.knobs.chatMessagesPerSecond = 2;
  const sends = await Promise.all([1, 2, 3].map((n) => refusal(bot.api.sendMessage(ada.user.id, `${n}`))));
  expect(sends.filter((said) => said === 'taken')).toHaveLength(2);
  expect(sends.filter((said) => said.startsWith('429'))).toHaveLength(1);
});

test('a webhook is called with its secret until it takes an update, and nobody polls meanwhile', async () => {
  const got: { secret: string | undefined; update: { update_id: number } }[] = [];
  telegram.knobs.webhookRetryMs = 10;
  const taken = Promise.withResolvers<void>();
  const receiver = createServer((request, response) => {
    json(request).then((update) => {
      got.push({
        secret: request.headers['x-telegram-bot-api-secret-token'] as string | undefined,
        update: update as { update_id: number },
      });
      response.writeHead(got.length === 1 ? 500 : 200).end();
      if (got.length === 2) taken.resolve();
      return update;
    }, taken.reject);
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  expect(await refusal(bot.api.setWebhook(url, { secret_token: 'not allowed!' }))).toMatch(
    /unallowed characters/,
  );
  await bot.api.setWebhook(url, { secret_token: 'my-secret' });
  telegram.person().say('/start');
  await taken.promise;
  receiver.close();
  expect(got.map(({ secret }) => secret)).toEqual(['my-secret', 'my-secret']);
  expect(got[0]?.update.update_id).toBe(got[1]?.update.update_id);
  expect(await refusal(bot.api.getUpdates())).toMatch(/^409 Conflict/);
});

test('Stars: an invoice is paid after the bot agreed, may be paid again, and is refunded once', async () => {
  const ada = telegram.person();
  ada.say('/start');
  const invoice = await bot.api.sendInvoice(ada.user.id, '200 credits', 'A pack', 'order-1', 'XTR', [
    { label: '200 credits', amount: 500 },
  ]);
  const pay = async (ok: boolean) => {
    const paying = ada.pay(invoice.message_id);
    const updates = await bot.api.getUpdates();
    const query = updates.findLast((update) => update.pre_checkout_query)?.pre_checkout_query;
    expect(query).toMatchObject({ currency: 'XTR', total_amount: 500, invoice_payload: 'order-1' });
    await bot.api.answerPreCheckoutQuery(query?.id ?? '', ok, ok ? {} : { error_message: 'No longer sold' });
    return paying;
  };
  expect(await pay(false)).toBe('No longer sold');
  expect(await pay(true)).toBeNull();
  expect(await pay(true)).toBeNull();
  const paid = (await bot.api.getUpdates()).flatMap((update) => update.message?.successful_payment ?? []);
  expect(paid).toHaveLength(2);
  const charges = new Set(paid.map((each) => each.telegram_payment_charge_id));
  expect(charges.size).toBe(2);
  const [first = ''] = charges;
  await bot.api.refundStarPayment(ada.user.id, first);
  expect(await refusal(bot.api.refundStarPayment(ada.user.id, first))).toMatch(/CHARGE_ALREADY_REFUNDED/);
  const { transactions } = await bot.api.getStarTransactions();
  expect(transactions.map(({ id, receiver }) => [id === first, receiver !== undefined])).toEqual([
    [true, false],
    [false, false],
    [true, true],
  ]);
  telegram.knobs.preCheckoutMs = 30;
  expect(await ada.pay(invoice.message_id)).toMatch(/did not answer in time/);
});

test('two pollers: the first is told of the conflict', async () => {
  const first = refusal(bot.api.getUpdates({ timeout: 5 }));
  await new Promise((resolve) => setImmediate(resolve));
  const second = new Bot(token, { client: { apiRoot: telegram.url } }).api.getUpdates({ timeout: 1 });
  expect(await first).toMatch(/^409 Conflict: terminated|no answer/);
  await second;
});

test('a person who blocks the bot says so, and is reached again when they are back', async () => {
  const ada = telegram.person();
  ada.say('/start');
  ada.block();
  expect(await refusal(bot.api.sendMessage(ada.user.id, 'Hi'))).toMatch(/blocked by the user/);
  ada.say('/start');
  expect(await refusal(bot.api.sendMessage(ada.user.id, 'Hi'))).toBe('taken');
  const members = (await bot.api.getUpdates()).flatMap(
    (update) => update.my_chat_member?.new_chat_member.status ?? [],
  );
  expect(members).toEqual(['kicked', 'member']);
});

test('faults by chance: the share, the kinds and the methods that were asked for, from the numbers that were given', async () => {
  await telegram.close();
  const numbers = [0.9, 0.05, 0.1, 0.05, 0.9];
  telegram = await startTelegramEmulator({
    token,
    random: () => numbers.shift() ?? 0.99,
    knobs: {
      random: { share: 0.1, weights: { flood: 1, restart: 1 }, methods: ['sendMessage'] },
    },
  });
  bot = new Bot(token, { client: { apiRoot: telegram.url, timeoutSeconds: 1 } });
  const ada = telegram.person();
  ada.say('/start');
  expect(await refusal(bot.api.getMe())).toBe('taken');
  const say = () => refusal(bot.api.sendMessage(ada.user.id, 'Hi'));
  expect([await say(), await say(), await say(), await say()]).toEqual([
    'taken',
    '429 Too Many Requests: retry after 1',
    '500 Internal Server Error: restart',
    'taken',
  ]);
  const { calls, faults } = (await (await fetch(`${telegram.url}/_emulator/book`)).json()) as ReturnType<
    typeof booksOf
  >;
  expect(calls).toEqual({ made: 5, refused: 2, unanswered: 0 });
  expect(faults).toEqual({ 'sendMessage flood': 1, 'sendMessage restart': 1 });
});
