import { randomBytes } from 'node:crypto';
import type { EmulatedFile, EmulatedMessage, EmulatedUser, StarTransaction, Update } from './types.ts';

export const botUser = {
  id: 7_000_000_001,
  is_bot: true,
  first_name: 'Holdfast',
  username: 'holdfast_demo_bot',
  can_join_groups: false,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
};

/** A private channel in which a bot may keep what it uploads. */
export const storageChannel = -1_001_000_000_001;

const first_group = -2_000_000;

/** Everything that the emulated Telegram remembers. */
export interface TelegramState {
  readonly users: Map<number, EmulatedUser>;
  readonly messages: EmulatedMessage[];
  readonly files: Map<string, EmulatedFile>;
  readonly transactions: StarTransaction[];
  readonly refunded: Set<string>;
  /** Links to invoices, by their last part. */
  readonly invoiceLinks: Map<string, EmulatedMessage['invoice'] & object>;
  /** Chats that have moved: old number to new. */
  readonly moved: Map<number, number>;
  readonly toasts: { readonly user: number; readonly text: string; readonly alert: boolean }[];
  /** By language; '' for everyone else. */
  readonly commands: Map<string, readonly { command: string; description: string }[]>;
  readonly updates: Update[];
  nextUpdate: number;
  nextMessage: number;
  /** Raised by every change that is seen. */
  version: number;
  /** Called after each change, and after each call of the API. */
  readonly watchers: Set<() => void>;
}

const sampleUsers = [
  { id: 1001, first_name: 'Ada', username: 'ada', language_code: 'en' },
  { id: 1002, first_name: 'Вера', username: 'vera', language_code: 'ru' },
  { id: 1003, first_name: '李明', username: 'liming', language_code: 'zh-hans' },
];

export function createState(): TelegramState {
  const state: TelegramState = {
    users: new Map(),
    messages: [],
    files: new Map(),
    transactions: [],
    refunded: new Set(),
    invoiceLinks: new Map(),
    moved: new Map(),
    toasts: [],
    commands: new Map(),
    updates: [],
    // Telegram starts somewhere; a bot must not believe that it is 1.
    nextUpdate: 500_000_000 + Math.floor(Math.random() * 1_000_000),
    nextMessage: 1,
    version: 0,
    watchers: new Set(),
  };
  for (const user of sampleUsers) addUser(state, user);
  return state;
}

export function addUser(
  state: TelegramState,
  user: Pick<EmulatedUser, 'id' | 'first_name' | 'username' | 'language_code'>,
): EmulatedUser {
  const added = { ...user, blocked: false, deactivated: false, started: false, stars: 10_000 };
  state.users.set(user.id, added);
  return added;
}

export function newMessage(
  state: TelegramState,
  message: Pick<EmulatedMessage, 'chat' | 'from'> & Partial<EmulatedMessage>,
): EmulatedMessage {
  const written: EmulatedMessage = {
    id: state.nextMessage,
    date: Math.floor(Date.now() / 1000),
    text: null,
    caption: null,
    file: null,
    buttons: [],
    invoice: null,
    payment: null,
    album: null,
    version: state.version + 1,
    edits: 0,
    deleted: false,
    ...message,
  };
  state.nextMessage += 1;
  state.messages.push(written);
  touch(state);
  return written;
}

/** Something is seen otherwise from now on. */
export function touch(state: TelegramState): void {
  state.version += 1;
  tell(state);
}

/** For whoever watches, though nothing that is seen has changed. */
export function tell(state: TelegramState): void {
  for (const watcher of state.watchers) watcher();
}

export function newFile(
  state: TelegramState,
  file: Pick<EmulatedFile, 'kind' | 'content'> & Partial<EmulatedFile>,
): EmulatedFile {
  const prefix = { video: 'BAAC', photo: 'AgAC', document: 'BQAC', sticker: 'CAAC' }[file.kind];
  const stored: EmulatedFile = {
    id: `${prefix}${randomBytes(24).toString('base64url')}`,
    uniqueId: randomBytes(9).toString('base64url'),
    bytes: file.content.length,
    name: file.kind,
    mimeType: file.kind === 'video' ? 'video/mp4' : 'application/octet-stream',
    width: 0,
    height: 0,
    duration: 0,
    ...file,
  };
  state.files.set(stored.id, stored);
  return stored;
}

/** The number of a group that has become another. */
export function migrate(state: TelegramState, chat: number): number {
  const known = state.moved.get(chat);
  if (known !== undefined) return known;
  const next = first_group - state.moved.size;
  state.moved.set(chat, next);
  return next;
}

/** What lies in a chat now, in order. */
export function messagesIn(state: TelegramState, chat: number): EmulatedMessage[] {
  const moved = state.moved.get(chat);
  return state.messages.filter(
    (message) => !message.deleted && (message.chat === chat || message.chat === moved),
  );
}
