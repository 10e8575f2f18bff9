import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../emulators/telegram/people.ts';
import { forgetModels } from '../../src/generations/catalogue/catalogue.ts';
import { createBotWorld, photo } from './bot-world.ts';
import type { BotWorld } from './bot-world.ts';

let bot: BotWorld;
beforeAll(async () => {
  bot = await createBotWorld();
});
afterAll(() => bot.close());

const last = (person: Person) => person.chat().findLast(({ from }) => from === 'bot');
const buttons = (person: Person) =>
  last(person)
    ?.buttons.flat()
    .map(({ text }) => text) ?? [];
const films = (person: Person) =>
  person.chat().filter(({ from, file }) => from === 'bot' && file !== null).length;
const unfinished = async (person: Person) => {
  const { rows } = await bot.delivery.world.db.query<{ count: number }>(
    'select count(*)::integer as count from holdfast.generation where person_id = $1',
    [await bot.personId(person)],
  );
  return rows[0]?.count ?? 0;
};

async function begin(language: string): Promise<Person> {
  const person = bot.delivery.telegram.person({ language_code: language });
  person.say('/start');
  await bot.settle();
  person.press(last(person)?.id ?? 0, 'accept');
  await bot.settle();
  return person;
}

async function toConfirm(person: Person, product: 'neurocard' | 'reels'): Promise<void> {
  person.press(last(person)?.id ?? 0, `product:${product}`);
  await bot.settle();
  await person.sendPhoto(await photo());
  await bot.settle();
  person.say(product === 'reels' ? 'Still in bloom. Photographed in 1928.' : 'Allium\n12 €\nHardy\nEdible');
  await bot.settle();
  person.press(last(person)?.id ?? 0, 'look:any');
  await bot.settle();
}

test.each([
  ['en', 'reels', /Generate · 50 of your 100 credits/, /🔁 Generate again · 50 credits/],
  ['ru', 'neurocard', /Создать · 50 из ваших 100/, /🔁 Создать ещё раз · 50 кредитов/],
  ['zh-hans', 'reels', /生成 · 50 \/ 可用 100 积分/, /🔁 再生成一次 · 50 积分/],
] as const)(
  '%s, %s: from /start to the video to Generate again',
  async (language, product, confirm, again) => {
    const person = await begin(language);
    await toConfirm(person, product);
    expect(buttons(person)[0]).toMatch(confirm);
    person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
    await bot.settle();
    await bot.finish(person);
    expect(films(person)).toBe(1);
    expect(last(person)?.buttons[0]?.[0]?.text).toMatch(again);
    const sent = person.chat().filter(({ from }) => from === 'bot').length;
    person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
    await bot.settle();
    await bot.finish(person);
    expect(films(person)).toBe(2);
    // One message for its state, one film: nothing else is written.
    expect(person.chat().filter(({ from }) => from === 'bot')).toHaveLength(sent + 2);
    const balance = await bot.delivery.pipeline.balance(await bot.personId(person));
    expect(balance).toMatchObject({ total: 16n, held: 0n });
  },
);

test('taps, doubled and tripled, start one generation, and one again', async () => {
  const person = await begin('en');
  await toConfirm(person, 'reels');
  const confirm = last(person);
  const data = confirm?.buttons[0]?.[0]?.callback_data ?? '';
  for (let tap = 0; tap < 3; tap += 1) person.press(confirm?.id ?? 0, data);
  await bot.settle();
  expect(await unfinished(person)).toBe(1);
  expect(bot.delivery.telegram.state.toasts.filter(({ user }) => user === person.user.id)).toHaveLength(2);
  await bot.finish(person);
  expect(films(person)).toBe(1);
  const film = last(person);
  const again = film?.buttons[0]?.[0]?.callback_data ?? '';
  for (let tap = 0; tap < 4; tap += 1) person.press(film?.id ?? 0, again);
  await bot.settle();
  expect(await unfinished(person)).toBe(2);
  await bot.finish(person);
  expect(films(person)).toBe(2);
});

