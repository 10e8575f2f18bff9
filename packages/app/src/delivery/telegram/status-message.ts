import type { Api } from 'grammy';
import type { InlineKeyboardButton } from 'grammy/types';
import type { Db } from '../../platform/database.ts';
import { chatNumber } from './client.ts';
import { problemOf } from './errors.ts';

/**
 * Says it in the one message that tells how a generation goes, by editing it; where there is none, or it is no more, in a new one (`always`),
 * or for words that nobody would miss, not at all. Nothing more is said there afterwards.
 * @returns the message's number, or null where nothing was said
 * @throws as the client does
 */
export async function showStatus(
  parts: { api: Api; db: Db },
  row: { wish_id: string | null; target: string },
  said: { text: string; buttons: InlineKeyboardButton[][]; always?: boolean },
): Promise<number | null> {
  const { api, db } = parts;
  const chat = chatNumber(row.target);
  const more = {
    reply_markup: { inline_keyboard: said.buttons },
    link_preview_options: { is_disabled: true },
  };
  const { rows } = await db.query<{ status_message_id: bigint | null }>(
    // Kept, so that an edit of its progress that was under way meanwhile does not have the last word.
    `update holdfast.delivery_wish set edit_due_at = null, shown = $2 where id = $1 returning status_message_id`,
    [row.wish_id, JSON.stringify({ text: said.text, buttons: said.buttons })],
  );
  const message = rows[0]?.status_message_id ?? null;
  if (message !== null) {
    try {
      await api.editMessageText(chat, Number(message), said.text, more);
      return Number(message);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind !== 'wrong') throw error;
      if (problem.reason.startsWith('message_is_not_modified')) return Number(message);
    }
  }
  if (said.always !== true) return null;
  return (await api.sendMessage(chat, said.text, more)).message_id;
}
