import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fault } from '../../emulators/telegram/knobs.ts';
import { storageChannel } from '../../emulators/telegram/state.ts';
import { openLinkedFile } from '../../src/delivery/open-link.ts';
import { unlockGeneration } from '../../src/generations/end/give-back.ts';
import { createDeliveryWorld } from './support/delivery-world.ts';
import type { DeliveryWorld } from './support/delivery-world.ts';

let all: DeliveryWorld;
beforeAll(async () => {
  all = await createDeliveryWorld();
});
afterAll(() => all.close());

const inChat = (rows: Record<string, unknown>[], event = 'succeeded') =>
  rows.find((row) => row['channel'] === 'telegram' && row['event'] === event);

const sendsTo = (chat: number, method: string) =>
  all.telegram.calls.filter((call) => call.chat === chat && call.method === method).length;

const fault = (one: Fault, options: { method?: string; chat?: number; times?: number } = {}) =>
  all.telegram.knobs.faults.push({ method: 'sendVideo', ...options, fault: one });

test('a film is stored once in private and sent by its name; its status message says what was charged', async () => {
  const ada = await all.person();
  const id = await all.made(ada);
  await all.runner().work();
  expect(all.copies(ada.chat)).toBe(1);
  expect(sendsTo(storageChannel, 'sendVideo')).toBe(1);
  const [status, film] = ada.chat.chat().filter(({ from }) => from === 'bot');
  expect(status?.text).toBe('✅ Ready. 4.2 s delivered: 42 credits charged, 8 released.');
  expect(film?.caption).toMatch(/42 credits charged/);
  expect(film?.buttons.flat().map(({ text }) => text)).toEqual([
    '🔁 Generate again · 50 credits',
    '🎨 Another style',
    '🌐 Open on the web',
  ]);
  expect(await all.rows(id)).toMatchObject([
    { channel: 'library', state: 'delivered', attempts: 0 },
    { channel: 'telegram', state: 'delivered', attempts: 1, target: String(ada.chat.user.id) },
  ]);
  // The same film for somebody else is not stored again.
  const ben = await all.person();
  await all.made(ben);
  await all.runner().work();
  expect(all.copies(ben.chat)).toBe(1);
  expect(sendsTo(storageChannel, 'sendVideo')).toBe(1);
});

test.each<[Fault, number]>([
  ['timeout_after', 1],
  ['reset_after', 1],
  ['timeout_before', 0],
  ['restart', 0],
  ['bad_gateway', 0],
])('a send that meets %s: at most one copy, no refund, and an offer', async (one, copies) => {
  const ada = await all.person();
  const id = await all.made(ada);
  fault(one, { chat: ada.chat.user.id });
  await all.runner().work();
  expect(all.copies(ada.chat)).toBe(copies);
  const row = inChat(await all.rows(id));
  expect(row).toMatchObject({ state: 'uncertain', attempts: 1, due_at: null });
  // Whenever it is looked at again, nothing is sent.
  await all.world.clock.advance('2 days');
  await all.runner().work();
  expect(all.copies(ada.chat)).toBe(copies);
  expect(sendsTo(ada.chat.user.id, 'sendVideo')).toBe(1);
  expect(await all.pipeline.balance(ada.id)).toMatchObject({ total: 458n, held: 0n });
  const offer = ada.chat.chat().find(({ text }) => text?.includes('Your video is ready'));
  expect(offer?.buttons.flat().map(({ text }) => text)).toEqual(['📩 Send it here', '🌐 Open on the web']);
});

