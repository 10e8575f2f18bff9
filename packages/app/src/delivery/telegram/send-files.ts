import { InputMediaBuilder } from 'grammy';
import type { Api } from 'grammy';
import type { InlineKeyboardButton, Message } from 'grammy/types';
import type { Db } from '../../platform/database.ts';
import type { SubjectFile } from '../channels/port.ts';
import type { Storage } from '../storage/port.ts';
import { fileIdIn, findFileId, inputOf, keepFileId, sizeOf } from './file-store.ts';
import type { TelegramKind } from './file-store.ts';

/** As many as Telegram takes in one album. */
export const most_in_album = 10;

interface Wanted {
  readonly chat: number;
  /** One to ten; two and more go as one album. */
  readonly files: readonly SubjectFile[];
  readonly kindOf: (file: SubjectFile) => TelegramKind;
  /** At most 1,024 characters; below the first file. */
  readonly caption: string;
  /** Below a single file: an album has none. */
  readonly buttons: InlineKeyboardButton[][];
  readonly signal: AbortSignal;
}

interface Parts {
  readonly api: Api;
  /** The same with the patience of an upload: for files that Telegram doesn't know yet. */
  readonly uploads: Api;
  readonly db: Db;
  readonly storage: Storage;
  readonly botId: bigint;
}

/**
 * Puts files into a chat by one call, so that either all of them are there or none. Keeps the names of those that were new to Telegram.
 * @returns the numbers of the messages, and how they went
 * @throws as the client does
 */
export async function sendFiles(
  parts: Parts,
  wanted: Wanted,
): Promise<{ messageIds: number[]; way: TelegramKind | 'album' }> {
  const known = await Promise.all(
    wanted.files.map((file) => findFileId(parts.db, parts.botId, file.sha256, wanted.kindOf(file))),
  );
  const api = known.every((id) => id !== null) ? parts.api : parts.uploads;
  const [file] = wanted.files;
  if (file === undefined) throw new Error('there is nothing to send');
  const messages =
    wanted.files.length === 1
      ? [await sendOne(api, wanted, file, known[0] ?? inputOf(parts.storage, file))]
      : await sendAlbum(api, parts.storage, wanted, known);
  for (const [index, each] of wanted.files.entries()) {
    const message = messages[index];
    if (known[index] !== null || message === undefined) continue;
    const kind = wanted.kindOf(each);
    const fileId = fileIdIn(message, kind);
    const { botId } = parts;
    if (fileId !== null) await keepFileId(parts.db, { botId, sha256: each.sha256, kind, fileId });
  }
  return {
    messageIds: messages.map((message) => message.message_id),
    way: messages.length === 1 ? wanted.kindOf(file) : 'album',
  };
}

type Content = string | ReturnType<typeof inputOf>;
type Abort = Parameters<Api['sendVideo']>[3];

async function sendOne(api: Api, wanted: Wanted, file: SubjectFile, content: Content): Promise<Message> {
  const { chat, caption, buttons } = wanted;
  const kind = wanted.kindOf(file);
  const abort = wanted.signal as Abort;
  const more = { caption, reply_markup: { inline_keyboard: buttons }, ...sizeOf(file, kind) };
  switch (kind) {
    case 'video':
      return api.sendVideo(chat, content, more, abort);
    case 'photo':
      return api.sendPhoto(chat, content, more, abort);
    case 'document':
      return api.sendDocument(chat, content, more, abort);
    default:
      throw new Error(`unknown kind of file ${String(kind satisfies never)}`);
  }
}

async function sendAlbum(
  api: Api,
  storage: Storage,
  wanted: Wanted,
  known: readonly (string | null)[],
): Promise<Message[]> {
  const parts = wanted.files.map((file, index) => {
    const kind = wanted.kindOf(file);
    const more = { ...sizeOf(file, kind), ...(index === 0 ? { caption: wanted.caption } : {}) };
    return { kind, content: known[index] ?? inputOf(storage, file), more };
  });
  const abort = wanted.signal as Abort;
  // Telegram mixes films with pictures, and neither with documents.
  return parts.every(({ kind }) => kind === 'document')
    ? api.sendMediaGroup(
        wanted.chat,
        parts.map(({ content, more }) => InputMediaBuilder.document(content, more)),
        {},
        abort,
      )
    : api.sendMediaGroup(
        wanted.chat,
        parts.map(({ kind, content, more }) =>
          kind === 'video' ? InputMediaBuilder.video(content, more) : InputMediaBuilder.photo(content, more),
        ),
        {},
        abort,
      );
}
