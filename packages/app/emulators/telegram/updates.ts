import { setTimeout as delay } from 'node:timers/promises';
import type { TelegramKnobs } from './knobs.ts';
import type { TelegramState } from './state.ts';
import { bad, good } from './types.ts';
import type { Answer, Update } from './types.ts';

export interface Webhook {
  readonly url: string;
  readonly secret: string | null;
  lastError: string | null;
}

/** How a bot hears of what happened: it asks, or it is called. One of the two. */
export interface Updates {
  /** @param happened such as `{message: ...}` */
  announce(happened: Record<string, unknown>): void;
  getUpdates(asked: { offset: number | undefined; limit: number; timeoutSeconds: number }): Promise<Answer>;
  setWebhook(webhook: Webhook | null, dropPending: boolean): void;
  webhook(): Webhook | null;
  close(): void;
}

const most_kept = 10_000;

export function createUpdates(state: TelegramState, knobs: TelegramKnobs): Updates {
  const closing = new AbortController();
  let webhook: Webhook | null = null;
  let calling = false;
  /** Whoever asks at this moment; a second asker takes its place. */
  let asker: { answer: (answer: Answer) => void; limit: number } | null = null;

  function announce(happened: Record<string, unknown>): void {
    const update = { update_id: state.nextUpdate, ...happened };
    state.nextUpdate += 1;
    state.version += 1;
    for (let copy = 0; copy < Math.max(1, knobs.updateCopies); copy += 1) state.updates.push(update);
    if (state.updates.length > most_kept) state.updates.shift();
    if (webhook === null) serveAsker();
    else void call();
  }

  function serveAsker(): void {
    if (asker === null || state.updates.length === 0) return;
    const { answer, limit } = asker;
    asker = null;
    answer(good(state.updates.slice(0, limit)));
  }

  async function getUpdates(asked: {
    offset: number | undefined;
    limit: number;
    timeoutSeconds: number;
  }): Promise<Answer> {
    if (webhook !== null) {
      return bad(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    asker?.answer(
      bad(
        409,
        'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
      ),
    );
    asker = null;
    const { offset } = asked;
    if (offset !== undefined) {
      // What is below the offset has been seen.
      const rest = state.updates.filter((update) => update.update_id >= offset);
      state.updates.splice(0, state.updates.length, ...rest);
    }
    if (state.updates.length > 0 || asked.timeoutSeconds === 0) {
      return good(state.updates.slice(0, asked.limit));
    }
    const waiting = Promise.withResolvers<Answer>();
    const mine = { answer: waiting.resolve, limit: asked.limit };
    asker = mine;
    const timer = setTimeout(() => {
      if (asker === mine) asker = null;
      waiting.resolve(good([]));
    }, asked.timeoutSeconds * 1000);
    closing.signal.addEventListener('abort', () => waiting.resolve(good([])), { once: true });
    return waiting.promise.finally(() => clearTimeout(timer));
  }

  /** One after the other, each until it is taken. */
  async function call(): Promise<void> {
    if (calling) return;
    calling = true;
    try {
      for (;;) {
        const [next] = state.updates;
        const to = webhook;
        if (next === undefined || to === null || closing.signal.aborted) return;
        if (await taken(to, next)) state.updates.shift();
        else await delay(knobs.webhookRetryMs, undefined, { signal: closing.signal });
      }
    } catch (error) {
      if (!closing.signal.aborted) throw error;
    } finally {
      calling = false;
    }
  }

  async function taken(to: Webhook, update: Update): Promise<boolean> {
    try {
      const response = await fetch(to.url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          ...(to.secret === null ? {} : { 'x-telegram-bot-api-secret-token': to.secret }),
        },
        body: JSON.stringify(update),
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(30_000)]),
      });
      await response.body?.cancel();
      to.lastError = response.ok ? null : `Wrong response from the webhook: ${response.status}`;
      return response.ok;
    } catch (error) {
      to.lastError = String(error);
      return false;
    }
  }

  return {
    announce,
    getUpdates,
    setWebhook(next, dropPending) {
      webhook = next;
      if (dropPending) state.updates.length = 0;
      if (next) void call();
    },
    webhook: () => webhook,
    close: () => closing.abort(),
  };
}
