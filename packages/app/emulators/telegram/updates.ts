import { setTimeout as delay } from 'node:timers/promises';
import type { TelegramKnobs } from './knobs.ts';
import { tell, touch } from './state.ts';
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
/** As many calls of a webhook at once as Telegram makes where nothing else was asked for. */
const most_abreast = 40;

/** Whose it is: what one person does arrives in order. */
function chatOf(update: Update): number {
  const happened = Object.values(update).find((value) => typeof value === 'object');
  const { from } = (happened ?? {}) as { from?: { id: number } };
  return from?.id ?? 0;
}

export function createUpdates(state: TelegramState, knobs: TelegramKnobs): Updates {
  const closing = new AbortController();
  let webhook: Webhook | null = null;
  /** Chats whose update is with the webhook at this moment. */
  const busy = new Set<number>();
  /** Whoever asks at this moment; a second asker takes its place. */
  let asker: { answer: (answer: Answer) => void; limit: number } | null = null;

  function announce(happened: Record<string, unknown>): void {
    const update = { update_id: state.nextUpdate, ...happened };
    state.nextUpdate += 1;
    touch(state);
    for (let copy = 0; copy < Math.max(1, knobs.updateCopies); copy += 1) state.updates.push(update);
    if (state.updates.length > most_kept) state.updates.shift();
    if (webhook === null) serveAsker();
    else call();
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

  /** The updates of a chat one after the other, each until it is taken; chats abreast. */
  function call(): void {
    for (const update of state.updates) {
      if (webhook === null || closing.signal.aborted || busy.size >= most_abreast) return;
      const chat = chatOf(update);
      if (busy.has(chat)) continue;
      busy.add(chat);
      void callFor(update).finally(() => {
        busy.delete(chat);
        call();
      });
    }
  }

  async function callFor(update: Update): Promise<void> {
    const to = webhook;
    if (to === null) return;
    if (await taken(to, update)) {
      const at = state.updates.indexOf(update);
      if (at !== -1) state.updates.splice(at, 1);
      tell(state);
      return;
    }
    await delay(knobs.webhookRetryMs, undefined, { signal: closing.signal }).catch(() => undefined);
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
      if (next) call();
    },
    webhook: () => webhook,
    close: () => closing.abort(),
  };
}