test('the same update twice is answered once', async () => {
  bot.delivery.telegram.knobs.updateCopies = 3;
  const person = await begin('en');
  await toConfirm(person, 'reels');
  person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
  await bot.settle();
  bot.delivery.telegram.knobs.updateCopies = 1;
  expect(await unfinished(person)).toBe(1);
  const prompts = person.chat().filter(({ text }) => text?.includes('The photo is fine')).length;
  expect(prompts).toBe(1);
});

test('two /start at once make one person', async () => {
  const person = bot.delivery.telegram.person();
  person.say('/start');
  person.say('/start');
  await bot.settle();
  const { rows } = await bot.delivery.world.db.query(
    'select from holdfast.telegram_account where telegram_id = $1',
    [person.user.id],
  );
  expect(rows).toHaveLength(1);
  await Promise.all([1, 2].map(() => bot.answer()));
});

test('a photo of a gigabyte, an album, a sticker, 10,000 characters, rubbish callbacks: kind words, nothing held', async () => {
  const person = await begin('en');
  person.press(last(person)?.id ?? 0, 'product:neurocard');
  await bot.settle();
  await person.sendPhoto(await photo(), { asFile: true, bytes: 1_000_000_000 });
  await bot.settle();
  expect(last(person)?.text).toMatch(/too large: 20 MB are the most.*Nothing was charged/s);
  person.sendSticker();
  await bot.settle();
  expect(last(person)?.text).toMatch(/I need a photo here/);
  person.say('just words');
  await bot.settle();
  expect(last(person)?.text).toMatch(/I need a photo here/);
  await person.sendPhoto(Buffer.from('this is no picture'), { asFile: true });
  await bot.settle();
  expect(last(person)?.text).toMatch(/need a photo|can’t read this as a photo/);
  await person.sendAlbum([await photo(), await photo(), await photo()]);
  await bot.settle();
  const taken = person.chat().filter(({ text }) => text?.includes('The photo is fine'));
  expect(taken).toHaveLength(1);
  expect(taken[0]?.text).toMatch(/first photo of the album/);
  person.say('x'.repeat(10_000));
  await bot.settle();
  expect(last(person)?.text).toMatch(/10000 characters, and 1000 are the most.*Nothing was charged/s);
  for (const rubbish of [
    'go:nonsense',
    '::::',
    'look:',
    'again:gen_x:1',
    "send:'; drop table",
    'pack:none',
    'locale:xx',
    '\u0000',
    'x'.repeat(64),
  ]) {
    person.forgeCallback(rubbish);
  }
  await bot.settle();
  expect(await unfinished(person)).toBe(0);
  const balance = await bot.delivery.pipeline.balance(await bot.personId(person));
  expect(balance).toMatchObject({ total: 100n, held: 0n });
  // And it goes on from where it was.
  person.say('Allium\n12 €');
  await bot.settle();
  expect(last(person)?.text).toMatch(/Choose a style/);
});

test('nothing of another person is seen, sent or started', async () => {
  const ada = await begin('en');
  await toConfirm(ada, 'reels');
  ada.press(last(ada)?.id ?? 0, last(ada)?.buttons[0]?.[0]?.callback_data ?? '');
  await bot.settle();
  const generation = await bot.finish(ada);
  const eve = await begin('en');
  for (const data of [
    `send:${generation}`,
    `again:${generation}:50`,
    `style:${generation}`,
    `unlock:${generation}`,
  ]) {
    eve.forgeCallback(data);
  }
  await bot.settle();
  expect(films(eve)).toBe(0);
  expect(await unfinished(eve)).toBe(0);
  const toasts = bot.delivery.telegram.state.toasts.filter(({ user }) => user === eve.user.id);
  expect(new Set(toasts.map(({ text }) => text))).toEqual(
    new Set(['This is no longer open. Send /start to begin anew. Nothing was charged.']),
  );
});

