import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Message } from 'grammy/types';
import { saveUpload } from '../../delivery/uploads.ts';
import { HoldfastError } from '../../platform/errors.ts';
import type { Draft } from '../conversation.ts';
import type { BotDeps } from '../deps.ts';
import type { Turn } from '../turn.ts';
import type { Product } from '../words/words-table.ts';

const megabyte = 1_048_576;
/** A bot gets no larger file than this. */
const most_fetched_bytes = 20 * megabyte;
const fetch_timeout_ms = 60_000;

/** The largest size of a photo, or a file that says that it is a picture. */
export function photoIn(message: Message): { fileId: string; bytes: number | undefined } | null {
  const photo = message.photo?.at(-1);
  if (photo) return { fileId: photo.file_id, bytes: photo.file_size };
  const { document } = message;
  if (document?.mime_type?.startsWith('image/') === true) {
    return { fileId: document.file_id, bytes: document.file_size };
  }
  return null;
}

/** Checks and stores the photo at once: nothing is held before it is known to be one. */
export async function photoSent(turn: Turn, product: Product, message: Message): Promise<void> {
  const { deps, words } = turn;
  const most = Math.min(most_fetched_bytes, deps.settings.maxUploadBytes);
  const photo = photoIn(message);
  if (photo === null) {
    await turn.say(words.needPhoto);
    return;
  }
  if ((photo.bytes ?? 0) > most) {
    await turn.say(words.photoTooLarge(Math.floor(most / megabyte)));
    return;
  }
  try {
    const upload = await saveUpload(deps.delivery, {
      personId: turn.person.personId,
      content: await fetchFile(deps, photo.fileId),
      maxBytes: most,
    });
    const album = message.media_group_id ?? null;
    const draft: Draft = { product, upload: upload.id, album, words: {}, look: null };
    await describe(turn, draft);
  } catch (error) {
    if (!(error instanceof HoldfastError) || !error.code.startsWith('upload_')) throw error;
    const tooLarge = error.code === 'upload_too_large' || error.code === 'upload_too_many_pixels';
    await turn.say(tooLarge ? words.photoTooLarge(Math.floor(most / megabyte)) : words.photoUnreadable);
  }
}

export async function describe(turn: Turn, draft: Draft): Promise<void> {
  const { words } = turn;
  turn.conversation = { step: 'description', draft };
  const album = draft.album === null ? '' : ` ${words.albumFirst}`;
  const skip = draft.product === 'reels' ? [[{ text: words.skip, callback_data: 'skip' }]] : undefined;
  await turn.say(`${words.photoTaken}${album}\n\n${words.describe[draft.product]}`, skip);
}

async function fetchFile(deps: BotDeps, fileId: string): Promise<Readable> {
  const { file_path: path } = await deps.api.getFile(fileId);
  const { apiRoot, token } = deps.settings;
  const response = await fetch(`${apiRoot}/file/bot${token}/${path ?? ''}`, {
    signal: AbortSignal.timeout(fetch_timeout_ms),
  });
  if (!response.ok || response.body === null) throw new Error(`Telegram's file answered ${response.status}`);
  return Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
}
