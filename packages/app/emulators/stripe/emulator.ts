import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { need, newStripeId, StripeRefusal } from './account.ts';
import type { Account } from './account.ts';
import { administer } from './admin.ts';
import { answerCall } from './api.ts';
import { updateSubscription } from './change-plan.ts';
import { actOnSession } from './checkout.ts';
import { applyCode } from './discounts.ts';
import { expanded } from './expand.ts';
import { parseForm, textOf, textsOf } from './form.ts';
import type { Form } from './form.ts';
import { usualKnobs } from './knobs.ts';
import type { StripeKnobs } from './knobs.ts';
import { current_version } from './older-shapes.ts';
import { checkoutPage, documentPage, portalPage, successUrl } from './pages.ts';
import { seededRandom } from './random.ts';
import { createWebhooks } from './webhooks.ts';
import type { Webhooks } from './webhooks.ts';

export interface StripeEmulator {
  readonly url: string;
  readonly secretKey: string;
  readonly webhookSecret: string;
  readonly account: Account;
  readonly webhooks: Webhooks;
  close(): Promise<void>;
}

export interface StripeEmulatorOptions {
  /** 0, or none: any free one. */
  readonly port?: number;
  readonly knobs?: Partial<StripeKnobs>;
  readonly seed?: number;
  /** Where webhooks go; more can be added later. */
  readonly endpoints?: readonly string[];
  /** Between the tries of a delivery; doubles each time. */
  readonly retryMs?: number;
  readonly secretKey?: string;
  readonly webhookSecret?: string;
  /** The time in milliseconds, for what has no test clock. */
  readonly now?: () => number;
}

