import { webAccountOf } from '../../accounts/delete-telegram.ts';
import { webButton } from '../../delivery/telegram/buttons.ts';
import { planCopy } from '../../delivery/plan.ts';
import { dropWish, noteStatusMessage, wishForTelegram } from '../../delivery/wishes.ts';
import { generateAgain } from '../../generations/accept/accept.ts';
import { InsufficientCreditsError } from '../../generations/errors.ts';
import { unlockGeneration } from '../../generations/end/give-back.ts';
import { calculateCost } from '../../generations/accept/quote.ts';
import { getGeneration, listGenerations } from '../../generations/view/read.ts';
import type { GenerationView } from '../../generations/view/views.ts';
import { inTransaction } from '../../platform/database.ts';
import { HoldfastError, NotFoundError } from '../../platform/errors.ts';
import type { Draft } from '../conversation.ts';
import type { Turn } from '../turn.ts';
import { products } from '../product-model.ts';
import { chooseStyle } from './choose.ts';
import { offer } from './confirm.ts';

/** This person's own; anything else is told as gone. */
async function ownGeneration(turn: Turn, id: string): Promise<GenerationView | null> {
  try {
    return await getGeneration(turn.generations, turn.person.personId, id);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    turn.toast(turn.words.offerGone);
    return null;
  }
}

function draftOf(view: GenerationView): Draft | null {
  const { template, image, ...rest } = view.input;
  const product = products.find((each) => each === template);
  if (product === undefined || image === undefined) return null;
  const { prompt, product_name, product_price, selling_points, style } = rest;
  return {
    product,
    upload: image,
    album: null,
    look: style ?? null,
    words: {
      ...(prompt === undefined ? {} : { prompt }),
      ...(product_name === undefined ? {} : { product_name }),
      ...(product_price === undefined ? {} : { product_price }),
      ...(selling_points === undefined ? {} : { selling_points }),
    },
  };
}

/** So long after one has ended, a press of the same button is a new wish, and no second tap. */
const second_tap_seconds = 10;

/**
 * One more with the same photo and product, at one tap, at the price on the button. While the one that this button started is under way,
 * pressing it again does nothing.
 */
export async function again(turn: Turn, generationId: string, priceShown: bigint): Promise<void> {
  const { deps, person, words } = turn;
  const earlier = await ownGeneration(turn, generationId);
  if (earlier === null) return;
  const cost = await calculateCost(turn.generations, {
    personId: person.personId,
    model: earlier.model,
    input: earlier.input,
  });
  const draft = draftOf(earlier);
  if (cost.credits > priceShown && draft !== null) {
    await offerAnew(turn, draft, words.priceChanged);
    return;
  }
  const key = await keyOfThisTap(turn, `tg/again/${generationId}`);
  if (key === null) {
    turn.toast(words.alreadyStarted);
    return;
  }
  const request = { personId: person.personId, command: 'again' as const, key };
  const wish = await wishForTelegram(deps.db, { ...request, chatId: BigInt(turn.chatId) });
  try {
    const { generation } = await generateAgain(turn.generations, {
      personId: person.personId,
      key,
      generationId,
    });
    if (wish.statusMessageId !== null) return;
    const text = `${words.starting}\n${words.heldNow(generation.receipt.held)}`;
    const message = await turn.say(text);
    if (message !== null) await noteStatusMessage(deps.db, wish.id, { id: BigInt(message), shown: text });
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    await dropWish(deps.db, wish.id);
    if (error instanceof InsufficientCreditsError && draft !== null) await offerAnew(turn, draft, '');
    else await turn.say(`${error.message} ${words.nothingHeld}`);
  }
}

/** In a message of its own: the film stays as it is. */
async function offerAnew(turn: Turn, draft: Draft, remark: string): Promise<void> {
  const fresh: Turn = { ...turn, show: (text, buttons) => turn.say(text, buttons) };
  await offer(fresh, draft, remark);
  turn.conversation = fresh.conversation;
}