test('three proven refusals: credits back once, the person told, the file locked and unlockable', async () => {
  const ada = await all.person(100n);
  const id = await all.made(ada);
  const { user } = ada.chat;
  fault({ code: 400, description: 'Bad Request: VIDEO_REFUSED' }, { chat: user.id });
  fault(
    { code: 400, description: 'Bad Request: DOCUMENT_REFUSED' },
    { chat: user.id, method: 'sendDocument' },
  );
  fault(
    { code: 400, description: 'Bad Request: TEXT_REFUSED' },
    { chat: user.id, method: 'editMessageText' },
  );
  fault({ code: 400, description: 'Bad Request: TEXT_REFUSED' }, { chat: user.id, method: 'sendMessage' });
  const runner = all.runner();
  for (let turn = 0; turn < 6; turn += 1) {
    await runner.work();
    await all.world.clock.advance('1 minute');
  }
  const row = inChat(await all.rows(id));
  expect(row).toMatchObject({ state: 'refused', attempts: 3, refusals: 3 });
  expect(all.copies(ada.chat)).toBe(0);
  expect(await all.pipeline.balance(ada.id)).toMatchObject({ total: 100n, held: 0n, available: 100n });
  const view = await all.pipeline.see(ada.id, id);
  expect(view).toMatchObject({
    status: 'succeeded',
    locked: { credits: 42n },
    receipt: { captured: 42n, refunded: 42n, charged: 0n, not_charged: true },
  });
  const told = ada.chat.chat().at(-1);
  expect(told?.text).toMatch(/^Send failed\. Credits refunded\. Please try again\.\n42 credits are back/);
  expect(told?.buttons.flat()[0]?.text).toBe('🔓 Unlock for 42 credits');

  const asset = view.outputs[0]?.id ?? '';
  const open = (variant: 'file' | 'download') =>
    openLinkedFile(all.pipeline.deps.delivery, { variant, id: asset });
  await expect(open('file')).rejects.toMatchObject({ code: 'file_locked' });
  await expect(open('download')).rejects.toMatchObject({ code: 'file_locked' });
  const unlock = () => unlockGeneration(all.pipeline.deps, { personId: ada.id, generationId: id });
  await Promise.all([unlock(), unlock(), unlock()]);
  expect(await all.pipeline.balance(ada.id)).toMatchObject({ total: 58n });
  expect((await open('file')).bytes).toBeGreaterThan(0);
  expect(await all.pipeline.see(ada.id, id)).toMatchObject({
    locked: null,
    receipt: { refunded: 0n, charged: 42n },
  });
});

test('nobody unlocks what they have no credit for', async () => {
  const ada = await all.person(50n);
  const id = await all.made(ada);
  fault({ code: 400, description: 'Bad Request: REFUSED' }, { chat: ada.chat.user.id, times: 9 });
  for (const method of ['sendDocument', 'editMessageText', 'sendMessage']) {
    fault({ code: 400, description: 'Bad Request: REFUSED' }, { chat: ada.chat.user.id, method });
  }
  const runner = all.runner();
  for (let turn = 0; turn < 5; turn += 1) {
    await runner.work();
    await all.world.clock.advance('1 minute');
  }
  await all.pipeline.ask(ada.id, { seconds: 5 });
  const unlocking = unlockGeneration(all.pipeline.deps, { personId: ada.id, generationId: id });
  await expect(unlocking).rejects.toMatchObject({ code: 'insufficient_credits', data: { required: '42' } });
  expect(await all.pipeline.see(ada.id, id)).toMatchObject({ locked: { credits: 42n } });
  all.telegram.knobs.faults.length = 0;
});

test('429: it waits as long as it is told to, and sends once', async () => {
  const ada = await all.person();
  const id = await all.made(ada);
  all.telegram.knobs.retryAfterSeconds = 33;
  fault('flood', { chat: ada.chat.user.id });
  const runner = all.runner();
  await runner.work();
  const waiting = inChat(await all.rows(id));
  expect(waiting).toMatchObject({ state: 'pending', refusals: 0, reason: 'flood' });
  const due = waiting?.['due_at'] as Date | undefined;
  const left = ((due?.getTime() ?? 0) - all.world.clock.now().getTime()) / 1000;
  expect(left).toBeGreaterThan(30);
  await runner.work();
  expect(all.copies(ada.chat)).toBe(0);
  await all.world.clock.advance('34 seconds');
  await runner.work();
  expect(all.copies(ada.chat)).toBe(1);
  expect(inChat(await all.rows(id))).toMatchObject({ state: 'delivered', attempts: 2, refusals: 0 });
});

