import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../emulators/telegram/people.ts';
import { receiveUpdates } from '../../src/bot/receive.ts';
import { refundStars } from '../../src/payments/stars/refund.ts';
import { reconcileStars } from '../../src/payments/stars/reconcile.ts';
import { settleStarPayment } from '../../src/payments/stars/settle.ts';
import { createBotWorld } from './bot-world.ts';
import type { BotWorld } from './bot-world.ts';

let bot: BotWorld;
beforeAll(async () => {
  bot = await createBotWorld();
});
afterAll(() => bot.close());

const last = (person: Person) => person.chat().findLast(({ from }) => from === 'bot');
const available = async (person: Person) =>
  (await bot.delivery.pipeline.balance(await bot.personId(person))).available;
const charges = (person: Person) =>
  bot.delivery.telegram.state.transactions.filter(({ user, refund }) => user === person.user.id && !refund);

/** Somebody with the invoice of the small pack: 100 credits for 250 Stars. */
async function withInvoice(): Promise<Person> {
  const person = bot.delivery.telegram.person();
  person.say('/start');
  await bot.settle();
  person.pressButton('Accept');
  await bot.settle();
  person.say('/buy');
  await bot.settle();
  person.pressButton('100 credits');
  await bot.settle();
  return person;
}

/** Answers updates while a person pays. */
async function pay(person: Person, message = last(person)?.id ?? 0): Promise<string | null> {
  const paying = person.pay(message);
  await bot.answer();
  const outcome = await paying;
  await bot.settle();
  return outcome;
}

test('a pack is paid: granted once, however often Telegram tells of it', async () => {
  const person = await withInvoice();
  bot.delivery.telegram.knobs.updateCopies = 3;
  expect(await pay(person)).toBeNull();
  bot.delivery.telegram.knobs.updateCopies = 1;
  expect(last(person)?.text).toBe('⭐️ Thank you! 100 credits were added. You have 200 available.');
  expect(await available(person)).toBe(200n);
  const [charge] = charges(person);
  const again = () =>
    settleStarPayment(bot.deps.stars, {
      chargeId: charge?.id ?? '',
      telegramId: person.user.id,
      payload: charge?.payload ?? '',
      stars: 250,
      paidAt: new Date(),
    });
  const settled = await Promise.all([again(), again(), again(), again()]);
  expect(settled.map((each) => each?.replayed)).toEqual([true, true, true, true]);
  expect(await available(person)).toBe(200n);
});

test('an old invoice paid again is a second payment, and brings credits again', async () => {
  const person = await withInvoice();
  const invoice = last(person)?.id ?? 0;
  expect(await pay(person, invoice)).toBeNull();
  expect(await pay(person, invoice)).toBeNull();
  expect(charges(person)).toHaveLength(2);
  expect(await available(person)).toBe(300n);
});

test('a pack whose price has changed is refused before it is paid; another person’s invoice too', async () => {
  const person = await withInvoice();
  const { db } = bot.delivery.world;
  const invoice = last(person)?.id ?? 0;
  await db.query(`update holdfast.star_pack set stars = 300 where id = 'small'`);
  expect(await pay(person, invoice)).toMatch(/no longer sold at this price/);
  await db.query(`update holdfast.star_pack set stars = 250 where id = 'small'`);
  expect(await available(person)).toBe(100n);
  expect(charges(person)).toHaveLength(0);
});

test('refunded through Telegram: the Stars go back, the credits are taken, once', async () => {
  const person = await withInvoice();
  await pay(person);
  const [charge] = charges(person);
  const refund = () => refundStars(bot.deps.stars, { chargeId: charge?.id ?? '', reason: 'asked for' });
  await refund();
  await refund();
  expect(person.user.stars).toBe(10_000);
  expect(await available(person)).toBe(100n);
});

test('a refund that broke off after Telegram did it is finished', async () => {
  const person = await withInvoice();
  await pay(person);
  const [charge] = charges(person);
  await bot.deps.api.refundStarPayment(person.user.id, charge?.id ?? '');
  expect(await available(person)).toBe(200n);
  const found = await reconcileStars(bot.deps.stars);
  expect(found.takenBack).toContain(charge?.id);
  expect(await available(person)).toBe(100n);
  expect((await reconcileStars(bot.deps.stars)).takenBack).toEqual([]);
});

test('a payment that nobody told of is found in the list and granted', async () => {
  const person = await withInvoice();
  const paying = person.pay(last(person)?.id ?? 0);
  await receiveUpdates(bot.deps, bot.delivery.telegram.state.updates.splice(0));
  await paying;
  // The message about it is lost.
  bot.delivery.telegram.state.updates.length = 0;
  await bot.settle();
  expect(await available(person)).toBe(100n);
  const [charge] = charges(person);
  expect((await reconcileStars(bot.deps.stars)).healed).toEqual([charge?.id]);
  expect(await available(person)).toBe(200n);
});

test('a charge for nothing that is sold here: noted, nothing granted, the operator told', async () => {
  const person = await withInvoice();
  const settled = await settleStarPayment(bot.deps.stars, {
    chargeId: 'stx-unknown',
    telegramId: person.user.id,
    payload: 'somebody else’s',
    stars: 777,
    paidAt: new Date(),
  });
  expect(settled).toMatchObject({ credits: 0n, replayed: false });
  expect(await available(person)).toBe(100n);
});
