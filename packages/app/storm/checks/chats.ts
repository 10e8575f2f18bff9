import type { ChatDeliveryFact, Facts, Violation } from '../facts.ts';

/** What was handed over in chats, by Telegram's own book. */
export function chatsHaveWhatWasAsked(facts: Facts): Violation[] {
  return [...copies(facts), ...presses(facts), ...givenBack(facts), ...closed(facts), ...words(facts)];
}

const key = (chat: number, id: string | null): string => `${chat} ${id}`;
const carriesFile = ({ event }: ChatDeliveryFact): boolean => event === 'succeeded' || event === 'resent';
const found = (sentence: string, generationId: string | null): Violation => ({
  check: 'chat',
  sentence,
  generationId,
});

/** Never more copies than were asked for; and what is said to have been delivered is there. */
function copies({ chats }: Facts): Violation[] {
  const violations: Violation[] = [];
  const rows = Map.groupBy(chats.deliveries.filter(carriesFile), (row) => key(row.chat, row.generationId));
  const sends = Map.groupBy(chats.sends, (send) => key(send.chat, send.generationId));
  for (const [name, sent] of sends) {
    const { chat, generationId } = sent[0] ?? { chat: 0, generationId: null };
    const asked = rows.get(name) ?? [];
    const may = asked.filter(({ file }) => file !== 'no').length;
    if (sent.length > asked.length) {
      violations.push(
        found(`is ${sent.length} times in chat ${chat}, asked for ${asked.length} times`, generationId),
      );
    } else if (sent.length > may) {
      violations.push(found(`is ${sent.length} times in chat ${chat}, and ${may} may be`, generationId));
    }
  }
  for (const [name, asked] of rows) {
    const said = asked.filter(({ file }) => file === 'yes').length;
    const sent = sends.get(name)?.length ?? 0;
    const { chat, generationId } = asked[0] ?? { chat: 0, generationId: null };
    if (said > sent) {
      violations.push(
        found(`is said to be ${said} times in chat ${chat}, and is there ${sent} times`, generationId),
      );
    }
  }
  return violations;
}

/** One generation for each offer that was confirmed, none for more than was pressed, no copy that nobody wanted. */
function presses({ chats, remembered }: Facts): Violation[] {
  const violations: Violation[] = [];
  const people = new Map(chats.people.map(({ chat, personId }) => [chat, personId]));
  const pressed = Map.groupBy(chats.presses, ({ chat, data }) =>
    [people.get(chat), ...data.split(':').slice(0, 2)].join(' '),
  );
  const often = (...words: readonly string[]): number => pressed.get(words.join(' '))?.length ?? 0;
  const wishes = remembered.filter(({ key: name, generationId }) => name.startsWith('tg/') && generationId);
  for (const [name, theirs] of Map.groupBy(
    wishes,
    ({ personId, key: one }) => `${personId} ${wishOf(one)}`,
  )) {
    const [personId = '', what = '', of = ''] = name.split(' ');
    const times = what === 'go' ? Math.min(1, often(personId, what, of)) : often(personId, what, of);
    if (theirs.length > times) {
      const sentence = `${personId} got ${theirs.length} generations by ${what}:${of}, for ${times} presses`;
      violations.push(found(sentence, theirs[0]?.generationId ?? null));
    }
  }
  const resent = chats.deliveries.filter(({ event }) => event === 'resent');
  for (const [name, rows] of Map.groupBy(resent, (row) => `${row.personId} ${row.generationId}`)) {
    const [personId = '', id = ''] = name.split(' ');
    const times = often(personId, 'send', id) + often(personId, 'unlock', id);
    if (rows.length > times)
      violations.push(found(`was sent again ${rows.length} times, for ${times} presses`, id));
  }
  return violations;
}

/** `tg/<offer>` is a confirmed offer, `tg/again/<generation>/<update>` another one of the same. */
function wishOf(name: string): string {
  const [, first = '', second = ''] = name.split('/');
  return first === 'again' ? `again ${second}` : `go ${first}`;
}

/** A chat that took no file at all was proven to refuse it. */
function closed({ chats, generations }: Facts): Violation[] {
  return chats.closed.flatMap((id) => {
    if (id === null) return [found('nobody came so far that their chat could refuse', null)];
    const back = generations.find((one) => one.id === id)?.givenBack ?? 0n;
    return back > 0n ? [] : [found('could not reach its chat in any way, and gave nothing back', id)];
  });
}

/** Credits go back if and only if a chat was proven to refuse the file, all of them, once. */
function givenBack({ chats, generations }: Facts): Violation[] {
  const refused = new Set(
    chats.deliveries
      .filter(({ event, state, refusals }) => event === 'succeeded' && state === 'refused' && refusals >= 3)
      .map(({ generationId }) => generationId),
  );
  return generations.flatMap(({ id, captured, givenBack: back }) => {
    const worth = captured ?? 0n;
    if (back > 0n && !refused.has(id))
      return [found(`gave ${back} credits back, and no chat has refused it`, id)];
    if (worth > 0n && refused.has(id) && back !== worth) {
      return [found(`was refused by its chat, and gave ${back} of ${worth} credits back`, id)];
    }
    return [];
  });
}

/** Nobody is left without an answer. */
function words({ chats, generations, remembered }: Facts): Violation[] {
  const violations = chats.deliveries
    .filter(({ state }) => state === 'pending' || state === 'sending')
    .map(({ generationId, event }) => found(`its ${event} was never told`, generationId));
  if (chats.unanswered > 0) violations.push(found(`${chats.unanswered} messages were never answered`, null));
  if (chats.givenUp > 0) violations.push(found(`${chats.givenUp} messages were given up`, null));
  const told = new Set(chats.deliveries.map(({ generationId }) => generationId));
  const asked = new Set(
    remembered.flatMap(({ key: name, generationId }) => (name.startsWith('tg/') ? (generationId ?? []) : [])),
  );
  for (const { id, state } of generations) {
    if (asked.has(id) && state !== 'cancelled' && !told.has(id))
      violations.push(found(`${state}: its chat was not told`, id));
  }
  return violations;
}