test('too little credit: the shortfall and the way to buy, and nothing is held', async () => {
  const person = await begin('en');
  await toConfirm(person, 'reels');
  const id = await bot.personId(person);
  person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
  await bot.settle();
  await bot.finish(person);
  // 58 are left: one more is covered, a third is not.
  person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
  await bot.settle();
  await bot.finish(person);
  person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
  await bot.settle();
  expect(last(person)?.text).toMatch(
    /needs 50 credits and you have 16: 34 more are needed. Nothing was charged/,
  );
  expect(buttons(person)[0]).toBe('⭐️ Buy credits');
  expect(await bot.delivery.pipeline.balance(id)).toMatchObject({ total: 16n, held: 0n });
});

test('uncertain: pressed “Send it here”, a copy comes, once for each press', async () => {
  const person = await begin('en');
  await toConfirm(person, 'reels');
  bot.delivery.telegram.knobs.faults.push({
    method: 'sendVideo',
    chat: person.user.id,
    fault: 'reset_before',
  });
  person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
  await bot.settle();
  await bot.finish(person);
  expect(films(person)).toBe(0);
  const offer = last(person);
  const data = offer?.buttons[0]?.[0]?.callback_data ?? '';
  for (let tap = 0; tap < 3; tap += 1) person.press(offer?.id ?? 0, data);
  await bot.settle();
  expect(films(person)).toBe(1);
  await bot.delivery.world.clock.advance('1 minute');
  person.press(offer?.id ?? 0, data);
  await bot.settle();
  expect(films(person)).toBe(2);
  expect(await bot.delivery.pipeline.balance(await bot.personId(person))).toMatchObject({ total: 58n });
});

test('blocked meanwhile: nothing is lost, and it is offered at the next /start', async () => {
  const person = await begin('en');
  await toConfirm(person, 'reels');
  person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
  await bot.answer();
  person.block();
  await bot.answer();
  await bot.finish(person);
  expect(films(person)).toBe(0);
  person.say('/start');
  await bot.settle();
  expect(last(person)?.text).toMatch(/Press one to get it here again/);
  person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
  await bot.settle();
  expect(films(person)).toBe(1);
});

test('commands: balance, history, invite, terms, paysupport, language, delete', async () => {
  const person = await begin('en');
  const say = async (text: string) => {
    person.say(text);
    await bot.settle();
    return last(person)?.text ?? '';
  };
  expect(await say('/balance')).toMatch(/💳 100 credits available\n⌛️ 100 credits expire on/);
  expect(await say('/history')).toMatch(/No videos yet/);
  expect(await say('/invite')).toMatch(
    /https:\/\/t\.me\/holdfast_demo_bot\?start=[0-9a-z]{8}\n\nInvited so far: 0/,
  );
  const code = /start=(\w+)/.exec(last(person)?.text ?? '')?.[1] ?? '';
  const friend = bot.delivery.telegram.person();
  friend.say(`/start ${code}`);
  await bot.settle();
  expect(await say('/invite')).toMatch(/Invited so far: 1/);
  expect(await say('/terms')).toMatch(/terms in short/);
  expect(await say('/paysupport')).toMatch(/help@example.com/);
  await say('/language');
  person.press(last(person)?.id ?? 0, 'locale:ru');
  await bot.settle();
  expect(await say('/balance')).toMatch(/Доступно: 100 кредитов/);
  expect(await say('/delete')).toMatch(/Отменить это нельзя/);
  person.press(last(person)?.id ?? 0, 'delete!');
  await bot.settle();
  expect(last(person)?.text).toMatch(/Ваш аккаунт удалён/);
  expect(await bot.personId(person)).toBe('');
  expect(await say('/start')).toMatch(/Hello Ada!/);
});

