import {
  deliveryList,
  mailPreferences,
  newTelegramLink,
  telegramAccount,
  telegramLink,
} from '../contract/delivery.ts';
import type { Delivery, MailPreferences, NewTelegramLink, TelegramAccount } from '../contract/delivery.ts';
import { z } from 'zod';
import { localeChoice, me, publicSettings } from '../contract/account.ts';
import type { LocaleChoice, Me, PublicSettings } from '../contract/account.ts';
import { balance, holdList, lotList, movementPage } from '../contract/credits.ts';
import type { Balance, Hold, Lot, Movement } from '../contract/credits.ts';
import { generation, generationPage } from '../contract/generations.ts';
import type { Generation, GenerationRequest } from '../contract/generations.ts';
import { apiKeyList, newApiKey } from '../contract/keys.ts';
import type { ApiKey, ApiKeyRequest, NewApiKey } from '../contract/keys.ts';
import { modelList, modelStatusList } from '../contract/models.ts';
import type { Model, ModelStatus } from '../contract/models.ts';
import { operatorAnswer, operatorOverview } from '../contract/operator.ts';
import type { OperatorAnswer, OperatorOverview } from '../contract/operator.ts';
import {
  autoTopUpAnswer,
  catalogue,
  changePreview,
  checkout,
  order,
  orderList,
  paymentCheck,
  portal,
  subscriptionAnswer,
} from '../contract/payments.ts';
import type {
  AutoTopUp,
  autoTopUpRequest,
  buyCreditsRequest,
  Catalogue,
  ChangePreview,
  changeRequest,
  Checkout,
  Order,
  PaymentCheck,
  planAction,
  subscribeRequest,
  Subscription,
} from '../contract/payments.ts';
import { quote } from '../contract/quotes.ts';
import type { Quote, QuoteRequest } from '../contract/quotes.ts';
import { upload } from '../contract/uploads.ts';
import type { Upload } from '../contract/uploads.ts';
import { PaymentDesk } from './payment-desk.ts';
import { Transport } from './transport.ts';
import type { CallOptions, ClientOptions } from './transport.ts';
import { waitForGeneration } from './wait.ts';
import { Webhooks } from './webhooks.ts';
import type { WaitOptions } from './wait.ts';

export interface PageOptions extends CallOptions {
  readonly cursor?: string;
  /** 1 to 100; 25 unless told. */
  readonly limit?: number;
}

/** What an operator does: `id` is a generation's, of `settle` an attempt's. */
export type OperatorAction = { readonly id: string; readonly reason: string } & (
  | { readonly act: 'ask' | 'release' | 'settle' }
  | { readonly act: 'adopt'; readonly task: string }
  | { readonly act: 'resubmit'; readonly attempt: number; readonly confirm: true }
);

export interface GenerationListOptions extends PageOptions {
  readonly status?: 'active' | 'succeeded' | 'failed' | 'cancelled';
  readonly kind?: 'video' | 'image';
}

/**
 * Holdfast's API for one person. Every method throws an `ApiError` (by class: `InsufficientCreditsError`, `RateLimitedError`, ...) where
 * the server refuses, and a `ConnectionError` where no answer came after the retries. Writes are safe to retry: each carries a key.
 */
export class HoldfastClient {
  readonly #transport: Transport;
  /** For operators. */
  readonly paymentDesk: PaymentDesk;
  readonly webhooks: Webhooks;

