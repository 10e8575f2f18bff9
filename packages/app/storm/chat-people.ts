import { setTimeout as pause } from 'node:timers/promises';
import type { Person } from '../emulators/telegram/people.ts';
import { askForAnother, askForCopy, askForFilm, openHistory } from '../emulators/telegram/play.ts';
import type { Database } from '../src/platform/database.ts';
import type { PressFact } from './facts.ts';
import { dice } from './random.ts';
import type { Dice } from './random.ts';
import type { StormTelegram } from './telegram.ts';

/** People who ask for films in chats. */
export interface ChatCrowd {
  /** Generations of theirs, as far as is known. */
  accepted(): number;
  /** What they pressed, each as often as they did. */
  pressed(): PressFact[];
  /** Resolves when they have left. */
  readonly done: Promise<void>;
}

export interface ChatCrowdOptions {
  readonly telegram: StormTelegram;
  /** To look who is who. */
  readonly admin: Database;
  /** So many generations are wanted by all of them. */
  readonly generations: number;
  readonly seed: number;
  /** They leave. */
  readonly signal: AbortSignal;
  /** What they make films of. */
  readonly photo: Buffer;
  readonly topUp: (personId: string, key: string, amount: bigint) => Promise<void>;
}

const acts = { film: 35, again: 40, copy: 10, history: 5, block: 10 } as const;
const products = ['reels', 'neurocard'] as const;
const languages = ['en', 'ru', 'zh-hans'] as const;
const top_up = 80n;
const answer_ms = 6_000;
const most_people = 40;
const look_ms = 1_000;

/** Each does one thing at a time, as their seed has it: begins, sends a photo, presses more than once, wants it again, blocks the bot and comes back. */
export function gatherInChats(options: ChatCrowdOptions): ChatCrowd {
  const { telegram, admin, generations, seed, signal } = options;
  const presses: PressFact[] = [];
  let known = 0;
  let topUps = 0;
  const rest = (ms: number): Promise<void> => pause(ms, undefined, { signal }).catch(() => undefined);

  /** The same person, whose presses are remembered. */
  function arrive(language: string): Person {
    const person = telegram.emulator.person({ language_code: language });
    return {
      ...person,
      press(messageId, data) {
        presses.push({ chat: person.user.id, data });
        person.press(messageId, data);
      },
    };
  }

  const stays = (): boolean => !signal.aborted && known < generations;

  async function live(index: number): Promise<void> {
    let person = arrive(languages[index % languages.length] ?? 'en');
    for (let round = 0; stays(); round += 1) {
      const luck = dice(seed, `chat ${index} ${round}`);
      if (person.user.deactivated) person = arrive('en');
      await oneAct(person, luck);
      await rest(500 + luck.below(2_500));
    }
  }

  async function oneAct(person: Person, luck: Dice): Promise<void> {
    const { emulator } = telegram;
    if (luck.chance(0.4)) telegram.trouble(person.user.id, luck);
    const patience = { taps: 1 + luck.below(3), answerMs: answer_ms, tries: 2 };
    const act = luck.weighted(acts);
    if (act === 'block') {
      person.block();
      await rest(luck.below(3_000));
      person.unblock();
      person.say('/start');
      return;
    }
    if (act === 'again' && askForAnother(person, patience) !== null) return;
    if (act === 'copy' && askForCopy(person, patience) !== null) return;
    if (act === 'history') {
      const opened = await openHistory(emulator, person, { ...patience, tries: 1 });
      if (opened.came === 'pressed') askForCopy(person, patience);
      return;
    }
    const wish = {
      product: luck.pick(products),
      photo: options.photo,
      words: `Storm ${luck.hex()}\n7\nWet`,
    };
    const played = await askForFilm(emulator, person, wish, patience);
    if (played.came !== 'short_of_credits') return;
    await pay(person.user.id);
    if (!signal.aborted) await askForFilm(emulator, person, wish, patience);
  }

  async function pay(telegramId: number): Promise<void> {
    const personId = await whoIs(telegramId);
    if (personId === null) return;
    topUps += 1;
    await options.topUp(personId, `chat-top-up-${topUps}`, top_up);
  }

  /** Also while the database is away. */
  async function whoIs(telegramId: number): Promise<string | null> {
    const sql = 'select person_id from holdfast.telegram_account where telegram_id = $1';
    return admin.query<{ person_id: string }>(sql, [telegramId]).then(
      ({ rows }) => rows[0]?.person_id ?? null,
      () => null,
    );
  }

  async function watch(): Promise<void> {
    const sql = `select count(*)::integer as count from holdfast.generation_request where key like 'tg/%' and generation_id is not null`;
    while (stays()) {
      known = await admin.query<{ count: number }>(sql).then(
        ({ rows }) => rows[0]?.count ?? known,
        () => known,
      );
      await rest(look_ms);
    }
  }

  async function run(): Promise<void> {
    if (generations === 0) return;
    const count = Math.min(most_people, Math.max(3, Math.round(generations / 3)));
    await Promise.all([watch(), ...Array.from({ length: count }, (_, index) => live(index))]);
  }

  return { accepted: () => known, pressed: () => presses, done: run() };
}
