import { storageChannel } from '../state.ts';
import type { TelegramState } from '../state.ts';
import { bad } from '../types.ts';
import type { Answer, Button } from '../types.ts';
import type { Parameters } from '../parameters.ts';

const longest_text = 4096;
const longest_caption = 1024;
const most_callback_bytes = 64;

/** The chat a message goes to, or why it can't. */
export function checkChat(state: TelegramState, parameters: Parameters): number | Answer {
  const asked = parameters.number('chat_id');
  if (asked === undefined) return bad(400, 'Bad Request: chat_id is empty');
  if (asked === storageChannel || [...state.moved.values()].includes(asked)) return asked;
  const user = state.users.get(asked);
  if (user === undefined) return bad(400, 'Bad Request: chat not found');
  if (user.deactivated) return bad(403, 'Forbidden: user is deactivated');
  if (user.blocked) return bad(403, 'Forbidden: bot was blocked by the user');
  if (!user.started) return bad(403, "Forbidden: bot can't initiate conversation with a user");
  return asked;
}

export function checkText(text: string | undefined): Answer | null {
  if (text === undefined || text.trim() === '') return bad(400, 'Bad Request: message text is empty');
  return text.length > longest_text ? bad(400, 'Bad Request: message is too long') : null;
}

export function checkCaption(caption: string | undefined): Answer | null {
  const tooLong = caption !== undefined && caption.length > longest_caption;
  return tooLong ? bad(400, 'Bad Request: message caption is too long') : null;
}

/** Tags of HTML must be Telegram's, and closed. */
export function checkEntities(parameters: Parameters, text: string | undefined): Answer | null {
  const mode = parameters.text('parse_mode');
  if (mode === undefined || text === undefined) return null;
  if (mode !== 'HTML') return bad(400, 'Bad Request: unsupported parse_mode');
  const open: string[] = [];
  for (const [whole, closing, tag = ''] of text.matchAll(/<(\/?)([a-z-]*)[^>]*>?/gi)) {
    const known = ['b', 'i', 'u', 's', 'a', 'code', 'pre', 'tg-spoiler', 'blockquote'].includes(tag);
    if (!known || !whole.endsWith('>')) {
      return bad(400, `Bad Request: can't parse entities: Unsupported start tag "${tag}"`);
    }
    if (closing === '') open.push(tag);
    else if (open.pop() !== tag) return bad(400, "Bad Request: can't parse entities: Unmatched end tag");
  }
  return open.length > 0
    ? bad(
        400,
        `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "${open[0]}"`,
      )
    : null;
}

/** The buttons below a message, or why they can't be shown. */
export function readButtons(parameters: Parameters): Button[][] | Answer {
  const markup = parameters.object('reply_markup') as { inline_keyboard?: Button[][] } | undefined;
  const rows = markup?.inline_keyboard ?? [];
  for (const button of rows.flat()) {
    const data = button.callback_data;
    if (data !== undefined && (data === '' || Buffer.byteLength(data) > most_callback_bytes)) {
      return bad(400, 'Bad Request: BUTTON_DATA_INVALID');
    }
    if (button.url !== undefined && !/^(https?|tg):\/\/\S+$/.test(button.url)) {
      return bad(400, `Bad Request: inline keyboard button URL '${button.url}' is invalid: Wrong HTTP URL`);
    }
    if (button.text === '') return bad(400, 'Bad Request: text buttons are unallowed in the inline keyboard');
  }
  return rows;
}

/** Text as it is shown: without the tags. */
export function shown(parameters: Parameters, text: string): string {
  if (parameters.text('parse_mode') !== 'HTML') return text;
  return text
    .replaceAll(/<\/?[a-z-]+[^>]*>/gi, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'ok' in value;
}