  constructor(options: ClientOptions = {}) {
    this.#transport = new Transport(options);
    this.paymentDesk = new PaymentDesk(this.#transport);
    this.webhooks = new Webhooks(this.#transport);
  }

  settings(options?: CallOptions): Promise<PublicSettings> {
    return this.#get('/api/settings', publicSettings, options);
  }

  me(options?: CallOptions): Promise<Me> {
    return this.#get('/api/me', me, options);
  }

  /** What to be told things in from now on; null is what the browser prefers. */
  async chooseLocale(locale: LocaleChoice['locale'], options?: CallOptions): Promise<void> {
    const spec = { method: 'PUT', path: '/api/me/locale', json: { locale } } as const;
    await this.#transport.call(spec, localeChoice, options);
  }

  async models(options?: CallOptions): Promise<Model[]> {
    return (await this.#get('/api/models', modelList, options)).items;
  }

  /** How each model does today: whether it works, how often it succeeds, how long it takes. */
  async modelStatus(options?: CallOptions): Promise<ModelStatus[]> {
    return (await this.#get('/api/model-status', modelStatusList, options)).items;
  }

  /** The price of exactly these inputs, pinned until the quote expires. Nothing is held. */
  quote(request: QuoteRequest, options?: CallOptions): Promise<Quote> {
    return this.#post('/api/quotes', quote, request, options);
  }

  /** Holds the credits and starts the work; answers at once. */
  generate(request: GenerationRequest, options?: CallOptions): Promise<Generation> {
    return this.#post('/api/generations', generation, request, options);
  }

  generation(id: string, options?: CallOptions): Promise<Generation> {
    return this.#get(generationPath(id), generation, options);
  }

  /** Newest first. */
  generations(options: GenerationListOptions = {}): Promise<{ items: Generation[]; next: string | null }> {
    const { cursor, limit, status, kind } = options;
    const spec = { method: 'GET', path: '/api/generations', query: { cursor, limit, status, kind } } as const;
    return this.#transport.call(spec, generationPage, options);
  }

  /** Ends with the final generation, `succeeded` or not. The only error of its own is `WaitTimeoutError`. */
  waitForGeneration(id: string, options: WaitOptions = {}): Promise<Generation> {
    return waitForGeneration(this.#transport, id, (signal) => this.generation(id, { signal }), options);
  }

  cancelGeneration(id: string, options?: CallOptions): Promise<Generation> {
    return this.#post(`${generationPath(id)}/cancel`, generation, {}, options);
  }

  /** The same model and inputs once more, at today's price. */
  generateAgain(id: string, options?: CallOptions): Promise<Generation> {
    return this.#post(`${generationPath(id)}/again`, generation, {}, options);
  }

  /** Pays again for files whose credits went back, so that they open. Asked again it does nothing. */
  unlockGeneration(id: string, options?: CallOptions): Promise<Generation> {
    return this.#post(`${generationPath(id)}/unlock`, generation, {}, options);
  }

  /** How it was handed over, channel by channel, with every attempt. */
  async deliveries(id: string, options?: CallOptions): Promise<Delivery[]> {
    return (await this.#get(`${generationPath(id)}/deliveries`, deliveryList, options)).items;
  }

  /** Which mails are sent. */
  mailPreferences(options?: CallOptions): Promise<MailPreferences> {
    return this.#get('/api/notifications', mailPreferences, options);
  }

  /** What is not named stays as it is. By session alone. */
  chooseMails(wanted: Partial<MailPreferences>, options?: CallOptions): Promise<MailPreferences> {
    const spec = { method: 'PUT', path: '/api/notifications', json: wanted } as const;
    return this.#transport.call(spec, mailPreferences, options);
  }

  /** The Telegram account that is linked, if any; by session alone. */
  async telegramAccount(options?: CallOptions): Promise<TelegramAccount['account']> {
    return (await this.#get('/api/telegram', telegramAccount, options)).account;
  }

  /** A code for the bot; by session alone. It lives ten minutes. */
  startTelegramLink(options?: CallOptions): Promise<NewTelegramLink> {
    return this.#post('/api/telegram-links', newTelegramLink, {}, options);
  }

  telegramLink(id: string, options?: CallOptions): Promise<z.infer<typeof telegramLink>> {
    return this.#transport.call(
      { method: 'GET', path: `/api/telegram-links/${encodeURIComponent(id)}` },
      telegramLink,
      options,
    );
  }

  /** After it was confirmed in Telegram: the two become one person with one wallet. */
  completeTelegramLink(id: string, options?: CallOptions): Promise<{ done: true }> {
    const path = `/api/telegram-links/${encodeURIComponent(id)}/complete`;
    return this.#post(path, z.object({ done: z.literal(true) }), {}, options);
  }

  /** A photo, at most 25 MB. In Node: `new Blob([await readFile(path)])`, or `await openAsBlob(path)`. */
  upload(file: Blob, options: CallOptions & { readonly name?: string } = {}): Promise<Upload> {
    const form = () => {
      const form = new FormData();
      form.set('file', file, options.name ?? (file instanceof File ? file.name : 'photo'));
      return form;
    };
    return this.#transport.call({ method: 'POST', path: '/api/uploads', form }, upload, options);
  }

  balance(options?: CallOptions): Promise<Balance> {
    return this.#get('/api/credits/balance', balance, options);
  }

  /** In the order of spending. */
  async lots(options: CallOptions & { readonly all?: boolean } = {}): Promise<Lot[]> {
    const spec = { method: 'GET', path: '/api/credits/lots', query: { all: options.all } } as const;
    return (await this.#transport.call(spec, lotList, options)).items;
  }

  async holds(options: CallOptions & { readonly state?: 'open' | 'all' } = {}): Promise<Hold[]> {
    const spec = { method: 'GET', path: '/api/credits/holds', query: { state: options.state } } as const;
    return (await this.#transport.call(spec, holdList, options)).items;
  }

  /** Newest first. */
  history(options: PageOptions = {}): Promise<{ items: Movement[]; next: string | null }> {
    const { cursor, limit } = options;
    const spec = { method: 'GET', path: '/api/credits/history', query: { cursor, limit } } as const;
    return this.#transport.call(spec, movementPage, options);
  }

  /** What is sold. */
  catalogue(options?: CallOptions): Promise<Catalogue> {
    return this.#get('/api/catalogue', catalogue, options);
  }

  /** Opens a checkout for a pack: send the person to its `checkout_url`. */
  buyCredits(request: z.input<typeof buyCreditsRequest>, options?: CallOptions): Promise<Checkout> {
    return this.#post('/api/payments/buy-credits', checkout, request, options);
  }

  /** The same for a plan. */
  subscribe(request: z.input<typeof subscribeRequest>, options?: CallOptions): Promise<Checkout> {
    return this.#post('/api/payments/subscribe', checkout, request, options);
  }

  /** Where cards and invoices are. */
  async portal(returnUrl: string, options?: CallOptions): Promise<string> {
    return (await this.#post('/api/payments/portal', portal, { return_url: returnUrl }, options)).url;
  }

  /** Newest first. */
  async orders(options?: CallOptions): Promise<Order[]> {
    return (await this.#get('/api/payments/orders', orderList, options)).items;
  }

  /** Asks whether an order is paid, and has it granted at once where it is. */
  checkOrder(id: string, options?: CallOptions): Promise<Order> {
    return this.#post(`/api/payments/orders/${encodeURIComponent(id)}/check`, order, undefined, options);
  }

  /** "I paid but have no credits": repairs what is missing and says what was found. */
  checkPayments(options?: CallOptions): Promise<PaymentCheck> {
    return this.#post('/api/payments/check', paymentCheck, undefined, options);
  }

  async subscription(options?: CallOptions): Promise<Subscription | null> {
    return (await this.#get('/api/payments/subscription', subscriptionAnswer, options)).subscription;
  }

  /** What another plan would cost and bring. Nothing happens. */
  previewPlan(plan: string, options?: CallOptions): Promise<ChangePreview> {
    return this.#post('/api/payments/subscription/preview', changePreview, { plan }, options);
  }

  /** Changes the plan exactly as previewed. */
  changePlan(request: z.input<typeof changeRequest>, options?: CallOptions): Promise<ChangePreview> {
    return this.#post('/api/payments/subscription/change', changePreview, request, options);
  }

  async planAction(
    action: z.input<typeof planAction>['action'],
    options?: CallOptions,
  ): Promise<Subscription | null> {
    const answer = this.#post('/api/payments/subscription/action', subscriptionAnswer, { action }, options);
    return (await answer).subscription;
  }

  async autoTopUp(options?: CallOptions): Promise<AutoTopUp | null> {
    return (await this.#get('/api/payments/auto-top-up', autoTopUpAnswer, options)).auto_top_up;
  }

  async setAutoTopUp(
    request: z.input<typeof autoTopUpRequest>,
    options?: CallOptions,
  ): Promise<AutoTopUp | null> {
    const spec = { method: 'PUT', path: '/api/payments/auto-top-up', json: request } as const;
    return (await this.#transport.call(spec, autoTopUpAnswer, options)).auto_top_up;
  }

  async keys(options?: CallOptions): Promise<ApiKey[]> {
    return (await this.#get('/api/keys', apiKeyList, options)).items;
  }

  createKey(request: ApiKeyRequest, options?: CallOptions): Promise<NewApiKey> {
    return this.#post('/api/keys', newApiKey, request, options);
  }

  async revokeKey(id: string, options?: CallOptions): Promise<void> {
    const path = `/api/keys/${encodeURIComponent(id)}`;
    await this.#transport.call({ method: 'DELETE', path }, z.unknown(), options);
  }

  /** What needs an operator. Operators alone, by session. */
  operatorOverview(options?: CallOptions): Promise<OperatorOverview> {
    return this.#get('/api/operator/overview', operatorOverview, options);
  }

  /** Each is done once, and does nothing the second time; the reason is kept for ever. Operators alone, by session. */
  operatorAct(action: OperatorAction, options?: CallOptions): Promise<OperatorAnswer> {
    const { act, id, ...body } = action;
    const path =
      act === 'settle'
        ? `/api/operator/orphans/${encodeURIComponent(id)}/settle`
        : `/api/operator/generations/${encodeURIComponent(id)}/${act}`;
    return this.#post(path, operatorAnswer, body, options);
  }

  #get<T extends z.ZodType>(path: string, answer: T, options?: CallOptions): Promise<z.output<T>> {
    return this.#transport.call({ method: 'GET', path }, answer, options);
  }

  #post<T extends z.ZodType>(
    path: string,
    answer: T,
    json: unknown,
    options?: CallOptions,
  ): Promise<z.output<T>> {
    return this.#transport.call({ method: 'POST', path, json }, answer, options);
  }
}

function generationPath(id: string): string {
  return `/api/generations/${encodeURIComponent(id)}`;
}