/** Stripe on loopback, for the official client and for a browser: Checkout, billing, test clocks, webhooks with faults. */
export async function startStripeEmulator(options: StripeEmulatorOptions = {}): Promise<StripeEmulator> {
  const secretKey = options.secretKey ?? 'sk_test_emulated';
  const webhookSecret = options.webhookSecret ?? 'whsec_emulated';
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const account = openAccount(url, secretKey.startsWith('sk_live_'), options, (event) =>
    webhooks.send(event),
  );
  const webhooks = createWebhooks(account, seededRandom(options.seed ?? 1), options.retryMs ?? 100);
  webhooks.endpoints = (options.endpoints ?? []).map((each) => ({ url: each, secret: webhookSecret }));
  const remembered = new Map<string, { fingerprint: string; status: number; body: string }>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new URL(request.url ?? '/', url);
    const body = await buffer(request);
    if (at.pathname.startsWith('/_emulator/')) {
      const answer = await administer(
        { account, webhooks },
        at.pathname.slice('/_emulator/'.length),
        body.toString(),
      );
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer.body));
      return;
    }
    if (!at.pathname.startsWith('/v1/')) {
      servePage(request.method ?? 'GET', at.pathname, body.toString(), response);
      return;
    }
    const { status, text } = answerApi(request, at, body.toString());
    response
      .writeHead(status, {
        'content-type': 'application/json',
        'request-id': newStripeId('req'),
        'stripe-version': current_version,
      })
      .end(text);
  }

  function answerApi(request: IncomingMessage, at: URL, body: string): { status: number; text: string } {
    const key = request.headers['idempotency-key'];
    const fingerprint = createHash('sha256').update(`${request.method} ${at.pathname} ${body}`).digest('hex');
    const earlier = typeof key === 'string' ? remembered.get(key) : undefined;
    try {
      authorize(request, secretKey);
      if (account.knobs.failCalls > 0) {
        account.knobs.failCalls -= 1;
        throw new StripeRefusal(500, 'api_error', 'Something went wrong on our side.');
      }
      if (earlier !== undefined) {
        if (earlier.fingerprint === fingerprint) return { status: earlier.status, text: earlier.body };
        throw new StripeRefusal(400, 'idempotency_error', 'This key was used with other parameters.');
      }
      const form: Form = parseForm(`${at.search.slice(1)}&${body}`);
      const answer = answerCall(account, `${request.method} ${at.pathname}`, form);
      const text = JSON.stringify(expanded(account, answer, textsOf(form['expand'])));
      if (typeof key === 'string') remembered.set(key, { fingerprint, status: 200, body: text });
      return { status: 200, text };
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      const text = JSON.stringify(error.body);
      // A card's refusal is remembered for its key too; what broke on the way is not.
      if (typeof key === 'string' && error.status === 402) {
        remembered.set(key, { fingerprint, status: error.status, body: text });
      }
      return { status: error.status, text };
    }
  }

  function servePage(method: string, path: string, body: string, response: ServerResponse): void {
    const html = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
    const go = (to: string) => response.writeHead(303, { location: to }).end();
    const form = parseForm(body);
    const deed = textOf(form, 'deed');
    const [, kind, , id = ''] = path.split('/');
    try {
      if (kind === 'c') {
        const session = need(account.sessions, id, 'checkout.session');
        if (method === 'GET') response.writeHead(200, html).end(checkoutPage(account, id, null));
        else if (deed === 'apply') {
          const known = applyCode(account, session, textOf(form, 'promotion_code') ?? '');
          response
            .writeHead(200, html)
            .end(checkoutPage(account, id, known ? null : 'This promotion code is not valid.'));
        } else if (deed === 'leave') go(session.cancel_url ?? session.success_url);
        else if (actOnSession(account, id, deed === 'decline' || deed === 'pay_later' ? deed : 'pay'))
          go(successUrl(session.success_url, id));
        else
          response
            .writeHead(200, html)
            .end(checkoutPage(account, id, 'Your card was declined. Nothing was paid.'));
      } else if (kind === 'p') {
        const portal = need(account.portals, id, 'billing_portal.session');
        const subscription = account.subscriptions.get(textOf(form, 'subscription') ?? '');
        if (method === 'POST' && subscription?.customer === portal.customer) {
          updateSubscription(account, subscription, { cancel_at_period_end: String(deed === 'cancel') });
        }
        response.writeHead(200, html).end(portalPage(account, id));
      } else if (kind === 'invoices' || kind === 'receipts') {
        response.writeHead(200, html).end(documentPage(account, path.split('/')[2] ?? ''));
      } else response.writeHead(404, html).end('There is no such page.');
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      response.writeHead(error.status, html).end('There is no such page.');
    }
  }

  return {
    url,
    secretKey,
    webhookSecret,
    account,
    webhooks,
    async close() {
      await webhooks.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function openAccount(
  url: string,
  livemode: boolean,
  options: StripeEmulatorOptions,
  send: (event: Account['events'][number]) => void,
): Account {
  const clocks: Account['clocks'] = new Map();
  const customers: Account['customers'] = new Map();
  const clock = options.now ?? Date.now;
  const account: Account = {
    url,
    livemode,
    knobs: { ...usualKnobs, ...options.knobs },
    customers,
    products: new Map(),
    prices: new Map(),
    coupons: new Map(),
    promotionCodes: new Map(),
    sessions: new Map(),
    wishes: new Map(),
    methods: new Map(),
    cards: new Map(),
    intents: new Map(),
    charges: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    invoices: new Map(),
    invoicePayments: new Map(),
    subscriptions: new Map(),
    clocks,
    portals: new Map(),
    events: [],
    delivered: new Set(),
    tell(type, object, previous) {
      const event: Account['events'][number] = {
        id: newStripeId('evt'),
        object: 'event',
        api_version: current_version,
        created: Math.floor(clock() / 1000),
        data: { object: structuredClone(object), ...(previous ? { previous_attributes: previous } : {}) },
        livemode,
        pending_webhooks: 1,
        request: { id: null, idempotency_key: null },
        type,
      };
      account.events.push(event);
      send(event);
    },
    now(customer) {
      const own = customer ? clocks.get(customers.get(customer)?.test_clock ?? '') : undefined;
      return own?.frozen_time ?? Math.floor(clock() / 1000);
    },
  };
  return account;
}

function authorize(request: IncomingMessage, secretKey: string): void {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${secretKey}`);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new StripeRefusal(401, 'invalid_request_error', 'Invalid API Key provided.');
}
