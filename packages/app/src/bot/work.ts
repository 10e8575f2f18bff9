import { setTimeout as pause } from 'node:timers/promises';
import type { Update } from 'grammy/types';
import { inTransaction } from '../platform/database.ts';
import { writeConversation } from './conversation.ts';
import type { BotDeps } from './deps.ts';
import { botFailpoint } from './failpoint.ts';
import { handleUpdate } from './handle.ts';
import { wordsOf } from './words/words.ts';

interface Claimed {
  update_id: bigint;
  chat_id: bigint;
  payload: Update;
  claim: bigint;
  failures: number;
}

/** An update that nobody renews for this long is answered anew. */
const claim_seconds = 10;
const renewal_ms = 3_000;
const most_failures = 5;
const most_abreast = 16;
const kept_days = 3;

/** Answers updates until it is stopped. Any number may run, in any number of processes: one update of a chat at a time, in order. */
export interface BotWorker {
  /** There may be something to do. */
  wake(): void;
  /** Answers everything that waits. Never rejects. */
  work(): Promise<void>;
  stop(): Promise<void>;
}

export function startBotWorker(deps: BotDeps, options: { lookMs?: number } = {}): BotWorker {
  const { log } = deps;
  const stopped = new AbortController();
  const underWay = new Set<Promise<void>>();
  const lookMs = options.lookMs ?? 1_000;
  let woken = Promise.withResolvers<void>();

  async function fill(): Promise<number> {
    const room = most_abreast - underWay.size;
    if (room <= 0 || stopped.signal.aborted) return 0;
    const claimed = await claimNext(deps, room);
    for (const one of claimed) {
      const working: Promise<void> = answer(one)
        .catch((error: unknown) =>
          log.warn({ err: error, update: one.update_id }, 'an update could not be put off'),
        )
        .finally(() => {
          underWay.delete(working);
          wake();
        });
      underWay.add(working);
    }
    return claimed.length;
  }

  async function answer(one: Claimed): Promise<void> {
    const renewal = setInterval(() => {
      renew(deps, one).catch((error: unknown) => log.warn({ err: error }, 'a claim could not be renewed'));
    }, renewal_ms);
    try {
      const handled = await handleUpdate(deps, one.payload);
      botFailpoint('bot.answered');
      await inTransaction(deps.db, async (tx) => {
        const { rowCount } = await tx.query(
          `update holdfast.bot_update set done_at = holdfast.clock(), claimed_until = null
            where bot_id = $1 and update_id = $2 and claim = $3 and done_at is null`,
          [deps.botId, one.update_id, one.claim],
        );
        if (rowCount === 1 && handled !== null) {
          await writeConversation(tx, handled.chatId, handled.conversation);
        }
      });
    } catch (error) {
      await putOff(one, error);
    } finally {
      clearInterval(renewal);
    }
  }

  /** Tried a few times more; then given up, and the person told, so that their next message is heard. */
  async function putOff(one: Claimed, error: unknown): Promise<void> {
    const last = one.failures + 1 >= most_failures;
    log.error(
      { err: error, update: one.update_id, failures: one.failures + 1, last },
      'an update was not answered',
    );
    await deps.db.query(
      `update holdfast.bot_update
          set failures = failures + 1, done_at = case when $4 then holdfast.clock() end,
              claimed_until = case when $4 then null else holdfast.clock() + make_interval(secs => 2 ^ (failures + 1)) end
        where bot_id = $1 and update_id = $2 and claim = $3 and done_at is null`,
      [deps.botId, one.update_id, one.claim, last],
    );
    if (!last || one.chat_id === 0n) return;
    await deps.api
      .sendMessage(Number(one.chat_id), wordsOf('en').somethingBroke)
      .catch((failure: unknown) => log.warn({ err: failure }, 'nor could the person be told'));
  }

  function wake(): void {
    woken.resolve();
  }

  async function look(): Promise<void> {
    while (!stopped.signal.aborted) {
      woken = Promise.withResolvers<void>();
      await fill().catch((error: unknown) =>
        log.warn({ err: error }, 'updates could not be looked for; the next look tries again'),
      );
      const over = new AbortController();
      const either = AbortSignal.any([stopped.signal, over.signal]);
      await Promise.race([
        woken.promise,
        pause(lookMs, undefined, { signal: either }).catch(() => undefined),
      ]);
      over.abort();
    }
  }

  const looking = lookMs > 0 ? look() : Promise.resolve();
  return {
    wake,
    async work() {
      while ((await fill()) > 0 || underWay.size > 0) await Promise.race(underWay);
    },
    async stop() {
      stopped.abort();
      wake();
      await looking;
      await Promise.all(underWay);
    },
  };
}

/** The first of each chat that waits, where nobody has it. */
async function claimNext(deps: BotDeps, limit: number): Promise<Claimed[]> {
  const { rows } = await deps.db.query<Claimed>(
    `update holdfast.bot_update u
        set claim = u.claim + 1, claimed_until = holdfast.clock() + make_interval(secs => $3)
      where (u.bot_id, u.update_id) in (
        select f.bot_id, f.update_id from holdfast.bot_update f
         where f.bot_id = $1 and f.done_at is null
           and (f.claimed_until is null or f.claimed_until <= holdfast.clock())
           and not exists (select from holdfast.bot_update e
                            where e.bot_id = f.bot_id and e.chat_id = f.chat_id and e.done_at is null
                              and e.update_id < f.update_id)
         order by f.update_id limit $2 for update skip locked)
     returning u.update_id, u.chat_id, u.payload, u.claim, u.failures`,
    [deps.botId, limit, claim_seconds],
  );
  return rows;
}

async function renew(deps: BotDeps, one: Claimed): Promise<void> {
  await deps.db.query(
    `update holdfast.bot_update set claimed_until = holdfast.clock() + make_interval(secs => $4)
      where bot_id = $1 and update_id = $2 and claim = $3 and done_at is null`,
    [deps.botId, one.update_id, one.claim, claim_seconds],
  );
}

/** What was done days ago is no longer sent again. */
export async function forgetUpdates(deps: Pick<BotDeps, 'db'>): Promise<void> {
  await deps.db.query(
    `delete from holdfast.bot_update where done_at < holdfast.clock() - make_interval(days => $1)`,
    [kept_days],
  );
}
