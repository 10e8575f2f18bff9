import { dropWish, noteStatusMessage, wishForTelegram } from '../../delivery/wishes.ts';
import { acceptGeneration } from '../../generations/accept/accept.ts';
import { InsufficientCreditsError, QuoteExpiredError } from '../../generations/errors.ts';
import { createQuote } from '../../generations/accept/quote.ts';
import { HoldfastError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Draft } from '../conversation.ts';
import type { Buttons, Turn } from '../turn.ts';
import { inputOf, modelFor, stylesOf } from '../product-model.ts';

/** Shows price and balance, and asks. The offer's name makes the press of its button one request, however often it is pressed. */
export async function offer(turn: Turn, draft: Draft, remark = ''): Promise<void> {
  const { words, person } = turn;
  const model = await modelFor(turn, draft.product);
  if (model === null) {
    await turn.show(words.somethingBroke);
    return;
  }
  const name = newId('off');
  const quote = await createQuote(turn.generations, {
    personId: person.personId,
    model: model.id,
    input: inputOf(draft, model),
  });
  turn.conversation = { step: 'confirm', draft, offer: name, quote: quote.id };
  const { available, held } = quote.balance;
  const facts = {
    product: words.products[draft.product],
    seconds: quote.units,
    price: quote.credits,
    available,
    held,
  };
  const restyle = { text: words.restyle, callback_data: 'restyle' };
  const styled = stylesOf(model, draft.product).length > 0;
  const other: Buttons = [[...(styled ? [restyle] : []), { text: words.cancel, callback_data: 'cancel' }]];
  const text = `${remark}${remark === '' ? '' : '\n\n'}${words.confirm(facts)}`;
  if (quote.sufficient) {
    const button = { text: words.confirmButton(quote.credits, available), callback_data: `go:${name}` };
    await turn.show(text, [[button], ...other]);
    return;
  }
  const short = words.tooLittle({ price: quote.credits, available, shortfall: quote.shortfall });
  await turn.show(`${text}\n\n${short}`, [[{ text: words.buy, callback_data: 'buy' }], ...other]);
}

/** The confirm button. Pressed again, by impatience or by Telegram's repetition, it does nothing again. */
export async function confirmed(turn: Turn, name: string): Promise<void> {
  const { conversation, deps, person, words } = turn;
  const key = `tg/${name}`;
  if (conversation.step !== 'confirm' || conversation.offer !== name) {
    const started = await wasAsked(turn, key);
    turn.toast(started ? words.alreadyStarted : words.offerGone);
    return;
  }
  const wish = await wishForTelegram(deps.db, {
    personId: person.personId,
    command: 'create',
    key,
    chatId: BigInt(turn.chatId),
  });
  try {
    const { generation } = await acceptGeneration(turn.generations, {
      personId: person.personId,
      key,
      request: { quote: conversation.quote },
    });
    turn.conversation = { step: 'idle' };
    if (wish.statusMessageId !== null) return;
    const text = `${words.starting}\n${words.heldNow(generation.receipt.held)}`;
    const message = await turn.show(text);
    if (message !== null) await noteStatusMessage(deps.db, wish.id, { id: BigInt(message), shown: text });
  } catch (error) {
    if (error instanceof QuoteExpiredError) {
      await dropWish(deps.db, wish.id);
      await offer(turn, conversation.draft, words.priceChanged);
    } else if (error instanceof InsufficientCreditsError) {
      await dropWish(deps.db, wish.id);
      await offer(turn, conversation.draft);
    } else if (error instanceof HoldfastError) {
      // The same key may be used once the reason is gone: too soon, too many, paused.
      await turn.say(`${error.message} ${words.nothingHeld}`);
    } else throw error;
  }
}

/** Whether a request under this key was made by this person. */
async function wasAsked(turn: Turn, key: string): Promise<boolean> {
  const { rows } = await turn.deps.db.query(
    `select from holdfast.generation_request where person_id = $1 and key = $2 and generation_id is not null`,
    [turn.person.personId, key],
  );
  return rows.length > 0;
}

export async function cancelled(turn: Turn): Promise<void> {
  turn.conversation = { step: 'idle' };
  await turn.show(turn.words.cancelled);
}
