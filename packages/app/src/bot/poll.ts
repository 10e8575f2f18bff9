import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from 'grammy';
import { problemOf } from '../delivery/telegram/errors.ts';
import { newId } from '../platform/ids.ts';
import type { BotDeps } from './deps.ts';
import { receiveUpdates } from './receive.ts';

/** What is asked of Telegram: nothing else is sent. */
export const allowed_updates = ['message', 'callback_query', 'pre_checkout_query', 'my_chat_member'] as const;

const lease_seconds = 40;
const poll_seconds = 20;
const idle_ms = 2_000;

/**
 * Asks Telegram for updates, in one process at a time: the others wait until it is gone. What was kept in the database is not asked for
 * again, so that nothing is lost between two processes.
 * @param api with a time-out longer than a poll
 */
export function startPolling(deps: BotDeps, api: Api, received: () => void): { stop: () => Promise<void> } {
  const holder = newId('pol');
  const stopped = new AbortController();

  async function loop(): Promise<void> {
    let ready = false;
    while (!stopped.signal.aborted) {
      try {
        const offset = await hold(deps, holder);
        if (offset === null) {
          await pause(idle_ms, undefined, { signal: stopped.signal }).catch(() => undefined);
          continue;
        }
        if (!ready) await api.deleteWebhook();
        ready = true;
        const updates = await api.getUpdates(
          { timeout: poll_seconds, allowed_updates, ...(offset > 0n ? { offset: Number(offset) } : {}) },
          stopped.signal as Parameters<Api['getUpdates']>[1],
        );
        if (updates.length === 0) continue;
        await receiveUpdates(deps, updates);
        const last = updates.at(-1)?.update_id ?? 0;
        await deps.db.query(
          'update holdfast.bot_poller set next_offset = greatest(next_offset, $2) where bot_id = $1',
          [deps.botId, last + 1],
        );
        received();
      } catch (error) {
        if (stopped.signal.aborted) return;
        const problem = problemOf(error);
        if (problem.kind === 'ours') await deps.alarm({ reason: problem.reason, detail: problem.detail });
        deps.log.warn({ problem }, 'Telegram could not be asked for updates');
        const seconds = problem.kind === 'wait' ? problem.seconds : 3;
        await pause(seconds * 1_000, undefined, { signal: stopped.signal }).catch(() => undefined);
      }
    }
  }

  const looping = loop();
  return {
    async stop() {
      stopped.abort();
      await looping;
      await deps.db.query(
        'update holdfast.bot_poller set held_until = holdfast.clock() where bot_id = $1 and holder = $2',
        [deps.botId, holder],
      );
    },
  };
}

/** @returns from where to ask, or null where another process does */
async function hold(deps: BotDeps, holder: string): Promise<bigint | null> {
  const { rows } = await deps.db.query<{ next_offset: bigint }>(
    `insert into holdfast.bot_poller as p (bot_id, holder, held_until)
     values ($1, $2, holdfast.clock() + make_interval(secs => $3))
     on conflict (bot_id) do update set holder = $2, held_until = excluded.held_until
      where p.holder = $2 or p.held_until <= holdfast.clock()
     returning next_offset`,
    [deps.botId, holder, lease_seconds],
  );
  return rows[0]?.next_offset ?? null;
}
