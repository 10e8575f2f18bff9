import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { booksOf } from '../../emulators/telegram/books.ts';
import type { Fault } from '../../emulators/telegram/knobs.ts';
import type { Person } from '../../emulators/telegram/people.ts';
import { storageChannel } from '../../emulators/telegram/state.ts';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { wishForTelegram } from '../../src/delivery/wishes.ts';
import { planCopy } from '../../src/delivery/plan.ts';
import { inTransaction } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import { pictures } from '../generations/by-hand.ts';
import { untilFinal } from '../generations/until.ts';
import { createDeliveryWorld } from './support/delivery-world.ts';
import type { DeliveryWorld } from './support/delivery-world.ts';

let all: DeliveryWorld;
beforeAll(async () => {
  all = await createDeliveryWorld();
  await seedCatalogue(all.world.db, [{ model: pictures('reserve'), creditsPerUnit: 5n }]);
});
afterAll(() => all.close());

/** A picture that no other test has. */
const picture = (red: number, blue: number): Promise<Buffer> =>
  sharp({ create: { width: 120, height: 90, channels: 3, background: { r: red, g: 90, b: blue } } })
    .jpeg()
    .toBuffer();

/** Three, though four were asked for: the fourth is not charged. */
async function threePictures(person: { id: string; chat: Person }): Promise<string> {
  const red = person.chat.user.id % 200;
  all.service.script.pictures = await Promise.all([20, 120, 220].map((blue) => picture(red, blue)));
  const key = newId('key');
  const chatId = BigInt(person.chat.user.id);
  await wishForTelegram(all.world.db, { personId: person.id, command: 'create', key, chatId });
  const { generation } = await acceptGeneration(all.pipeline.deps, {
    personId: person.id,
    key,
    request: { model: 'pictures-reserve', input: { prompt: 'a test', count: 4 } },
  });
  await untilFinal(all.pipeline, person.id, generation.id);
  return generation.id;
}

const albums = (chat: Person) => booksOf(all.telegram).sends.filter((send) => send.chat === chat.user.id);
const inChat = async (id: string) =>
  (await all.rows(id)).find((row) => row['channel'] === 'telegram' && row['event'] === 'succeeded');

test('all that was delivered comes as one album, once; what was not delivered is not charged; the buttons follow', async () => {
  const ada = await all.person(100n);
  const id = await threePictures(ada);
  await all.runner().work();
  expect(albums(ada.chat).map(({ messageIds }) => messageIds.length)).toEqual([3]);
  expect(await inChat(id)).toMatchObject({ state: 'delivered', attempts: 1, facts: { way: 'album' } });
  expect(await all.pipeline.balance(ada.id)).toMatchObject({ total: 85n, held: 0n });
  const [first, , third, next] = ada.chat.chat().filter(({ from }) => from === 'bot');
  expect(first?.caption).toMatch(/15 credits charged, 5 released/);
  expect(third?.file?.kind).toBe('photo');
  expect(next).toMatchObject({ text: 'What next?' });
  expect(next?.buttons.flat()[0]?.text).toBe('🔁 Generate again · 20 credits');
  // Each was stored by its own call, unseen; asked for again, all of them come by their names.
  const stored = () =>
    all.telegram.calls.filter(({ chat, method }) => chat === storageChannel && method === 'sendPhoto').length;
  const before = stored();
  await inTransaction(all.world.db, (tx) =>
    planCopy(tx, {
      generationId: id,
      personId: ada.id,
      chatId: BigInt(ada.chat.user.id),
      askedBy: 'a press',
    }),
  );
  await all.runner().work();
  expect(albums(ada.chat).map(({ fileIds }) => fileIds)).toEqual([
    albums(ada.chat)[0]?.fileIds,
    albums(ada.chat)[0]?.fileIds,
  ]);
  expect(stored()).toBe(before);
});

test('without a private chat to store in, they are uploaded with the album', async () => {
  const ada = await all.person(100n);
  const id = await threePictures(ada);
  await all.runner([all.telegramChannel({ storage: false })]).work();
  expect(albums(ada.chat).map(({ messageIds }) => messageIds.length)).toEqual([3]);
  expect(await inChat(id)).toMatchObject({ state: 'delivered', attempts: 1 });
});

test.each<[Fault, number]>([
  ['timeout_after', 1],
  ['reset_before', 0],
])('an album that meets %s: at most once, nothing given back, and an offer', async (fault, sends) => {
  const ada = await all.person(100n);
  const id = await threePictures(ada);
  all.telegram.knobs.faults.push({ method: 'sendMediaGroup', chat: ada.chat.user.id, fault });
  await all.runner().work();
  await all.world.clock.advance('2 days');
  await all.runner().work();
  expect(albums(ada.chat)).toHaveLength(sends);
  expect(await inChat(id)).toMatchObject({ state: 'uncertain', attempts: 1 });
  expect(await all.pipeline.balance(ada.id)).toMatchObject({ total: 85n });
  const offer = ada.chat.chat().find(({ text }) => text?.includes('Your pictures are ready'));
  expect(offer?.buttons.flat()[0]?.text).toBe('📩 Send it here');
});

test('an album that is refused goes as files, then as a link, and three refusals give all of it back, once', async () => {
  const ada = await all.person(100n);
  const id = await threePictures(ada);
  const chat = ada.chat.user.id;
  const refused: Fault = { code: 400, description: 'Bad Request: MEDIA_INVALID' };
  all.telegram.knobs.faults.push(
    { method: 'sendMediaGroup', chat, fault: refused, times: 2 },
    { method: 'sendMessage', chat, fault: refused },
  );
  const runner = all.runner();
  for (let turn = 0; turn < 6; turn += 1) {
    await runner.work();
    await all.world.clock.advance('1 minute');
  }
  expect(albums(ada.chat)).toHaveLength(0);
  expect(await inChat(id)).toMatchObject({ state: 'refused', refusals: 3 });
  expect(await all.pipeline.balance(ada.id)).toMatchObject({ total: 100n, held: 0n });
  expect(await all.pipeline.see(ada.id, id)).toMatchObject({ locked: { credits: 15n } });
});
