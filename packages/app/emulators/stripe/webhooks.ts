import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from './account.ts';
import { newStripeId } from './account.ts';
import { inOlderShape } from './older-shapes.ts';
import type { PaidBy } from './older-shapes.ts';
import type { StripeEvent } from './objects.ts';

export interface Endpoint {
  readonly url: string;
  readonly secret: string;
}

export interface Webhooks {
  /** Endpoints take turns, as several servers behind one address would. */
  endpoints: Endpoint[];
  send(event: StripeEvent): void;
  /** Once more, as the dashboard's button does. */
  resend(event: StripeEvent): Promise<number>;
  /** Until nothing is under way and nothing is kept back. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

const tries = 4;

/** The header that proves who sent it: `t=…,v1=…`. */
export function signatureHeader(
  body: string,
  secret: string,
  seconds = Math.floor(Date.now() / 1000),
): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** Delivers events to the endpoints, as wrongly as the knobs want it. */
export function createWebhooks(account: Account, random: () => number, retryMs: number): Webhooks {
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let keptBack: StripeEvent[] = [];
  let turn = 0;

  function track(work: Promise<unknown>): void {
    const watched = work
      .catch((error: unknown) => {
        if (!closing.signal.aborted) console.error(`stripe: ${String(error)}`);
      })
      .finally(() => underWay.delete(watched));
    underWay.add(watched);
  }

  async function post(event: StripeEvent): Promise<number> {
    const endpoint = webhooks.endpoints[turn++ % Math.max(1, webhooks.endpoints.length)];
    if (endpoint === undefined) return 0;
    const shaped = random() < account.knobs.olderShape ? inOlderShape(event, paidBy) : event;
    const body = JSON.stringify(shaped, null, 2);
    try {
      const response = await fetch(endpoint.url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
          'stripe-signature': signatureHeader(body, endpoint.secret),
        },
        body,
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(20_000)]),
      });
      await response.body?.cancel();
      if (response.status >= 200 && response.status < 300) account.delivered.add(event.id);
      return response.status;
    } catch (error) {
      if (closing.signal.aborted) throw error;
      // An endpoint that is away is asked again later, as the vendor does.
      return 0;
    }
  }

  const paidBy: PaidBy = (invoice) => {
    const found = [...account.invoicePayments.values()].find((each) => each.invoice === invoice);
    const intent = found?.payment.payment_intent ?? null;
    const charge = intent === null ? null : (account.intents.get(intent)?.latest_charge ?? null);
    return { intent, charge };
  };

  async function deliver(event: StripeEvent): Promise<void> {
    for (let tried = 0; tried < tries; tried += 1) {
      const status = await post(event);
      if (status >= 200 && status < 300) return;
      await delay(retryMs * 2 ** tried, undefined, { signal: closing.signal, ref: false });
    }
  }

  async function deliverWithFaults(event: StripeEvent, waitMs: number): Promise<void> {
    const { knobs } = account;
    if (waitMs > 0) await delay(waitMs, undefined, { signal: closing.signal });
    await deliver(event);
    if (random() < knobs.duplicate) await deliver(event);
    if (random() < knobs.sameObject) await deliver({ ...event, id: newStripeId('evt') });
  }

  const webhooks: Webhooks = {
    endpoints: [],
    send(event) {
      if (webhooks.endpoints.length === 0) return;
      const { knobs } = account;
      if (random() < knobs.drop) return;
      if (random() < knobs.reorder) {
        keptBack.push(event);
        return;
      }
      const wait = random() < knobs.delay ? knobs.delayMs * random() : 0;
      track(deliverWithFaults(event, wait));
      const earlier = keptBack;
      keptBack = [];
      for (const each of earlier.toReversed()) track(deliver(each));
    },
    resend: post,
    async settle() {
      const earlier = keptBack;
      keptBack = [];
      for (const each of earlier) track(deliver(each));
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async stop() {
      closing.abort();
      await Promise.all(underWay);
    },
  };
  return webhooks;
}
