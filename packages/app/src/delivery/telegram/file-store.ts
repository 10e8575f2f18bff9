import { InputFile } from 'grammy';
import type { Api } from 'grammy';
import type { Db } from '../../platform/database.ts';
import type { SubjectFile } from '../channels/port.ts';
import type { Storage } from '../storage/port.ts';
import { chatNumber } from './client.ts';

export type TelegramKind = 'video' | 'photo' | 'document';

/** The most that the Bot API takes from a bot. */
export const most_upload_bytes = 50 * 1_048_576;

export async function findFileId(
  db: Db,
  botId: bigint,
  sha256: string,
  kind: TelegramKind,
): Promise<string | null> {
  const { rows } = await db.query<{ file_id: string }>(
    'select file_id from holdfast.telegram_file where bot_id = $1 and sha256 = $2 and kind = $3',
    [botId, sha256, kind],
  );
  return rows[0]?.file_id ?? null;
}

export async function keepFileId(
  db: Db,
  file: { botId: bigint; sha256: string; kind: TelegramKind; fileId: string },
): Promise<void> {
  await db.query(
    `insert into holdfast.telegram_file (bot_id, sha256, kind, file_id) values ($1, $2, $3, $4)
     on conflict (bot_id, sha256, kind) do update set file_id = excluded.file_id, stored_at = holdfast.clock()`,
    [file.botId, file.sha256, file.kind, file.fileId],
  );
}

/** A name that Telegram no longer takes. */
export async function forgetFileId(db: Db, botId: bigint, sha256: string, kind: TelegramKind): Promise<void> {
  await db.query('delete from holdfast.telegram_file where bot_id = $1 and sha256 = $2 and kind = $3', [
    botId,
    sha256,
    kind,
  ]);
}

/** As Telegram takes a new file: read from storage while it is sent. */
export function inputOf(storage: Storage, file: SubjectFile): InputFile {
  const ending = file.kind === 'video' ? 'mp4' : 'jpg';
  return new InputFile(
    async () => {
      const opened = await storage.open(file.sha256);
      if (opened === null) throw new Error(`the file ${file.sha256} is missing`);
      return opened.stream;
    },
    `holdfast-${file.assetId.slice(-8)}.${ending}`,
  );
}

/**
 * Stores a file in the private chat and keeps its name: slow, invisible to people, and harmless to repeat.
 * @throws as the client does
 */
export async function storeInTelegram(
  parts: { api: Api; db: Db; storage: Storage; botId: bigint; storageChatId: bigint },
  file: SubjectFile,
  kind: TelegramKind,
  signal: AbortSignal,
): Promise<void> {
  const chat = chatNumber(parts.storageChatId);
  const input = inputOf(parts.storage, file);
  const options = { disable_notification: true, ...sizeOf(file, kind) };
  const abort = signal as Parameters<Api['sendVideo']>[3];
  const message =
    kind === 'video'
      ? await parts.api.sendVideo(chat, input, options, abort)
      : kind === 'photo'
        ? await parts.api.sendPhoto(chat, input, options, abort)
        : await parts.api.sendDocument(chat, input, options, abort);
  const fileId = fileIdIn(message, kind);
  if (fileId === null) throw new Error('Telegram stored a file and gave it no name');
  await keepFileId(parts.db, { botId: parts.botId, sha256: file.sha256, kind, fileId });
}

export function sizeOf(
  file: SubjectFile,
  kind: TelegramKind,
): { width?: number; height?: number; duration?: number; supports_streaming?: boolean } {
  if (kind !== 'video') return {};
  const { width, height, durationSeconds } = file;
  return { width, height, duration: Math.round(durationSeconds ?? 0), supports_streaming: true };
}

/** The name of the file in a message that was sent. */
export function fileIdIn(
  message: { video?: { file_id: string }; document?: { file_id: string }; photo?: { file_id: string }[] },
  kind: TelegramKind,
): string | null {
  if (kind === 'photo') return message.photo?.at(-1)?.file_id ?? null;
  return message[kind]?.file_id ?? null;
}
