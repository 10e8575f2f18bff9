import type { Update } from 'grammy/types';
import { problemOf } from '../delivery/telegram/errors.ts';
import { mayBePaid } from '../payments/stars/sell.ts';
import type { BotDeps } from './deps.ts';
import { wordsOf } from './words/words.ts';
import { localeOfTag } from '../platform/locale.ts';

/** A megabyte is more than any update of Telegram's. */
const most_payload_bytes = 1_000_000;

/**
 * Keeps updates, each once by its number: who sends them again is told that all is well. What has to be answered within seconds (whether a
 * payment may go on) is answered here and kept too; everything else is done by whoever has time, in the order of the chat.
 * @returns how many were new
 */
export async function receiveUpdates(deps: BotDeps, updates: readonly Update[]): Promise<number> {
  const kept = updates.filter((update) => {
    const { length } = JSON.stringify(update);
    if (length <= most_payload_bytes) return true;
    deps.log.warn({ update: update.update_id, bytes: length }, 'an update is too large, and was not taken');
    return false;
  });
  if (kept.length === 0) return 0;
  const { rows } = await deps.db.query<{ update_id: bigint }>(
    `insert into holdfast.bot_update (bot_id, update_id, chat_id, payload, done_at)
     select $1, u.update_id, u.chat_id, u.payload, case when u.at_once then holdfast.clock() end
       from unnest($2::bigint[], $3::bigint[], $4::jsonb[], $5::boolean[]) as u (update_id, chat_id, payload, at_once)
     on conflict (bot_id, update_id) do nothing
     returning update_id`,
    [
      deps.botId,
      kept.map((update) => update.update_id),
      kept.map((update) => chatOf(update)),
      kept.map(storable),
      kept.map((update) => update.pre_checkout_query !== undefined),
    ],
  );
  const queries = kept.flatMap(({ pre_checkout_query: query }) => query ?? []);
  await Promise.all(queries.map((query) => answerCheckout(deps, query)));
  return rows.length;
}

/** What Postgres takes as JSON: no NUL, and no half of a letter. */
function storable(update: Update): string {
  return JSON.stringify(update, (_name, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
  );
}

function chatOf(update: Update): number {
  const { message, callback_query: query, my_chat_member: member } = update;
  return message?.chat.id ?? query?.message?.chat.id ?? query?.from.id ?? member?.chat.id ?? 0;
}

/** Answered again where Telegram asks again: the answer costs nothing. */
async function answerCheckout(deps: BotDeps, query: Update['pre_checkout_query'] & object): Promise<void> {
  const ok = await mayBePaid(deps.db, {
    telegramId: query.from.id,
    payload: query.invoice_payload,
    currency: query.currency,
    stars: query.total_amount,
  });
  const words = wordsOf(localeOfTag(query.from.language_code ?? '') ?? 'en');
  try {
    await deps.api.answerPreCheckoutQuery(query.id, ok, ok ? {} : { error_message: words.notSold });
  } catch (error) {
    deps.log.warn({ problem: problemOf(error) }, 'a pre-checkout query was not answered');
  }
}
