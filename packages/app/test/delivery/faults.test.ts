import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fault } from '../../emulators/telegram/knobs.ts';
import { storageChannel } from '../../emulators/telegram/state.ts';
import { createDeliveryWorld } from './support/delivery-world.ts';
import type { DeliveryWorld } from './support/delivery-world.ts';

let all: DeliveryWorld;
beforeAll(async () => {
  all = await createDeliveryWorld();
});
afterAll(() => all.close());

const faults: readonly Fault[] = [
  'timeout_after',
  'timeout_before',
  'reset_after',
  'reset_before',
  'sent_but_gone',
  'blocked',
  'deactivated',
  'chat_not_found',
  'migrated',
  'restart',
  'bad_gateway',
  'flood',
  'too_big',
  'wrong_file_id',
  'unauthorized',
  { code: 400, description: 'Bad Request: anything else' },
];
const methods = ['sendVideo', 'sendDocument', 'sendMessage', 'editMessageText'] as const;

test('under every fault at once: never more copies than were asked for; paid for unless it was proven refused', async () => {
  const people = await Promise.all(Array.from({ length: 32 }, () => all.person(100n)));
  const made = await Promise.all(people.map((person) => all.made(person)));
  // Each fault at the film itself, then at other calls too; and chats that refuse whatever way is taken.
  const refuses: Fault = { code: 400, description: 'Bad Request: refused' };
  for (const [index, { chat }] of people.entries()) {
    const first = index < 24 ? (faults[index % faults.length] ?? refuses) : refuses;
    all.telegram.knobs.faults.push({ method: 'sendVideo', chat: chat.user.id, fault: first });
    for (const [turn, method] of methods.slice(1).entries()) {
      const next = index < 24 ? (faults[(index * 5 + turn * 7) % faults.length] ?? refuses) : refuses;
      all.telegram.knobs.faults.push({ method, chat: chat.user.id, fault: next });
    }
  }
  all.telegram.knobs.faults.push(
    { method: 'sendVideo', chat: storageChannel, fault: 'reset_after' },
    { method: 'sendVideo', chat: storageChannel, fault: 'flood' },
  );
  const runners = [1, 2, 3].map(() => all.runner());
  for (let turn = 0; turn < 30; turn += 1) {
    await Promise.all(runners.map((runner) => runner.work()));
    await all.world.clock.advance('2 hours');
  }
  const ends = new Set<string>();
  for (const [index, person] of people.entries()) {
    const id = made[index] ?? '';
    const rows = await all.rows(id);
    expect(rows.every((row) => row['due_at'] === null)).toBe(true);
    const sent = rows.find((row) => row['channel'] === 'telegram' && row['event'] === 'succeeded');
    const copies = all.copies(person.chat);
    const view = await all.pipeline.see(person.id, id);
    const { total, held } = await all.pipeline.balance(person.id);
    const refunded = view.locked !== null;
    ends.add(`${String(sent?.['state'])}${refunded ? ' refunded' : ''}`);
    expect(copies).toBeLessThanOrEqual(1);
    expect({ id, state: sent?.['state'], total, held }).toEqual({
      id,
      state: sent?.['state'],
      total: refunded ? 100n : 58n,
      held: 0n,
    });
    // What went back was refused three times over, and never arrived.
    const gone = { state: sent?.['state'], refusals: sent?.['refusals'], copies };
    expect(refunded ? gone : null).toEqual(refunded ? { state: 'refused', refusals: 3, copies: 0 } : null);
  }
  expect([...ends]).toEqual(
    expect.arrayContaining(['delivered', 'uncertain', 'refused', 'refused refunded']),
  );
}, 120_000);