test('it failed: told in the same message, in their language, with the credits back and a way to try again', async () => {
  const person = await begin('ru');
  await toConfirm(person, 'reels');
  bot.delivery.service.script.outcomes = ['fail_policy', 'succeed'];
  const before = person.chat().length;
  person.press(last(person)?.id ?? 0, last(person)?.buttons[0]?.[0]?.callback_data ?? '');
  await bot.settle();
  await bot.finish(person);
  expect(films(person)).toBe(0);
  expect(person.chat()).toHaveLength(before);
  expect(last(person)?.text).toMatch(/50 кредитов/);
  expect(buttons(person)[0]).toBe('🔁 Попробовать снова · 50 кредитов');
  expect(await bot.delivery.pipeline.balance(await bot.personId(person))).toMatchObject({
    total: 100n,
    held: 0n,
  });
});

test('a style that is chosen is what is made, in the model’s own words; another one is chosen from the film', async () => {
  const { world, service } = bot.delivery;
  const person = await begin('ru');
  person.press(last(person)?.id ?? 0, 'product:neurocard');
  await bot.settle();
  await person.sendPhoto(await photo());
  await bot.settle();
  person.say('Лук\n12 €');
  await bot.settle();
  expect(buttons(person)).toEqual(['🎲 На ваш вкус', '🤍 Светлый', '🖤 Тёмный', '🌈 Яркий']);
  person.pressButton('Тёмный');
  await bot.settle();
  person.pressButton('Создать');
  await bot.settle();
  await bot.finish(person);
  person.pressButton('Другой стиль');
  await bot.settle();
  person.pressButton('Яркий');
  await bot.settle();
  person.pressButton('Создать ·');
  await bot.settle();
  await bot.finish(person);
  const made = service.tasks.slice(-2).map(({ input }) => input);
  expect(made).toMatchObject([
    { template: 'neurocard', style: 'dark', product_name: 'Лук' },
    { template: 'neurocard', style: 'vivid', product_name: 'Лук' },
  ]);
  const { rows } = await world.db.query<{ input: { image: string } }>(
    'select input from holdfast.generation where person_id = $1',
    [await bot.personId(person)],
  );
  expect(new Set(rows.map(({ input }) => input.image)).size).toBe(1);
});

test('once more is of the same photo, words and style, and names no seed: another film', async () => {
  const person = await begin('en');
  await toConfirm(person, 'reels');
  person.pressButton('Generate');
  await bot.settle();
  await bot.finish(person);
  person.pressButton('Generate again');
  await bot.settle();
  await bot.finish(person);
  const { rows } = await bot.delivery.world.db.query<{ input: object }>(
    'select input from holdfast.generation where person_id = $1 order by id',
    [await bot.personId(person)],
  );
  expect(rows).toHaveLength(2);
  expect(rows[1]?.input).toEqual(rows[0]?.input);
  expect(rows[0]?.input).not.toHaveProperty('seed');
});

test('a model without styles: nothing is asked that it can not do', async () => {
  const { world } = bot.delivery;
  const { rows } = await world.db.query<{ templates: unknown }>(
    `select templates from holdfast.model where id = 'photo-video'`,
  );
  await world.admin.query(
    `update holdfast.model set templates = (
       select jsonb_agg(jsonb_set(t, '{inputs}', (select jsonb_agg(i) from jsonb_array_elements(t -> 'inputs') i where i ->> 'name' <> 'style')))
         from jsonb_array_elements(templates) t)
      where id = 'photo-video'`,
  );
  forgetModels(world.db);
  const person = await begin('en');
  person.press(last(person)?.id ?? 0, 'product:reels');
  await bot.settle();
  await person.sendPhoto(await photo());
  await bot.settle();
  person.press(last(person)?.id ?? 0, 'skip');
  await bot.settle();
  expect(buttons(person)).toEqual([expect.stringMatching(/^✅ Generate/), '✖️ Cancel']);
  await world.admin.query(`update holdfast.model set templates = $1 where id = 'photo-video'`, [
    JSON.stringify(rows[0]?.templates),
  ]);
  forgetModels(world.db);
});
