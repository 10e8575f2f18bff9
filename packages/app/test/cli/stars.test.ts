import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../emulators/telegram/people.ts';
import { buyPack } from '../../emulators/telegram/play.ts';
import { createBotWorld } from '../bot/bot-world.ts';
import type { BotWorld } from '../bot/bot-world.ts';
import { botToken } from '../delivery/support/delivery-world.ts';
import { runCli } from './run-cli.ts';

let bot: BotWorld;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-stars-'));
  bot = await createBotWorld({ running: true });
});
afterAll(async () => {
  await bot.close();
  await rm(directory, { recursive: true, force: true });
});

async function stars(...args: string[]): Promise<{ code: number | null; stderr: string; said: unknown }> {
  const { code, stdout, stderr } = await runCli(['stars', ...args, '--json'], {
    DATABASE_URL: bot.delivery.world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes',
    TELEGRAM_BOT_TOKEN: botToken,
    TELEGRAM_API_ROOT: bot.delivery.telegram.url,
  });
  return { code, stderr, said: stdout === '' ? null : JSON.parse(stdout) };
}

async function paid(): Promise<{ person: Person; charge: string; id: string }> {
  const { telegram } = bot.delivery;
  const person = telegram.person();
  person.say('/start');
  await telegram.until('the terms', () => person.chat().some(({ buttons }) => buttons.length > 0));
  person.pressButton('Accept');
  const bought = await buyPack(telegram, person);
  if (bought.came !== 'pressed') throw new Error('nothing was bought');
  await telegram.until('thanks', () => person.chat().some(({ text }) => text?.startsWith('⭐️ Thank you')));
  return { person, charge: bought.name, id: await bot.personId(person) };
}

const available = async (id: string) => (await bot.delivery.pipeline.balance(id)).available;

test('a charge is found, given back once, and stands in the operators’ log', async () => {
  const { person, charge, id } = await paid();
  expect(await stars('list', String(person.user.id))).toMatchObject({
    code: 0,
    said: { payments: [{ charge, stars: 250, credits: 100, refunded_at: null }] },
  });
  expect(await stars('list', charge)).toMatchObject({ said: { payments: [{ charge }] } });
  const refund = () => stars('refund', charge, '--reason', 'Asked for it');
  expect(await refund()).toMatchObject({ code: 0, said: { stars: 250, credits: 100, already: false } });
  expect(await refund()).toMatchObject({ code: 0, said: { already: true } });
  expect(person.user.stars).toBe(10_000);
  expect(await available(id)).toBe(100n);
  const { rows } = await bot.delivery.world.admin.query(
    `select a.action, a.reason, o.outcome from holdfast.operator_action a join holdfast.operator_outcome o on o.action_id = a.id
      where a.subject = $1 order by a.at`,
    [charge],
  );
  expect(rows).toEqual([
    { action: 'refund_stars', reason: 'Asked for it', outcome: 'done' },
    { action: 'refund_stars', reason: 'Asked for it', outcome: 'nothing_to_do' },
  ]);
  expect(await stars('refund', 'stx-nobody', '--reason', 'A typing error')).toMatchObject({ code: 1 });
});

test('the books are compared: nothing is changed unless it is told to repair', async () => {
  const { charge, id } = await paid();
  await bot.deps.api.refundStarPayment((await charges(charge)).user, charge);
  expect((await stars('reconcile')).said).toMatchObject({ takenBack: [charge], healed: [], strangers: [] });
  expect(await available(id)).toBe(200n);
  expect(await stars('reconcile', '--repair')).toMatchObject({ code: 1 });
  expect((await stars('reconcile', '--repair', '--reason', 'Told by Telegram')).said).toMatchObject({
    takenBack: [charge],
  });
  expect(await available(id)).toBe(100n);
  expect((await stars('reconcile')).said).toMatchObject({ takenBack: [], healed: [] });
});

const charges = async (id: string) => {
  const found = bot.delivery.telegram.state.transactions.find((each) => each.id === id);
  if (found === undefined) throw new Error('there is no such charge');
  return found;
};
