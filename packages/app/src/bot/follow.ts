import { setTimeout as pause } from 'node:timers/promises';
import type { InlineKeyboardButton } from 'grammy/types';
import { findChat } from '../delivery/telegram/chats.ts';
import { chatNumber } from '../delivery/telegram/client.ts';
import { problemOf } from '../delivery/telegram/errors.ts';
import { inLocale } from '../generations/deps.ts';
import { getGeneration } from '../generations/view/read.ts';
import type { GenerationView } from '../generations/view/views.ts';
import type { BotDeps } from './deps.ts';
import type { BotWords } from './words/words-table.ts';
import { wordsOf } from './words/words.ts';

interface Open {
  id: string;
  person_id: string;
  target: string;
  status_message_id: bigint;
  shown: string | null;
  generation_id: string | null;
  final: boolean | null;
  now: Date;
}

/** A message may be edited about once a second; a person reads slower. */
const edit_seconds = 2;
const look_ms = 500;
const most_at_once = 50;

/** Keeps the one message of each generation under way in step with it, in whichever process has time. */
export function startFollowing(
  deps: BotDeps,
  options: { lookMs?: number } = {},
): {
  look: () => Promise<void>;
  stop: () => Promise<void>;
} {
  const stopped = new AbortController();
  const lookMs = options.lookMs ?? look_ms;

  async function look(): Promise<void> {
    const open = await claimEdits(deps);
    await Promise.all(open.map((one) => follow(deps, one)));
  }

  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      await look().catch((error: unknown) =>
        deps.log.warn({ err: error }, 'status messages could not be followed; the next look tries again'),
      );
      await pause(lookMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  const looping = lookMs > 0 ? loop() : Promise.resolve();
  return {
    look,
    async stop() {
      stopped.abort();
      await looping;
    },
  };
}

async function claimEdits(deps: BotDeps): Promise<Open[]> {
  const { rows } = await deps.db.query<Open>(
    `with due as (
       update holdfast.delivery_wish w
          set edit_due_at = case when w.created_at < holdfast.clock() - interval '2 days' then null
                                 else holdfast.clock() + make_interval(secs => $2) end
        where w.id in (
          select id from holdfast.delivery_wish
           where edit_due_at <= holdfast.clock() and status_message_id is not null
           order by edit_due_at limit $1 for update skip locked)
        returning w.*
     )
     select due.id, due.person_id, due.target, due.status_message_id, due.shown, r.generation_id,
            g.due_at is null as final, holdfast.clock() as now
       from due
       left join holdfast.generation_request r
         on r.person_id = due.person_id and r.command = due.command and r.key = due.key
       left join holdfast.generation g on g.id = r.generation_id`,
    [most_at_once, edit_seconds],
  );
  return rows;
}

async function follow(deps: BotDeps, one: Open): Promise<void> {
  if (one.generation_id === null) return;
  const { locale } = await findChat(deps.db, one.target);
  const final = finalWords(one.shown);
  if (final !== null) {
    await edit(deps, one, final.text, final.buttons);
    await endEdits(deps, one);
    return;
  }
  const view = await getGeneration(inLocale(deps.generations, locale), one.person_id, one.generation_id);
  // Its end is told by its delivery, which has the last word in this message.
  if (view.final) return;
  const text = statusText(wordsOf(locale), view, one.now);
  if (text === one.shown) return;
  if (!(await edit(deps, one, text, []))) return;
  const { rows } = await deps.db.query<{ shown: string }>(
    `update holdfast.delivery_wish set shown = case when edit_due_at is null then shown else $2 end
      where id = $1 returning shown`,
    [one.id, text],
  );
  const meanwhile = finalWords(rows[0]?.shown ?? null);
  // The end was told while this edit was under way: it is told again, so that it stands last.
  if (meanwhile !== null) await edit(deps, one, meanwhile.text, meanwhile.buttons);
}

/** Kept by the delivery that told the end. */
function finalWords(shown: string | null): { text: string; buttons: InlineKeyboardButton[][] } | null {
  if (shown === null || !shown.startsWith('{')) return null;
  return JSON.parse(shown) as { text: string; buttons: InlineKeyboardButton[][] };
}

async function endEdits(deps: BotDeps, one: Open): Promise<void> {
  await deps.db.query('update holdfast.delivery_wish set edit_due_at = null where id = $1', [one.id]);
}

/** Best effort: the next edit says more. @returns whether it stands */
async function edit(
  deps: BotDeps,
  one: Open,
  text: string,
  buttons: InlineKeyboardButton[][],
): Promise<boolean> {
  try {
    await deps.api.editMessageText(chatNumber(one.target), Number(one.status_message_id), text, {
      reply_markup: { inline_keyboard: buttons },
      link_preview_options: { is_disabled: true },
    });
    return true;
  } catch (error) {
    const problem = problemOf(error);
    if (problem.kind === 'wrong' && problem.reason.startsWith('message_is_not_modified')) return true;
    if (problem.kind === 'wrong' || problem.kind === 'gone') await endEdits(deps, one);
    if (problem.kind === 'wait') {
      await deps.db.query(
        `update holdfast.delivery_wish set edit_due_at = holdfast.clock() + make_interval(secs => $2)
          where id = $1 and edit_due_at is not null`,
        [one.id, problem.seconds],
      );
    }
    return false;
  }
}

/** Where it stands, in words; a range of seconds where one is known, as of `now`. */
export function statusText(words: BotWords, view: GenerationView, now: Date): string {
  const lines = [firstLine(words, view)];
  if (view.eta !== null) {
    const seconds = (at: Date): number => Math.max(1, Math.ceil((at.getTime() - now.getTime()) / 5_000) * 5);
    lines.push(words.eta(seconds(view.eta.from), seconds(view.eta.to)));
  }
  if (view.receipt.held > 0n) lines.push(words.heldNow(view.receipt.held));
  return lines.join('\n');
}

function firstLine(words: BotWords, view: GenerationView): string {
  switch (view.status) {
    case 'queued':
      return words.queued(view.queue_position);
    case 'submitting':
    case 'running':
      return words.running(view.progress === null ? null : Math.floor(view.progress * 20) * 5, view.kind);
    case 'ingesting':
      return words.saving;
    case 'outcome_unknown':
      return words.unknown;
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return words.saving;
    default:
      throw new Error(`unknown status ${String(view.status satisfies never)}`);
  }
}