test.each<[Fault, string]>([
  ['blocked', 'blocked'],
  ['deactivated', 'deactivated'],
  ['chat_not_found', 'chat_not_found'],
  ['cannot_initiate', 'never_started'],
])('%s: one attempt, no refund, and none at all for the next', async (one, reason) => {
  const ada = await all.person();
  const first = await all.made(ada);
  fault(one, { chat: ada.chat.user.id });
  await all.runner().work();
  expect(inChat(await all.rows(first))).toMatchObject({ state: 'refused', attempts: 1, reason });
  const sends = sendsTo(ada.chat.user.id, 'sendVideo');
  expect(sends).toBe(1);
  const next = await all.made(ada, { status: false });
  await all.runner().work();
  expect(sendsTo(ada.chat.user.id, 'sendVideo')).toBe(1);
  expect(inChat(await all.rows(next))).toMatchObject({ state: 'refused', attempts: 0, reason });
  expect(await all.pipeline.balance(ada.id)).toMatchObject({ total: 416n });
  expect(await all.pipeline.see(ada.id, first)).toMatchObject({ locked: null });
});

test('what was taken and removed at once counts as delivered', async () => {
  const ada = await all.person();
  const id = await all.made(ada);
  fault('sent_but_gone', { chat: ada.chat.user.id });
  await all.runner().work();
  expect(inChat(await all.rows(id))).toMatchObject({ state: 'delivered', attempts: 1 });
  expect(all.copies(ada.chat)).toBe(1);
});

test('a chat that has moved is followed, and the film sent once', async () => {
  const ada = await all.person();
  const id = await all.made(ada);
  fault('migrated', { chat: ada.chat.user.id });
  const runner = all.runner();
  await runner.work();
  await runner.work();
  const row = inChat(await all.rows(id));
  expect(row).toMatchObject({ state: 'delivered', attempts: 2, refusals: 0 });
  expect(Number(row?.['target'])).toBeLessThan(0);
  expect(all.copies(ada.chat)).toBe(1);
});

test('no connection: nothing has left, so it is tried again', async () => {
  const ada = await all.person();
  const id = await all.made(ada);
  const closed = all.telegramChannel();
  const { url } = all.telegram;
  Object.assign(all.telegram, { url: 'http://127.0.0.1:9' });
  const unreachable = all.telegramChannel();
  Object.assign(all.telegram, { url });
  const runner = all.runner([unreachable]);
  await runner.work();
  expect(inChat(await all.rows(id))).toMatchObject({
    state: 'pending',
    refusals: 0,
    reason: 'not_connected',
  });
  await runner.stop();
  await all.world.clock.advance('1 minute');
  await all.runner([closed]).work();
  expect(all.copies(ada.chat)).toBe(1);
});

test('a wrong token alarms the operator and costs nobody an attempt', async () => {
  const ada = await all.person();
  const id = await all.made(ada);
  fault('unauthorized', { chat: ada.chat.user.id });
  const runner = all.runner();
  await runner.work();
  expect(all.alarms.at(-1)).toMatchObject({ reason: 'unauthorized' });
  await all.world.clock.advance('2 minutes');
  await runner.work();
  expect(inChat(await all.rows(id))).toMatchObject({ state: 'delivered', refusals: 0 });
});

test('a private chat that is not there: the operator is told, and the film goes by itself', async () => {
  const ada = await all.person();
  await all.world.admin.query('delete from holdfast.telegram_file');
  await all.made(ada);
  fault('chat_not_found', { chat: storageChannel });
  await all.runner().work();
  expect(all.alarms.at(-1)).toMatchObject({ reason: 'storage_chat' });
  expect(all.copies(ada.chat)).toBe(1);
});

test('several workers at once send one copy', async () => {
  const people = await Promise.all([1, 2, 3].map(() => all.person()));
  await Promise.all(people.map((one) => all.made(one)));
  const runners = [1, 2, 3].map(() => all.runner());
  await Promise.all(runners.map((runner) => runner.work()));
  expect(people.map(({ chat }) => all.copies(chat))).toEqual([1, 1, 1]);
});

test('a worker that died after the marker: it may have left, so it is never sent again', async () => {
  const ada = await all.person();
  const id = await all.made(ada);
  await all.world.admin.query(
    `update holdfast.delivery set state = 'sending', attempts = 1, claim = 1, claimed_until = holdfast.clock() - interval '1 second'
      where generation_id = $1 and channel = 'telegram'`,
    [id],
  );
  await all.runner().work();
  expect(inChat(await all.rows(id))).toMatchObject({ state: 'uncertain', reason: 'worker_lost' });
  expect(all.copies(ada.chat)).toBe(0);
  expect(ada.chat.chat().at(-1)?.buttons.flat()[0]?.text).toBe('📩 Send it here');
});
