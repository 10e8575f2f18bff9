import { randomBytes } from 'node:crypto';
import type { Parameters } from '../parameters.ts';
import { newMessage, touch } from '../state.ts';
import type { Telegram } from '../telegram.ts';
import { bad, good } from '../types.ts';
import type { Answer, Invoice } from '../types.ts';
import { messageOnWire, userOnWire } from '../wire.ts';
import { checkChat, isAnswer } from './check.ts';

const between = (text: string, least: number, most: number): boolean =>
  Buffer.byteLength(text) >= least && Array.from(text).length <= most;

function readInvoice(parameters: Parameters): Invoice | Answer {
  const title = parameters.text('title') ?? '';
  const description = parameters.text('description') ?? '';
  const payload = parameters.text('payload') ?? '';
  const currency = parameters.text('currency') ?? '';
  const prices = (parameters.object('prices') ?? []) as { label?: string; amount?: number }[];
  if (!between(title, 1, 32)) return bad(400, 'Bad Request: TITLE_INVALID');
  if (!between(description, 1, 255)) return bad(400, 'Bad Request: DESCRIPTION_INVALID');
  if (payload === '' || Buffer.byteLength(payload) > 128) {
    return bad(400, 'Bad Request: INVOICE_PAYLOAD_INVALID');
  }
  if (currency !== 'XTR' || (parameters.text('provider_token') ?? '') !== '') {
    return bad(400, 'Bad Request: PAYMENT_PROVIDER_INVALID');
  }
  const [price, ...others] = prices;
  const stars = price?.amount ?? 0;
  if (others.length > 0 || !Number.isInteger(stars) || stars < 1 || stars > 25_000) {
    return bad(400, 'Bad Request: STARS_INVOICE_INVALID');
  }
  return { title, description, payload, currency, stars };
}

export function sendInvoice({ state }: Telegram, parameters: Parameters): Answer {
  const chat = checkChat(state, parameters);
  if (isAnswer(chat)) return chat;
  const invoice = readInvoice(parameters);
  if (isAnswer(invoice)) return invoice;
  const buttons = [[{ text: `Pay ⭐️${invoice.stars}`, pay: true }]];
  return good(messageOnWire(state, newMessage(state, { chat, from: 'bot', invoice, buttons })));
}

export function createInvoiceLink({ state }: Telegram, parameters: Parameters): Answer {
  const invoice = readInvoice(parameters);
  if (isAnswer(invoice)) return invoice;
  const slug = randomBytes(9).toString('base64url');
  state.invoiceLinks.set(slug, invoice);
  return good(`https://t.me/$${slug}`);
}

export function answerPreCheckoutQuery(telegram: Telegram, parameters: Parameters): Answer {
  const id = parameters.text('pre_checkout_query_id') ?? '';
  const waiting = telegram.checkouts.get(id);
  if (waiting === undefined) {
    return bad(400, 'Bad Request: query is too old and response timeout expired or query ID is invalid');
  }
  const ok = parameters.text('ok') === 'true';
  waiting({ ok, error: parameters.text('error_message') ?? null });
  return good(true);
}

export function refundStarPayment({ state }: Telegram, parameters: Parameters): Answer {
  const charge = parameters.text('telegram_payment_charge_id') ?? '';
  const user = parameters.number('user_id');
  const paid = state.transactions.find((each) => each.id === charge && !each.refund);
  if (paid === undefined || paid.user !== user) return bad(400, 'Bad Request: CHARGE_ID_INVALID');
  if (state.refunded.has(charge)) return bad(400, 'Bad Request: CHARGE_ALREADY_REFUNDED');
  state.refunded.add(charge);
  state.transactions.push({ ...paid, refund: true, date: Math.floor(Date.now() / 1000) });
  const person = state.users.get(paid.user);
  if (person) person.stars += paid.amount;
  touch(state);
  return good(true);
}

/** Oldest first, as the Bot API lists them. */
export function getStarTransactions({ state }: Telegram, parameters: Parameters): Answer {
  const offset = parameters.number('offset') ?? 0;
  const limit = parameters.number('limit') ?? 100;
  if (limit < 1 || limit > 100 || offset < 0) return bad(400, 'Bad Request: LIMIT_INVALID');
  const transactions = state.transactions.slice(offset, offset + limit).map((each) => {
    const user = state.users.get(each.user);
    const partner = {
      type: 'user',
      transaction_type: 'invoice_payment',
      invoice_payload: each.payload,
      ...(user ? { user: userOnWire(user) } : {}),
    };
    const { id, amount, date } = each;
    return each.refund ? { id, amount, date, receiver: partner } : { id, amount, date, source: partner };
  });
  return good({ transactions });
}
