import type { CallbackQuery, Message, Update } from 'grammy/types';
import { ensureTelegramPerson, noteTelegramReach } from '../accounts/telegram.ts';
import { problemOf } from '../delivery/telegram/errors.ts';
import { takeBack } from '../payments/stars/refund.ts';
import { NotFoundError } from '../platform/errors.ts';
import { readConversation } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import type { BotDeps } from './deps.ts';
import { chooseProduct, chooseStyle, productChosen } from './steps/choose.ts';
import { cancelled, confirmed, offer } from './steps/confirm.ts';
import { askToDelete, deleted } from './steps/delete.ts';
import { described } from './steps/description.ts';
import { linkConfirmed } from './steps/link.ts';
import { photoSent } from './steps/photo.ts';
import { again, anotherStyle, history, sendCopy, unlock } from './steps/results.ts';
import { buy, packChosen, starsPaid } from './steps/stars.ts';
import {
  accepted,
  askForTerms,
  balance,
  chooseLanguage,
  invite,
  languageChosen,
  start,
  terms,
} from './steps/start.ts';
import { openTurn } from './turn.ts';
import type { Turn } from './turn.ts';

/** Where the conversation stands after an update; null where it concerned none. */
export type Handled = { readonly chatId: bigint; readonly conversation: Conversation } | null;

/**
 * Answers one update. Everything it does to credits and files is idempotent by what the update says, so that an update whose worker died half-way
 * is answered again from the start.
 */
export async function handleUpdate(deps: BotDeps, update: Update): Promise<Handled> {
  const { message, callback_query: query, my_chat_member: member } = update;
  if (member !== undefined && member.chat.type === 'private') {
    const gone = member.new_chat_member.status === 'kicked' || member.new_chat_member.status === 'left';
    await noteTelegramReach(deps.db, member.from.id, gone ? 'blocked' : null);
    return null;
  }
  if (message?.chat.type === 'private' && message.from !== undefined) {
    const turn = await turnOf(deps, update.update_id, message.from, message.chat.id, null, () => undefined);
    await answerMessage(turn, message);
    return { chatId: BigInt(turn.chatId), conversation: turn.conversation };
  }
  if (query !== undefined) return answerPress(deps, update.update_id, query);
  return null;
}

async function turnOf(
  deps: BotDeps,
  updateId: number,
  from: Message['from'] & object,
  chatId: number,
  pressedMessage: number | null,
  toast: (text: string) => void,
): Promise<Turn> {
  const person = await ensureTelegramPerson(deps, {
    id: from.id,
    chatId,
    firstName: from.first_name,
    username: from.username ?? null,
    languageCode: from.language_code ?? null,
  });
  return openTurn(deps, {
    person,
    name: from.first_name.slice(0, 60),
    chatId,
    updateId,
    pressedMessage,
    conversation: await readConversation(deps.db, BigInt(chatId)),
    toast,
  });
}

async function answerMessage(turn: Turn, message: Message): Promise<void> {
  if (message.successful_payment !== undefined) {
    await starsPaid(turn, message.successful_payment, message.date);
    return;
  }
  if (message.refunded_payment !== undefined) {
    const charge = message.refunded_payment.telegram_payment_charge_id;
    const { credits } = await takeBack(turn.deps.stars, charge).catch((error: unknown) => {
      if (error instanceof NotFoundError) return { credits: 0n };
      throw error;
    });
    await turn.say(turn.words.refundedStars(credits));
    return;
  }
  const command = /^\/([a-z]+)(?:@\w+)?(?:\s+(\S{1,64}))?/i.exec(message.text ?? '');
  if (command?.[1] !== undefined) {
    await answerCommand(turn, command[1].toLowerCase(), command[2] ?? '');
    return;
  }
  if (!turn.person.termsAccepted) {
    await askForTerms(turn);
    return;
  }
  await goOn(turn, message);
}

