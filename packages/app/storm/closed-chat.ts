import { setTimeout as pause } from 'node:timers/promises';
import { askForFilm } from '../emulators/telegram/play.ts';
import type { ChatFacts, PressFact } from './facts.ts';
import type { StormWorld } from './world.ts';

const credits = 80n;
const look_ms = 100;
const most_ms = 90_000;
/** More than a delivery tries. */
const often = 50;

/**
 * Under a clear sky: somebody's chat takes no file, however it is sent, nor the link in its place, until that is proven and the credits are back.
 * @returns what they pressed, and what they asked for
 */
export async function closedChat(
  world: StormWorld,
  options: { photo: Buffer; signal: AbortSignal; say: (line: string) => void },
): Promise<{ presses: PressFact[]; closed: ChatFacts['closed'] }> {
  const { admin, telegram } = world;
  const { emulator } = telegram;
  const presses: PressFact[] = [];
  const someone = emulator.person({ language_code: 'en' });
  const chat = someone.user.id;
  const person = {
    ...someone,
    press(messageId: number, data: string) {
      presses.push({ chat, data });
      someone.press(messageId, data);
    },
  };
  options.say('a chat that takes no file');
  const refuse = (methods: readonly string[]): void => {
    for (const method of methods)
      emulator.knobs.faults.push({ method, chat, fault: 'too_big', times: often });
  };
  const wish = { product: 'reels', photo: options.photo, words: 'Closed' } as const;
  const personId = async (): Promise<string> => {
    const { rows } = await admin.query<{ person_id: string }>(
      'select person_id from holdfast.telegram_account where telegram_id = $1',
      [chat],
    );
    return rows[0]?.person_id ?? '';
  };
  refuse(['sendVideo', 'sendDocument']);
  const played = await askForFilm(emulator, person, wish);
  if (played.came === 'short_of_credits') {
    await world.topUp(await personId(), 'for a closed chat', credits);
    await askForFilm(emulator, person, wish);
  }
  const generationId = await found(
    `select r.generation_id as id from holdfast.delivery_wish w
       join holdfast.generation_request r on r.person_id = w.person_id and r.command = w.command and r.key = w.key
      where w.target = $1 and w.status_message_id is not null`,
  );
  // Its progress has its message by now: only the link is left to be refused.
  refuse(['editMessageText', 'sendMessage']);
  await found(`select generation_id as id from holdfast.delivery
                where target = $1 and event = 'succeeded' and finished_at is not null`);
  telegram.clear();
  return { presses, closed: [generationId] };

  async function found(sql: string): Promise<string | null> {
    for (const by = performance.now() + most_ms; performance.now() < by && !options.signal.aborted;) {
      const { rows } = await admin.query<{ id: string }>(sql, [String(chat)]);
      if (rows[0] !== undefined) return rows[0].id;
      await pause(look_ms);
    }
    return null;
  }
}
