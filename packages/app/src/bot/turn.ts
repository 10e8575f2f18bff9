import type { InlineKeyboardButton } from 'grammy/types';
import type { TelegramPerson } from '../accounts/telegram.ts';
import { noteUnreachable } from '../delivery/telegram/chats.ts';
import { problemOf } from '../delivery/telegram/errors.ts';
import { inLocale } from '../generations/deps.ts';
import type { GenerationDeps } from '../generations/deps.ts';
import type { Locale } from '../platform/locale.ts';
import type { Conversation } from './conversation.ts';
import type { BotDeps } from './deps.ts';
import type { BotWords } from './words/words-table.ts';
import { wordsOf } from './words/words.ts';

export type Buttons = InlineKeyboardButton[][];

/** One update of one person, while it is answered. */
export interface Turn {
  readonly deps: BotDeps;
  /** The generations, speaking this person's language. */
  readonly generations: GenerationDeps;
  readonly person: TelegramPerson;
  readonly name: string;
  readonly chatId: number;
  readonly locale: Locale;
  readonly words: BotWords;
  /** The update's number: what tells this press of a button from any other. */
  readonly updateId: number;
  /** The message whose button was pressed. */
  readonly pressedMessage: number | null;
  conversation: Conversation;
  /** Says it in a new message. @returns its number, or null where it did not get through */
  say(text: string, buttons?: Buttons): Promise<number | null>;
  /** Says it in the message whose button was pressed, else in a new one. */
  show(text: string, buttons?: Buttons): Promise<number | null>;
  /** A few words over the chat, in answer to a press. */
  toast(text: string): void;
}

const longest_wait_seconds = 5;

export function openTurn(
  deps: BotDeps,
  about: {
    person: TelegramPerson;
    name: string;
    chatId: number;
    updateId: number;
    pressedMessage: number | null;
    conversation: Conversation;
    toast: (text: string) => void;
  },
): Turn {
  const { person, chatId } = about;
  const { api, log } = deps;

  /** Words are no money: what may have got through is not said twice. */
  async function once(send: () => Promise<number>): Promise<number | null> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await send();
      } catch (error) {
        const problem = problemOf(error);
        if (problem.kind === 'wait' && problem.seconds <= longest_wait_seconds && tries < 3) {
          await new Promise((resolve) => setTimeout(resolve, problem.seconds * 1000));
          continue;
        }
        if (problem.kind === 'gone') await noteUnreachable(deps.db, String(chatId), problem.reason);
        if (problem.kind === 'ours') {
          await deps.alarm({ reason: problem.reason, detail: problem.detail });
          throw error;
        }
        if (problem.kind === 'unsent' && tries < 1) continue;
        log.warn({ chat: chatId, problem }, 'a message was not sent');
        return null;
      }
    }
  }

  const more = (buttons: Buttons | undefined) => ({
    link_preview_options: { is_disabled: true },
    ...(buttons === undefined ? {} : { reply_markup: { inline_keyboard: buttons } }),
  });

  const say: Turn['say'] = (text, buttons) =>
    once(async () => (await api.sendMessage(chatId, text, more(buttons))).message_id);

  return {
    deps,
    generations: inLocale(deps.generations, person.locale),
    words: wordsOf(person.locale),
    locale: person.locale,
    ...about,
    say,
    async show(text, buttons) {
      const message = about.pressedMessage;
      if (message === null) return say(text, buttons);
      try {
        await api.editMessageText(chatId, message, text, more(buttons));
        return message;
      } catch (error) {
        const problem = problemOf(error);
        if (problem.kind === 'wrong' && problem.reason.startsWith('message_is_not_modified')) return message;
        if (problem.kind === 'uncertain') return message;
        return say(text, buttons);
      }
    },
  };
}
