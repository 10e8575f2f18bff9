import { booksOf } from '../emulators/telegram/books.ts';
import { startTelegramEmulator } from '../emulators/telegram/emulator.ts';
import type { TelegramEmulator } from '../emulators/telegram/emulator.ts';
import type { RandomFaults } from '../emulators/telegram/knobs.ts';
import { storageChannel } from '../emulators/telegram/state.ts';
import type { SendFact } from './facts.ts';
import { dice } from './random.ts';
import type { Dice } from './random.ts';

/** The emulated Telegram beside the vendors, with the book that only it has. */
export interface StormTelegram {
  readonly emulator: TelegramEmulator;
  /** What a process needs to reach it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Faults by chance, until `clear`. */
  blow(): void;
  clear(): void;
  /** The next file for this chat does not simply arrive: it is refused however it is sent, or its sending meets a fault. */
  trouble(chat: number, luck: Dice): void;
  /** What happened and was not taken by the bot yet. */
  waiting(): number;
  sends(): SendFact[];
  close(): Promise<void>;
}

/** Time-outs hold a connection for as long as a client has patience: a cut one is as uncertain, and over at once. */
const faults: RandomFaults = {
  share: 0.04,
  weights: {
    reset_after: 5,
    reset_before: 3,
    flood: 4,
    restart: 2,
    bad_gateway: 1,
    sent_but_gone: 1,
    timeout_after: 0.3,
    blocked: 1,
    deactivated: 0.2,
    chat_not_found: 0.5,
    too_big: 1,
    wrong_file_id: 2,
    url_failed: 1,
  },
  // Not uploads: a time-out of one lasts for minutes.
  methods: [
    'sendMessage',
    'editMessageText',
    'answerCallbackQuery',
    'sendVideo',
    'sendPhoto',
    'sendDocument',
    'getFile',
  ],
};
const faults_of_files = [
  'reset_after',
  'reset_before',
  'flood',
  'restart',
  'bad_gateway',
  'sent_but_gone',
  'blocked',
  'chat_not_found',
  'wrong_file_id',
] as const;
/** A film, a file, a link: the link in the message that told of progress, else in a new one. */
const ways = { sendVideo: 1, sendDocument: 1, editMessageText: 10, sendMessage: 2 } as const;
const token = '7000000001:storm';

export async function startTelegram(seed: number): Promise<StormTelegram> {
  const roll = dice(seed, 'telegram');
  const emulator = await startTelegramEmulator({
    token,
    random: () => roll.next(),
    knobs: { messagesPerSecond: 0 },
  });
  return {
    emulator,
    environment: {
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_API_ROOT: emulator.url,
      TELEGRAM_STORAGE_CHAT: String(storageChannel),
      TELEGRAM_WEBHOOK_SECRET: 'a-secret-of-the-storm',
    },
    blow() {
      emulator.knobs.random = faults;
    },
    clear() {
      emulator.knobs.random = null;
      emulator.knobs.faults = [];
    },
    trouble(chat, luck) {
      if (luck.chance(0.7)) {
        emulator.knobs.faults.push({ method: 'sendVideo', chat, fault: luck.pick(faults_of_files) });
        return;
      }
      for (const [method, times] of Object.entries(ways)) {
        emulator.knobs.faults.push({ method, chat, fault: 'too_big', times });
      }
    },
    waiting: () => emulator.state.updates.length,
    sends: () => booksOf(emulator).sends.map(({ chat, generationId, at }) => ({ chat, generationId, at })),
    close: () => emulator.close(),
  };
}
