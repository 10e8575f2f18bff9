import type { Account } from './account.ts';
import { StripeRefusal } from './account.ts';
import { closeDispute, failRefund, openDispute } from './charging.ts';
import { endLaterPayment } from './checkout.ts';
import { newCoupon, newPromotionCode } from './discounts.ts';
import { usualKnobs } from './knobs.ts';
import type { Webhooks } from './webhooks.ts';

interface Parts {
  readonly account: Account;
  readonly webhooks: Webhooks;
}

type Wish = Record<string, unknown>;

/** What no merchant can do and a test must: banks, cards and the dashboard's buttons. */
const deeds: Readonly<Record<string, (parts: Parts, wish: Wish) => unknown>> = {
  knobs: ({ account }, wish) => {
    const stranger = Object.keys(wish).find((name) => !(name in usualKnobs));
    if (stranger !== undefined)
      throw new StripeRefusal(400, 'invalid_request_error', `There is no knob "${stranger}".`);
    return Object.assign(account.knobs, wish);
  },
  endpoints: ({ webhooks }, wish) => {
    if (typeof wish['url'] === 'string') {
      webhooks.endpoints.push({ url: wish['url'], secret: text(wish, 'secret') ?? 'whsec_emulated' });
    }
    return webhooks.endpoints.map(({ url }) => url);
  },
  dispute: ({ account }, wish) =>
    openDispute(
      account,
      { charge: text(wish, 'charge'), intent: text(wish, 'payment_intent') },
      {
        amount: typeof wish['amount'] === 'number' ? wish['amount'] : null,
        inquiry: wish['inquiry'] === true,
      },
    ),
  close_dispute: ({ account }, wish) =>
    closeDispute(
      account,
      text(wish, 'id') ?? '',
      wish['outcome'] === 'won' ? 'won' : wish['outcome'] === 'prevented' ? 'prevented' : 'lost',
    ),
  fail_refund: ({ account }, wish) => failRefund(account, text(wish, 'id') ?? ''),
  promotion_code: ({ account }, wish) => {
    const coupon = newCoupon(account, {
      percent_off: typeof wish['percent_off'] === 'number' ? String(wish['percent_off']) : '50',
      duration: text(wish, 'duration') ?? 'once',
    });
    return newPromotionCode(account, { code: text(wish, 'code') ?? '', promotion: { coupon: coupon.id } });
  },
  later_payment: ({ account }, wish) =>
    endLaterPayment(account, text(wish, 'session') ?? '', wish['paid'] !== false),
  card: ({ account }, wish) => {
    const method = text(wish, 'payment_method') ?? '';
    account.cards.set(method, wish['card'] === 'declines' ? 'declines' : 'pays');
    return { method, card: account.cards.get(method) };
  },
  resend: async ({ account, webhooks }, wish) => {
    const event = account.events.find(({ id }) => id === wish['id']);
    return { status: event ? await webhooks.resend(event) : 0 };
  },
  books: ({ account }) => ({
    charged: [...account.charges.values()].reduce((sum, charge) => sum + charge.amount_captured, 0),
    refunded: [...account.charges.values()].reduce((sum, charge) => sum + charge.amount_refunded, 0),
    events: account.events.length,
    not_delivered: account.events.filter(({ id }) => !account.delivered.has(id)).length,
  }),
};

function text(wish: Wish, name: string): string | null {
  const value = wish[name];
  return typeof value === 'string' ? value : null;
}

export async function administer(
  parts: Parts,
  deed: string,
  body: string,
): Promise<{ status: number; body: unknown }> {
  const found = deeds[deed];
  if (!found)
    return { status: 404, body: { error: `There is no "${deed}": ${Object.keys(deeds).join(', ')}` } };
  try {
    const wish = body === '' ? {} : (JSON.parse(body) as Wish);
    return { status: 200, body: await found(parts, wish) };
  } catch (error) {
    if (error instanceof StripeRefusal) return { status: error.status, body: error.body };
    if (error instanceof SyntaxError) return { status: 400, body: { error: 'The body is not JSON.' } };
    throw error;
  }
}