async function answerCommand(turn: Turn, command: string, payload: string): Promise<void> {
  switch (command) {
    case 'start':
      return start(turn, payload);
    case 'terms':
      return terms(turn);
    case 'paysupport':
    case 'support':
      await turn.say(turn.words.paySupport(turn.deps.settings.supportContact));
      return;
    case 'language':
      return chooseLanguage(turn);
    case 'delete':
      return askToDelete(turn);
    default:
      break;
  }
  if (!turn.person.termsAccepted) return askForTerms(turn);
  switch (command) {
    case 'balance':
      return balance(turn);
    case 'buy':
      return buy(turn);
    case 'history':
      return history(turn);
    case 'invite':
      return invite(turn);
    default:
      await turn.say(turn.words.notUnderstood);
  }
}

/** A message that is no command answers what was asked last. */
async function goOn(turn: Turn, message: Message): Promise<void> {
  const { conversation } = turn;
  switch (conversation.step) {
    case 'idle':
    case 'product':
    case 'style':
    case 'confirm':
      if (isRestOfAlbum(conversation, message)) return;
      await turn.say(turn.words.notUnderstood);
      return;
    case 'photo':
      return photoSent(turn, conversation.product, message);
    case 'description':
      if (isRestOfAlbum(conversation, message)) return;
      // Another photo instead of words: the newer one is meant.
      if (message.photo !== undefined) return photoSent(turn, conversation.draft.product, message);
      return described(turn, conversation.draft, message.text ?? null);
    default:
      throw new Error(`unknown step ${JSON.stringify(conversation satisfies never)}`);
  }
}

function isRestOfAlbum(conversation: Conversation, message: Message): boolean {
  const album = 'draft' in conversation ? conversation.draft.album : null;
  return album !== null && message.media_group_id === album;
}

async function answerPress(deps: BotDeps, updateId: number, query: CallbackQuery): Promise<Handled> {
  const chatId = query.message?.chat.id ?? query.from.id;
  let toasted: string | undefined;
  const turn = await turnOf(deps, updateId, query.from, chatId, query.message?.message_id ?? null, (text) => {
    toasted = text;
  });
  try {
    await press(turn, (query.data ?? '').slice(0, 64));
  } finally {
    await answerQuery(deps, query.id, toasted);
  }
  return { chatId: BigInt(chatId), conversation: turn.conversation };
}

/** Ends the clock on the button. A query that is too old is no loss. */
async function answerQuery(deps: BotDeps, id: string, text: string | undefined): Promise<void> {
  try {
    await deps.api.answerCallbackQuery(id, text === undefined ? {} : { text: text.slice(0, 190) });
  } catch (error) {
    deps.log.info({ problem: problemOf(error) }, 'a press of a button was not acknowledged');
  }
}

async function press(turn: Turn, data: string): Promise<void> {
  const [what = '', about = '', more = ''] = data.split(':');
  switch (what) {
    case 'accept':
      return accepted(turn);
    case 'language':
      return chooseLanguage(turn);
    case 'locale':
      return languageChosen(turn, about);
    case 'link':
      return linkConfirmed(turn, about);
    case 'cancel':
      return cancelled(turn);
    case 'delete!':
    case 'unlink!':
      return deleted(turn, what);
    default:
      break;
  }
  if (!turn.person.termsAccepted) return askForTerms(turn);
  const { conversation } = turn;
  switch (what) {
    case 'product':
      return productChosen(turn, about);
    case 'skip':
      if (conversation.step === 'description') return described(turn, conversation.draft, '');
      break;
    case 'look':
      if (conversation.step === 'style') return offer(turn, { ...conversation.draft, look: about });
      break;
    case 'restyle':
      if (conversation.step === 'confirm') return chooseStyle(turn, conversation.draft);
      break;
    case 'go':
      return confirmed(turn, about);
    case 'again':
      return again(turn, about, /^\d{1,15}$/.test(more) ? BigInt(more) : 0n);
    case 'style':
      return anotherStyle(turn, about);
    case 'send':
      return sendCopy(turn, about);
    case 'unlock':
      return unlock(turn, about);
    case 'buy':
      return buy(turn);
    case 'pack':
      return packChosen(turn, about);
    case 'start':
      return chooseProduct(turn);
    default:
      break;
  }
  turn.toast(turn.words.offerGone);
}
