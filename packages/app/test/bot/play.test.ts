import { afterAll, beforeAll, expect, test } from 'vitest';
import { booksOf } from '../../emulators/telegram/books.ts';
import {
  askForAnother,
  askForCopy,
  askForFilm,
  buyPack,
  openHistory,
} from '../../emulators/telegram/play.ts';
import { createBotWorld, photo } from './bot-world.ts';
import type { BotWorld } from './bot-world.ts';

let bot: BotWorld;
beforeAll(async () => {
  bot = await createBotWorld({ running: true });
});
afterAll(() => bot.close());

test('somebody played from /start to a film, another, a copy and a pack; what Telegram’s books say of it', async () => {
  const { telegram } = bot.delivery;
  const ada = telegram.person();
  const films = (): number => ada.chat().filter(({ file, from }) => from === 'bot' && file !== null).length;
  const wish = { product: 'reels' as const, photo: await photo(), words: 'Still in bloom.' };
  const asked = await askForFilm(telegram, ada, wish, { taps: 3 });
  expect(asked).toMatchObject({ came: 'pressed', name: expect.stringMatching(/^off_/) });
  await telegram.until('the film', () => films() === 1);
  expect(askForAnother(ada, { taps: 2 })).toMatchObject({
    came: 'pressed',
    name: expect.stringMatching(/^gen_/),
  });
  await telegram.until('another', () => films() === 2);
  expect(await openHistory(telegram, ada)).toMatchObject({ came: 'pressed' });
  expect(askForCopy(ada, { taps: 2 })).toMatchObject({ came: 'pressed' });
  await telegram.until('a copy', () => films() === 3);
  expect(await buyPack(telegram, ada)).toMatchObject({
    came: 'pressed',
    name: expect.stringMatching(/^stx/),
  });
  expect(await askForFilm(telegram, ada, { ...wish, product: 'neurocard' })).toMatchObject({
    came: 'pressed',
  });
  await telegram.until('a film of a product', () => films() === 4);
  const { rows } = await bot.delivery.world.db.query<{ id: string }>(
    'select id from holdfast.generation order by id',
  );
  const { sends, payments } = booksOf(telegram);
  expect(sends.map(({ chat }) => chat)).toEqual(Array.from({ length: 4 }, () => ada.user.id));
  const [first, second, third] = rows.map(({ id }) => id);
  expect(sends.map(({ generationId }) => generationId)).toEqual([first, second, second, third]);
  expect(sends[2]?.fileIds).toEqual(sends[1]?.fileIds);
  expect(payments).toHaveLength(1);
});

test('whoever gets no answer begins anew; an account that is no more does nothing', async () => {
  const { telegram } = bot.delivery;
  const ada = telegram.person();
  telegram.knobs.faults.push({ method: 'sendMessage', chat: ada.user.id, fault: 'reset_before' });
  const wish = { product: 'reels' as const, photo: await photo(), words: 'Still in bloom.' };
  expect(await askForFilm(telegram, ada, wish, { answerMs: 1_500 })).toMatchObject({ came: 'pressed' });
  const gone = telegram.person();
  gone.user.deactivated = true;
  expect(await askForFilm(telegram, gone, wish)).toEqual({ came: 'gone' });
});
