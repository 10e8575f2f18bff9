import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Update } from 'grammy/types';
import type { Person } from '../../emulators/telegram/people.ts';
import { receiveUpdates } from '../../src/bot/receive.ts';
import { startBotWorker } from '../../src/bot/work.ts';
import type { BotWorker } from '../../src/bot/work.ts';
import { createBotWorld, photo } from './bot-world.ts';
import type { BotWorld } from './bot-world.ts';

let bot: BotWorld;
let workers: readonly BotWorker[];
beforeAll(async () => {
  bot = await createBotWorld();
  // Each as a process has one: all that they share is the database.
  workers = [1, 2, 3].map(() => startBotWorker(bot.deps, { lookMs: 0 }));
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await bot.close();
});

/** Every update reaches every process, as after a call that Telegram repeats, and all of them answer at once. */
async function answerTogether(): Promise<void> {
  const updates = bot.delivery.telegram.state.updates.splice(0) as unknown as Update[];
  await Promise.all(workers.map(() => receiveUpdates(bot.deps, updates)));
  // Who ends an update makes room for the chat's next one, which a worker that looked a moment earlier has not seen.
  for (let round = 0; round < 50; round += 1) {
    await Promise.all(workers.map((worker) => worker.work()));
    const { rows } = await bot.delivery.world.db.query(
      'select from holdfast.bot_update where done_at is null limit 1',
    );
    if (rows.length === 0) return;
  }
  throw new Error('it is not answered');
}

const last = (person: Person) => person.chat().findLast(({ from }) => from === 'bot');
const said = (person: Person, words: string) =>
  person.chat().filter(({ from, text }) => from === 'bot' && text?.includes(words) === true).length;

test('several processes, everything said and pressed twice and more: each thing is done once, in order', async () => {
  const people = Array.from({ length: 6 }, () => bot.delivery.telegram.person());
  const all = async (act: (person: Person) => unknown): Promise<void> => {
    await Promise.all(people.map((person) => act(person)));
    await answerTogether();
  };
  await all((person) => {
    person.say('/start');
    person.say('/start');
  });
  await all((person) => {
    const message = last(person)?.id ?? 0;
    person.press(message, 'accept');
    person.press(message, 'accept');
  });
  await all((person) => person.pressButton('Reels'));
  // In one breath: the second photo takes the place of the first, and the words belong to it.
  await all(async (person) => {
    await person.sendPhoto(await photo());
    await person.sendPhoto(await photo());
    person.say('Still in bloom.');
  });
  for (const person of people) {
    expect({ photos: said(person, 'The photo is fine'), styles: said(person, 'Choose a style') }).toEqual({
      photos: 2,
      styles: 1,
    });
  }
  await all((person) => person.pressButton('Warm'));
  await all((person) => {
    const { id = 0, buttons = [] } = last(person) ?? {};
    const go = buttons[0]?.[0]?.callback_data ?? '';
    for (let tap = 0; tap < 5; tap += 1) person.press(id, go);
  });
  for (const person of people) {
    const id = await bot.personId(person);
    const { rows } = await bot.delivery.world.db.query<{ made: number }>(
      'select count(*)::integer as made from holdfast.generation where person_id = $1',
      [id],
    );
    expect(rows[0]?.made).toBe(1);
    // What everyone starts with came once.
    expect(await bot.delivery.pipeline.balance(id)).toMatchObject({ total: 100n, held: 50n });
    const toasts = bot.delivery.telegram.state.toasts.filter(({ user }) => user === person.user.id);
    expect(toasts.map(({ text }) => text)).toEqual(Array.from({ length: 4 }, () => 'Already started.'));
  }
});
