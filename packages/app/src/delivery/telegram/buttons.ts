import type { InlineKeyboardButton } from 'grammy/types';
import type { Locale } from '../../platform/locale.ts';
import { chatWords } from './words.ts';

/** What the buttons below a result say when they are pressed; the bot reads them. At most 64 bytes each. */
export const pressed = {
  /** With the price on the button: another price is shown before anything starts. */
  again: (generationId: string, credits: bigint) => `again:${generationId}:${credits}`,
  style: (generationId: string) => `style:${generationId}`,
  send: (generationId: string) => `send:${generationId}`,
  unlock: (generationId: string) => `unlock:${generationId}`,
} as const;

type Rows = InlineKeyboardButton[][];

/** Telegram refuses a button whose address it can't open: one on this machine is left out. */
export function webButton(locale: Locale, url: string | null): Rows {
  if (url === null) return [];
  const { hostname } = new URL(url);
  const local = hostname === 'localhost' && !url.startsWith('https:');
  return local ? [] : [[{ text: chatWords(locale).openOnWeb, url }]];
}

export function resultButtons(
  locale: Locale,
  subject: { generationId: string; againCredits: bigint | null; chatUrl: string | null },
): Rows {
  const words = chatWords(locale);
  const { generationId, againCredits, chatUrl } = subject;
  const again: Rows =
    againCredits === null
      ? []
      : [
          [{ text: words.again(againCredits), callback_data: pressed.again(generationId, againCredits) }],
          [{ text: words.anotherStyle, callback_data: pressed.style(generationId) }],
        ];
  return [...again, ...webButton(locale, chatUrl)];
}

/** For a copy that may or may not have arrived. */
export function offerButtons(
  locale: Locale,
  subject: { generationId: string; chatUrl: string | null },
): Rows {
  const send = { text: chatWords(locale).sendHere, callback_data: pressed.send(subject.generationId) };
  return [[send], ...webButton(locale, subject.chatUrl)];
}

export function lockedButtons(
  locale: Locale,
  subject: { generationId: string; refunded: bigint; againCredits: bigint | null; chatUrl: string | null },
): Rows {
  const words = chatWords(locale);
  return [
    [{ text: words.unlock(subject.refunded), callback_data: pressed.unlock(subject.generationId) }],
    ...resultButtons(locale, subject),
  ];
}
