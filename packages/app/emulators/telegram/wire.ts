import { botUser, storageChannel } from './state.ts';
import type { TelegramState } from './state.ts';
import type { EmulatedFile, EmulatedMessage, EmulatedUser } from './types.ts';

/** Messages, people and files as the Bot API writes them. */
export function userOnWire(user: EmulatedUser): Record<string, unknown> {
  const { id, first_name, username, language_code } = user;
  return { id, is_bot: false, first_name, username, language_code };
}

export function chatOnWire(state: TelegramState, chat: number): Record<string, unknown> {
  const user = state.users.get(chat);
  if (user) return { id: chat, type: 'private', first_name: user.first_name, username: user.username };
  return { id: chat, type: chat === storageChannel ? 'channel' : 'supergroup', title: 'Storage' };
}

export function messageOnWire(state: TelegramState, message: EmulatedMessage): Record<string, unknown> {
  const sender = message.from === 'bot' ? botUser : state.users.get(message.from);
  return {
    message_id: message.id,
    date: message.date,
    chat: chatOnWire(state, message.chat),
    ...(sender && message.chat !== storageChannel
      ? { from: 'is_bot' in sender ? sender : userOnWire(sender) }
      : {}),
    ...(message.text === null ? {} : { text: message.text, ...commandIn(message.text) }),
    ...(message.caption === null ? {} : { caption: message.caption }),
    ...(message.file === null ? {} : fileOnWire(message.file)),
    ...(message.album === null ? {} : { media_group_id: message.album }),
    ...(message.edits > 0 ? { edit_date: Math.floor(Date.now() / 1000) } : {}),
    ...(message.buttons.length > 0 ? { reply_markup: { inline_keyboard: message.buttons } } : {}),
    ...(message.invoice === null
      ? {}
      : {
          invoice: {
            title: message.invoice.title,
            description: message.invoice.description,
            start_parameter: '',
            currency: message.invoice.currency,
            total_amount: message.invoice.stars,
          },
        }),
    ...(message.payment === null
      ? {}
      : {
          successful_payment: {
            currency: 'XTR',
            total_amount: message.payment.stars,
            invoice_payload: message.payment.payload,
            telegram_payment_charge_id: message.payment.chargeId,
            provider_payment_charge_id: `${message.chat}_${message.id}`,
          },
        }),
  };
}

function commandIn(text: string): { entities?: object[] } {
  const command = /^\/[a-z0-9_]+(@\w+)?/i.exec(text);
  return command ? { entities: [{ type: 'bot_command', offset: 0, length: command[0].length }] } : {};
}

export function fileOnWire(file: EmulatedFile): Record<string, unknown> {
  const common = { file_id: file.id, file_unique_id: file.uniqueId, file_size: file.bytes };
  const { width, height, duration } = file;
  switch (file.kind) {
    case 'photo':
      return { photo: [{ ...common, width, height }] };
    case 'video':
      return {
        video: { ...common, width, height, duration, mime_type: file.mimeType, file_name: file.name },
      };
    case 'document':
      return { document: { ...common, mime_type: file.mimeType, file_name: file.name } };
    case 'sticker':
      return {
        sticker: { ...common, type: 'regular', width: 512, height: 512, is_animated: false, is_video: false },
      };
    default:
      throw new Error(`unknown kind of file ${String(file.kind satisfies never)}`);
  }
}