/** A number for each wish; null while the last one is under way, or has only just ended. The same update has the same one. */
async function keyOfThisTap(turn: Turn, prefix: string): Promise<string | null> {
  const { rows } = await turn.deps.db.query<{ wishes: number; busy: boolean }>(
    `select count(*)::integer as wishes,
            coalesce(bool_or(coalesce(g.due_at is not null, w.ended_at is null)
              or w.ended_at > holdfast.clock() - make_interval(secs => $3)), false) as busy
       from holdfast.delivery_wish w
       left join holdfast.generation_request r
         on r.person_id = w.person_id and r.command = w.command and r.key = w.key
       left join holdfast.generation g on g.id = r.generation_id
      where w.person_id = $1 and starts_with(w.key, $2) and w.key <> $4`,
    [turn.person.personId, `${prefix}/`, second_tap_seconds, `${prefix}/${turn.updateId}`],
  );
  return rows[0]?.busy === true ? null : `${prefix}/${turn.updateId}`;
}

export async function anotherStyle(turn: Turn, generationId: string): Promise<void> {
  const earlier = await ownGeneration(turn, generationId);
  const draft = earlier === null ? null : draftOf(earlier);
  if (draft === null) return;
  const fresh: Turn = { ...turn, show: (text, buttons) => turn.say(text, buttons) };
  await chooseStyle(fresh, draft);
  turn.conversation = fresh.conversation;
}

/** One more copy, because it was asked for: free. While one is on its way, pressing again does nothing. */
export async function sendCopy(turn: Turn, generationId: string): Promise<void> {
  const { deps, person, words } = turn;
  const view = await ownGeneration(turn, generationId);
  if (view === null) return;
  if (view.locked !== null) {
    turn.toast(words.locked(view.locked.credits));
    return;
  }
  await planOneCopy(turn, generationId);
  turn.toast(words.onItsWay);
  deps.log.info({ generation: generationId, person: person.personId }, 'another copy was asked for');
}

async function planOneCopy(turn: Turn, generationId: string): Promise<void> {
  await inTransaction(turn.deps.db, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 52))', [generationId]);
    const { rows } = await tx.query(
      `select from holdfast.delivery
        where generation_id = $1 and channel = 'telegram' and target = $2 and event in ('resent', 'succeeded')
          and (due_at is not null or (event = 'resent' and finished_at > holdfast.clock() - make_interval(secs => $3)))`,
      [generationId, String(turn.chatId), 3],
    );
    if (rows.length > 0) return;
    await planCopy(tx, {
      generationId,
      personId: turn.person.personId,
      chatId: BigInt(turn.chatId),
      askedBy: String(turn.updateId),
    });
  });
}

export async function unlock(turn: Turn, generationId: string): Promise<void> {
  const { words } = turn;
  const view = await ownGeneration(turn, generationId);
  if (view === null) return;
  try {
    if (view.locked !== null) {
      await unlockGeneration(turn.generations, { personId: turn.person.personId, generationId });
    }
    await planOneCopy(turn, generationId);
    turn.toast(words.unlocked);
  } catch (error) {
    if (!(error instanceof InsufficientCreditsError)) throw error;
    await turn.say(`${error.message} ${words.nothingHeld}`, [[{ text: words.buy, callback_data: 'buy' }]]);
  }
}

const shown_in_history = 6;

/** The last videos, each of which a press sends again. */
export async function history(turn: Turn): Promise<void> {
  const { words, locale } = turn;
  const { items } = await listGenerations(turn.generations, turn.person.personId, {
    limit: shown_in_history,
    status: 'succeeded',
  });
  if (items.length === 0) {
    await turn.say(words.historyEmpty);
    return;
  }
  const date = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  const account = await webAccountOf(turn.deps.db, turn.person.personId);
  const rows = items.map((view) => [
    {
      text: `${view.locked !== null ? '🔒' : view.kind === 'image' ? '🖼' : '🎬'} ${titleOf(view)} · ${date.format(view.created_at)}`.slice(
        0,
        60,
      ),
      callback_data: `${view.locked === null ? 'send' : 'unlock'}:${view.id}`,
    },
  ]);
  await turn.say(words.historyTitle, [
    ...rows,
    ...webButton(locale, account === null ? null : `${turn.deps.settings.publicUrl}/library`),
  ]);
}

function titleOf(view: GenerationView): string {
  return (
    (view.input.product_name ?? view.input.prompt ?? view.model).split('\n')[0]?.slice(0, 30) ?? view.model
  );
}
