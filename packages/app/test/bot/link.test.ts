import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../emulators/telegram/people.ts';
import { completeLink, readLink, startLink } from '../../src/accounts/telegram-link.ts';
import { grantCredits } from '../../src/credits/commands.ts';
import { mergeAccounts } from '../../src/credits/undelivered.ts';
import { newId } from '../../src/platform/ids.ts';
import { untilFinal } from '../generations/until.ts';
import { createBotWorld } from './bot-world.ts';
import type { BotWorld } from './bot-world.ts';

let bot: BotWorld;
beforeAll(async () => {
  bot = await createBotWorld();
});
afterAll(() => bot.close());

const last = (person: Person) => person.chat().findLast(({ from }) => from === 'bot');

async function webPerson(): Promise<string> {
  const { world, pipeline } = bot.delivery;
  const id = await pipeline.person(300n);
  await world.admin.query(
    `insert into auth.identity (id, name, email, email_verified) values ($1, 'Ada', $2, true)`,
    [id, `${id}@example.com`],
  );
  return id;
}

async function telegramPerson(): Promise<Person> {
  const person = bot.delivery.telegram.person();
  person.say('/start');
  await bot.settle();
  person.pressButton('Accept');
  await bot.settle();
  return person;
}

const complete = (id: string, personId: string) =>
  completeLink(bot.deps.db, { id, personId }, async (tx, from, into) => {
    await mergeAccounts(bot.deps.credits, tx, { from, into, key: `link/${id}` });
  });

test('confirmed on both sides: one person, one wallet, one library', async () => {
  const web = await webPerson();
  const chat = await telegramPerson();
  const before = await bot.personId(chat);
  const made = await bot.delivery.made({ id: before, chat }, { status: false });
  await bot.settle();
  const link = await startLink(bot.deps.db, web);
  await expect(complete(link.id, web)).rejects.toMatchObject({ code: 'link_not_ready' });
  chat.say(`/start link_${link.code}`);
  await bot.settle();
  expect(last(chat)?.text).toMatch(/Link this Telegram account with pe…@example.com/);
  chat.pressButton('Yes, link them');
  await bot.settle();
  expect(await readLink(bot.deps.db, web, link.id)).toMatchObject({ confirmed: true, telegram_name: 'Ada' });
  const both = await Promise.all([complete(link.id, web), complete(link.id, web)]);
  expect(both.filter(({ merged }) => merged)).toHaveLength(1);
  expect(await bot.personId(chat)).toBe(web);
  // 300 of the web, and 100 less the 42 of the film.
  expect(await bot.delivery.pipeline.balance(web)).toMatchObject({ total: 358n, held: 0n });
  expect(await bot.delivery.pipeline.see(web, made)).toMatchObject({ status: 'succeeded' });
  chat.say('/balance');
  await bot.settle();
  expect(last(chat)?.text).toMatch(/358 credits available/);
});

test('a code that has run out, was used, or is another’s', async () => {
  const web = await webPerson();
  const chat = await telegramPerson();
  const earlier = await startLink(bot.deps.db, web);
  const link = await startLink(bot.deps.db, web);
  for (const code of [earlier.code, 'nonsense']) {
    chat.say(`/start link_${code}`);
    await bot.settle();
    expect(last(chat)?.text).toMatch(/not valid any more/);
  }
  chat.say(`/start link_${link.code}`);
  await bot.settle();
  chat.pressButton('Yes, link them');
  await bot.settle();
  // Only whoever started it on the web finishes it.
  await expect(complete(link.id, await webPerson())).rejects.toMatchObject({ code: 'not_found' });
  await bot.delivery.world.clock.advance('11 minutes');
  await expect(complete(link.id, web)).rejects.toMatchObject({ code: 'link_not_ready' });
});

test('nothing is merged while something is being made, nor with an account that is linked already', async () => {
  const web = await webPerson();
  const chat = await telegramPerson();
  const id = await bot.personId(chat);
  await grantCredits(bot.deps.credits, {
    personId: id,
    key: newId('k'),
    amount: 100n,
    source: 'support',
    reason: 'x',
  });
  const link = await startLink(bot.deps.db, web);
  chat.say(`/start link_${link.code}`);
  await bot.settle();
  chat.pressButton('Yes, link them');
  await bot.settle();
  const generation = await bot.delivery.pipeline.ask(id);
  await expect(complete(link.id, web)).rejects.toMatchObject({ code: 'link_busy' });
  await untilFinal(bot.delivery.pipeline, id, generation);
  await complete(link.id, web);
  const other = await telegramPerson();
  const second = await startLink(bot.deps.db, web);
  other.say(`/start link_${second.code}`);
  await bot.settle();
  other.pressButton('Yes, link them');
  await bot.settle();
  await expect(complete(second.id, web)).rejects.toMatchObject({ code: 'link_taken' });
});
