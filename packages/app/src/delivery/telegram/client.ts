import { Api } from 'grammy';

export interface TelegramSettings {
  readonly token: string;
  /** Unset: Telegram's own server. */
  readonly apiRoot: string | undefined;
  /** A private chat in which files are stored before they are sent to people by their name; null: there is none. */
  readonly storageChatId: bigint | null;
}

/**
 * Nothing is repeated by the client itself: whether a send may be repeated is decided by what came of it. A small request has so many
 * seconds; an upload has more.
 */
export function createTelegramApi(settings: TelegramSettings, timeoutSeconds = 20): Api {
  return new Api(settings.token, {
    timeoutSeconds,
    ...(settings.apiRoot === undefined ? {} : { apiRoot: settings.apiRoot }),
  });
}

/** The number before the colon of a token: whose names of files these are. */
export function botIdOf(token: string): bigint {
  return BigInt(/^(\d+):/.exec(token)?.[1] ?? '0');
}

/** As the Bot API takes numbers of chats: they fit. */
export function chatNumber(chatId: bigint | string): number {
  return Number(chatId);
}
