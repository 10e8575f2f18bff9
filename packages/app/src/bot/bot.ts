import { timingSafeEqual } from 'node:crypto';
import type { Update } from 'grammy/types';
import { createTelegramApi } from '../delivery/telegram/client.ts';
import { problemOf } from '../delivery/telegram/errors.ts';
import type { BotDeps } from './deps.ts';
import { startFollowing } from './follow.ts';
import { allowed_updates, startPolling } from './poll.ts';
import { receiveUpdates } from './receive.ts';
import { startBotWorker } from './work.ts';
import { commandNames } from './words/words-table.ts';
import { wordsOf } from './words/words.ts';

/** The bot at work in this process. Any number of processes may run one. */
export interface RunningBot {
  /**
   * Takes an update that Telegram calls with. False where the secret is not the one that was agreed: it is nobody's.
   */
  take(secret: string, update: Update): Promise<boolean>;
  stop(): Promise<void>;
}

export interface BotOptions {
  /** Where Telegram calls, and the secret it calls with; null: it is asked by long polling. */
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  readonly apiRoot: string | undefined;
}

const poll_timeout_seconds = 35;

/** Starts answering. That Telegram is away at this moment stops nothing: it is tried again. */
export async function startBot(deps: BotDeps, options: BotOptions): Promise<RunningBot> {
  const worker = startBotWorker(deps);
  const follower = startFollowing(deps);
  const api = createTelegramApi(
    { token: deps.settings.token, apiRoot: options.apiRoot, storageChatId: null },
    poll_timeout_seconds,
  );
  const polling = options.webhook === null ? startPolling(deps, api, () => worker.wake()) : null;
  await introduce(deps, options).catch((error: unknown) => {
    deps.log.warn({ problem: problemOf(error) }, 'the bot could not introduce itself to Telegram');
  });
  return {
    async take(secret, update) {
      if (options.webhook === null || !sameSecret(secret, options.webhook.secret)) return false;
      await receiveUpdates(deps, [update]);
      worker.wake();
      return true;
    },
    async stop() {
      await polling?.stop();
      await worker.stop();
      await follower.stop();
    },
  };
}

async function introduce(deps: BotDeps, options: BotOptions): Promise<void> {
  const { api } = deps;
  if (options.webhook !== null) {
    await api.setWebhook(options.webhook.url, {
      secret_token: options.webhook.secret,
      allowed_updates,
      max_connections: 40,
    });
  }
  for (const locale of ['en', 'ru', 'zh'] as const) {
    const words = wordsOf(locale);
    const commands = commandNames.map((command) => ({ command, description: words.commands[command] }));
    await api.setMyCommands(commands, locale === 'en' ? {} : { language_code: locale });
  }
}

function sameSecret(given: string, expected: string): boolean {
  const one = Buffer.from(given);
  const other = Buffer.from(expected);
  return one.length === other.length && timingSafeEqual(one, other);
}
