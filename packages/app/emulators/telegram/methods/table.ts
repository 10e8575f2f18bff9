import type { Parameters } from '../parameters.ts';
import { botUser, touch } from '../state.ts';
import type { Telegram } from '../telegram.ts';
import { bad, good } from '../types.ts';
import type { Answer } from '../types.ts';
import { getFile, sendMedia, sendMediaGroup } from './media.ts';
import { deleteMessage, editMessage, sendMessage } from './messages.ts';
import {
  answerPreCheckoutQuery,
  createInvoiceLink,
  getStarTransactions,
  refundStarPayment,
  sendInvoice,
} from './stars.ts';

type Method = (telegram: Telegram, parameters: Parameters) => Answer | Promise<Answer>;

/** The methods that are emulated, by their names in lower case: the Bot API doesn't look at the case. */
export const methods: Readonly<Record<string, Method>> = {
  getme: () => good(botUser),
  getupdates: ({ updates }, parameters) =>
    updates.getUpdates({
      offset: parameters.number('offset'),
      limit: Math.min(100, Math.max(1, parameters.number('limit') ?? 100)),
      timeoutSeconds: Math.min(50, parameters.number('timeout') ?? 0),
    }),
  setwebhook,
  deletewebhook({ updates }, parameters) {
    updates.setWebhook(null, parameters.text('drop_pending_updates') === 'true');
    return good(true);
  },
  getwebhookinfo({ updates, state }) {
    const webhook = updates.webhook();
    return good({
      url: webhook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: state.updates.length,
      ...(webhook?.lastError ? { last_error_message: webhook.lastError } : {}),
    });
  },
  sendmessage: sendMessage,
  editmessagetext: (telegram, parameters) => editMessage(telegram, parameters, 'text'),
  editmessagecaption: (telegram, parameters) => editMessage(telegram, parameters, 'caption'),
  editmessagereplymarkup: (telegram, parameters) => editMessage(telegram, parameters, 'buttons'),
  deletemessage: deleteMessage,
  sendvideo: (telegram, parameters) => sendMedia(telegram, parameters, 'video'),
  sendphoto: (telegram, parameters) => sendMedia(telegram, parameters, 'photo'),
  senddocument: (telegram, parameters) => sendMedia(telegram, parameters, 'document'),
  sendmediagroup: sendMediaGroup,
  getfile: getFile,
  answercallbackquery({ state }, parameters) {
    const [user = ''] = (parameters.text('callback_query_id') ?? '').split(':');
    if (!state.users.has(Number(user))) {
      return bad(400, 'Bad Request: query is too old and response timeout expired or query ID is invalid');
    }
    const text = parameters.text('text') ?? '';
    if (Array.from(text).length > 200) return bad(400, 'Bad Request: MESSAGE_TOO_LONG');
    if (text !== '') {
      state.toasts.push({ user: Number(user), text, alert: parameters.text('show_alert') === 'true' });
      touch(state);
    }
    return good(true);
  },
  sendinvoice: sendInvoice,
  createinvoicelink: createInvoiceLink,
  answerprecheckoutquery: answerPreCheckoutQuery,
  refundstarpayment: refundStarPayment,
  getstartransactions: getStarTransactions,
  setmycommands({ state }, parameters) {
    const language = parameters.text('language_code') ?? '';
    state.commands.set(language, parameters.object('commands') as { command: string; description: string }[]);
    return good(true);
  },
  sendchataction: () => good(true),
};

function setwebhook({ updates }: Telegram, parameters: Parameters): Answer {
  const url = parameters.text('url') ?? '';
  const secret = parameters.text('secret_token') ?? null;
  if (secret !== null && !/^[A-Za-z0-9_-]{1,256}$/.test(secret)) {
    return bad(400, 'Bad Request: secret token contains unallowed characters');
  }
  if (url !== '' && !URL.canParse(url)) return bad(400, 'Bad Request: bad webhook: invalid webhook URL');
  const drop = parameters.text('drop_pending_updates') === 'true';
  updates.setWebhook(url === '' ? null : { url, secret, lastError: null }, drop);
  return good(true);
}
