import { afterAll, beforeAll, expect, test } from 'vitest';
import { askForFilm } from '../../emulators/telegram/play.ts';
import type { Person } from '../../emulators/telegram/people.ts';
import { completeLink, startLink } from '../../src/accounts/telegram-link.ts';
import { mergeAccounts } from '../../src/credits/undelivered.ts';
import { removeExpired } from '../../src/delivery/retention.ts';
import { createBotWorld, photo } from './bot-world.ts';
import type { BotWorld } from './bot-world.ts';

let bot: BotWorld;
beforeAll(async () => {
  bot = await createBotWorld({ running: true });
});
afterAll(() => bot.close());

const last = (person: Person) => person.chat().findLast(({ from }) => from === 'bot');
const told = (person: Person, words: string) =>
  bot.delivery.telegram.until(words, () =>
    last(person)?.text?.includes(words) === true ? last(person) : null,
  );
const films = (person: Person) =>
  person.chat().filter(({ from, file }) => from === 'bot' && file !== null).length;

async function withFilm(language = 'en'): Promise<Person> {
  const { telegram } = bot.delivery;
  const person = telegram.person({ language_code: language });
  await askForFilm(telegram, person, { product: 'neurocard', photo: await photo(), words: 'Allium\n12 €' });
  await telegram.until('the film', () => films(person) === 1);
  return person;
}

/** Everything that rows still say about somebody, as one text. */
async function whatIsKnown(personId: string, chat: number): Promise<string> {
  const { world } = bot.delivery;
  const { rows } = await world.admin.query<{ known: string }>(
    `select coalesce(string_agg(r, ' '), '') as known from (
       select row_to_json(t)::text as r from holdfast.person t where id = $1
       union all select row_to_json(t)::text from holdfast.telegram_account t where person_id = $1 or telegram_id = $2
       union all select row_to_json(t)::text from holdfast.generation t where person_id = $1
       union all select row_to_json(t)::text from holdfast.quote t where person_id = $1
       union all select row_to_json(t)::text from holdfast.delivery t where person_id = $1
       union all select row_to_json(t)::text from holdfast.delivery_wish t where person_id = $1
       union all select row_to_json(t)::text from holdfast.bot_conversation t where chat_id = $2
       union all select row_to_json(t)::text from holdfast.upload t where person_id = $1
       union all select row_to_json(t)::text from holdfast.telegram_link t where telegram_id = $2) as all_of_it`,
    [personId, chat],
  );
  return rows[0]?.known ?? '';
}

test.each([
  [
    'en',
    /The 58 credits you have left are lost.*What stays.*can’t be undone/s,
    'Delete everything',
    'was deleted',
  ],
  [
    'ru',
    /Оставшиеся 58 кредитов пропадут.*Останутся.*Отменить это нельзя/s,
    'Удалить всё',
    'Ваш аккаунт удалён',
  ],
  ['zh-hans', /剩余的 58 积分将失效.*会保留.*无法恢复/s, '全部删除', '您的账号已删除'],
])('%s: what goes and what stays is said first; then it goes', async (language, warning, button, gone) => {
  const { telegram, world, pipeline } = bot.delivery;
  const person = await withFilm(language);
  const id = await bot.personId(person);
  const { rows } = await world.db.query<{ sha256: string }>(
    'select sha256 from holdfast.upload where person_id = $1',
    [id],
  );
  expect(await whatIsKnown(id, person.user.id)).toContain('Allium');
  person.say('/delete');
  await telegram.until('the warning', () => warning.test(last(person)?.text ?? ''));
  person.pressButton(button);
  await told(person, gone);
  const known = await whatIsKnown(id, person.user.id);
  expect(known).not.toContain('Allium');
  expect(known).not.toContain(String(person.user.id));
  expect(known).not.toMatch(/Ada|upl_.*sha256/);
  expect(await pipeline.balance(id)).toMatchObject({ total: 58n, held: 0n });
  // The books stay; the files go, once nobody can be about to name them, unless somebody else has the same.
  await world.db.query('update holdfast.unwanted_object set due_at = holdfast.clock()');
  await world.clock.advance('7 hours');
  await removeExpired(pipeline.deps.delivery, 0);
  const waiting = await world.db.query('select from holdfast.unwanted_object');
  expect({ photos: rows.length, waiting: waiting.rows.length }).toEqual({ photos: 1, waiting: 0 });
});

test('whoever comes back is somebody new, and is neither promised nor given the welcome credits again', async () => {
  const { telegram, pipeline } = bot.delivery;
  const person = telegram.person();
  person.say('/start');
  expect((await told(person, 'Hello'))?.text).toContain('You start with 100 credits');
  person.pressButton('Accept');
  await told(person, 'What shall we make?');
  const before = await bot.personId(person);
  person.say('/delete');
  await told(person, 'What stays');
  person.pressButton('Delete everything');
  await told(person, 'was deleted');
  person.say('/start');
  expect((await told(person, 'Hello'))?.text).not.toContain('You start with');
  person.pressButton('Accept');
  await told(person, 'What shall we make?');
  const after = await bot.personId(person);
  expect(after).not.toBe(before);
  expect(await pipeline.balance(after)).toMatchObject({ total: 0n });
});

test('linked with the web: only Telegram is forgotten, and that is what is said', async () => {
  const { world, pipeline } = bot.delivery;
  const person = await withFilm();
  const web = await pipeline.person(300n);
  await world.admin.query(
    `insert into auth.identity (id, name, email, email_verified) values ($1, 'Ada', 'ada@example.com', true)`,
    [web],
  );
  person.say('/delete');
  const warning = await told(person, 'What stays');
  const link = await startLink(bot.deps.db, web);
  person.say(`/start link_${link.code}`);
  await told(person, 'Link this Telegram account');
  person.pressButton('Yes, link them');
  await told(person, 'Confirmed here');
  await completeLink(bot.deps.db, { id: link.id, personId: web }, async (tx, from, into) => {
    await mergeAccounts(bot.deps.credits, tx, { from, into, key: `link/${link.id}` });
  });
  // The button of before promised something else: it is asked again.
  person.press(warning.id, 'delete!');
  const asked = await told(person, 'ad…@example.com');
  expect(asked.text).toMatch(/the web account with its library and 358 credits.*help@example\.com/s);
  person.pressButton('Forget me in Telegram');
  await told(person, 'The bot has forgotten you');
  expect(await bot.personId(person)).toBe('');
  expect(await pipeline.balance(web)).toMatchObject({ total: 358n, held: 0n });
  const { rows } = await world.db.query(
    'select from holdfast.asset where person_id = $1 and removed_at is null',
    [web],
  );
  expect(rows).toHaveLength(1);
  // Nor can the same welcome credits be brought into one account again and again.
  person.say('/start');
  await told(person, 'Hello');
  person.pressButton('Accept');
  await told(person, 'What shall we make?');
  expect(await pipeline.balance(await bot.personId(person))).toMatchObject({ total: 0n });
});

test('nothing is deleted while something is being made', async () => {
  const { telegram, service } = bot.delivery;
  service.script.outcomes = ['never_end'];
  const person = telegram.person();
  await askForFilm(telegram, person, { product: 'reels', photo: await photo(), words: 'Still.' });
  await told(person, 'held; you pay only');
  person.say('/delete');
  await told(person, 'What stays');
  person.pressButton('Delete everything');
  await told(person, 'still being made');
  expect(await bot.personId(person)).not.toBe('');
  service.script.outcomes = ['succeed'];
});
