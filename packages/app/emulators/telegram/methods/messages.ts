import type { Parameters } from '../parameters.ts';
import { messagesIn, newMessage, touch } from '../state.ts';
import type { Telegram } from '../telegram.ts';
import { bad, good } from '../types.ts';
import type { Answer, EmulatedMessage } from '../types.ts';
import { messageOnWire } from '../wire.ts';
import { checkCaption, checkChat, checkEntities, checkText, isAnswer, readButtons, shown } from './check.ts';

export function sendMessage({ state }: Telegram, parameters: Parameters): Answer {
  const chat = checkChat(state, parameters);
  if (isAnswer(chat)) return chat;
  const text = parameters.text('text');
  const wrong = checkText(text) ?? checkEntities(parameters, text);
  if (wrong) return wrong;
  const buttons = readButtons(parameters);
  if (isAnswer(buttons)) return buttons;
  const message = newMessage(state, { chat, from: 'bot', text: shown(parameters, text ?? ''), buttons });
  return good(messageOnWire(state, message));
}

/** The bot's own message that is to be changed, or why it can't be. */
function ownMessage({ state }: Telegram, parameters: Parameters, to: string): EmulatedMessage | Answer {
  const chat = checkChat(state, parameters);
  if (isAnswer(chat)) return chat;
  const id = parameters.number('message_id');
  const message = messagesIn(state, chat).find((each) => each.id === id);
  if (message === undefined) return bad(400, `Bad Request: message to ${to} not found`);
  return message.from === 'bot' ? message : bad(400, `Bad Request: message can't be ${to}ed`);
}

const unchanged = bad(
  400,
  'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
);

export function editMessage(
  telegram: Telegram,
  parameters: Parameters,
  what: 'text' | 'caption' | 'buttons',
): Answer {
  const { state } = telegram;
  const message = ownMessage(telegram, parameters, 'edit');
  if (isAnswer(message)) return message;
  const buttons = readButtons(parameters);
  if (isAnswer(buttons)) return buttons;
  const given = what === 'buttons' ? undefined : parameters.text(what);
  const wrong =
    (what === 'text' ? checkText(given) : checkCaption(given)) ?? checkEntities(parameters, given);
  if (wrong && what !== 'buttons') return wrong;
  if (what === 'text' && message.text === null)
    return bad(400, 'Bad Request: there is no text in the message to edit');
  const next = given === undefined ? null : shown(parameters, given);
  const before = what === 'caption' ? message.caption : message.text;
  const same = what === 'buttons' || before === next;
  if (same && JSON.stringify(message.buttons) === JSON.stringify(buttons)) return unchanged;
  if (what === 'text') message.text = next;
  if (what === 'caption') message.caption = next;
  message.buttons = buttons;
  message.edits += 1;
  message.version = state.version + 1;
  touch(state);
  return good(messageOnWire(state, message));
}

export function deleteMessage(telegram: Telegram, parameters: Parameters): Answer {
  const message = ownMessage(telegram, parameters, 'delete');
  if (isAnswer(message)) return message;
  message.deleted = true;
  touch(telegram.state);
  return good(true);
}
