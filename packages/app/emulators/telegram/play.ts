import type { TelegramEmulator } from './emulator.ts';
import { NoSuchButton } from './people.ts';
import type { Person } from './people.ts';
import type { EmulatedMessage } from './types.ts';
import { NotSeen } from './until-seen.ts';

export interface Patience {
  /** How long an answer is waited for before the person begins anew. Default 10 s. */
  readonly answerMs?: number;
  /** How often the person begins. Default 4. */
  readonly tries?: number;
  /** How often each button is pressed that starts or sends something. Default once. */
  readonly taps?: number;
}

export interface FilmWish {
  readonly product: 'neurocard' | 'reels';
  readonly photo: Buffer;
  /** One message: the captions, or name, price and selling points, a line each. */
  readonly words: string;
}

/** How far somebody came. */
export type Played =
  /** The button was pressed that starts or sends it; `name` is what the button carries after its colon: an offer, or a generation. */
  | { readonly came: 'pressed'; readonly name: string }
  | { readonly came: 'short_of_credits' }
  /** Their account is no more. */
  | { readonly came: 'gone' }
  /** No answer, however often they began. */
  | { readonly came: 'unanswered' };

/** From /start to the pressed confirm button, in any language: read by the buttons, as the words differ. */
export function askForFilm(
  telegram: TelegramEmulator,
  person: Person,
  wish: FilmWish,
  patience: Patience = {},
): Promise<Played> {
  return begin(telegram, person, patience, async (act) => {
    let [message, data] = await act(() => person.say('/start'), ['accept', 'product:']);
    if (data === 'accept') [message] = await act(() => person.press(message.id, data), ['product:']);
    await act(() => person.press(message.id, `product:${wish.product}`), []);
    const skip = wish.product === 'reels' ? ['skip'] : [];
    await act(() => person.sendPhoto(wish.photo), skip);
    [message, data] = await act(() => person.say(wish.words), ['look:', 'go:', 'buy']);
    if (data.startsWith('look:')) {
      [message, data] = await act(() => person.press(message.id, data), ['go:', 'buy']);
    }
    if (data === 'buy') return { came: 'short_of_credits' };
    tap(person, message, data, patience);
    return { came: 'pressed', name: data.slice('go:'.length) };
  });
}

/** Presses the newest button for one more of the same. Null where there is none. */
export function askForAnother(person: Person, patience: Patience = {}): Played | null {
  return pressNewest(person, 'again:', patience);
}

/** Presses the newest button that sends a film once more: below what may or may not have arrived, or in the list of /history. */
export function askForCopy(person: Person, patience: Patience = {}): Played | null {
  return pressNewest(person, 'send:', patience);
}

/** Opens /history, where each film can be asked for again. */
export function openHistory(
  telegram: TelegramEmulator,
  person: Person,
  patience: Patience = {},
): Promise<Played> {
  return begin(telegram, person, patience, async (act) => {
    const [, data] = await act(() => person.say('/history'), ['send:', 'unlock:']);
    return { came: 'pressed', name: data };
  });
}

/** Buys the first pack in Stars. `name` is the charge. */
export function buyPack(
  telegram: TelegramEmulator,
  person: Person,
  patience: Patience = {},
): Promise<Played> {
  return begin(telegram, person, patience, async (act) => {
    const [packs, pack] = await act(() => person.say('/buy'), ['pack:']);
    const since = telegram.state.version;
    person.press(packs.id, pack);
    const invoice = await telegram.until(
      'an invoice',
      () => person.chat().find(({ version, invoice: found }) => version > since && found !== null),
      patience.answerMs ?? usual_answer_ms,
    );
    const paid = telegram.state.transactions.length;
    const problem = await person.pay(invoice.id);
    if (problem !== null) throw new NotPaid(problem);
    const charge = telegram.state.transactions.slice(paid).find(({ user }) => user === person.user.id);
    return { came: 'pressed', name: charge?.id ?? '' };
  });
}

const usual_answer_ms = 10_000;
const usual_tries = 4;

class NotPaid extends Error {}

type Act = (what: () => unknown, buttons: readonly string[]) => Promise<[EmulatedMessage, string]>;

async function begin(
  telegram: TelegramEmulator,
  person: Person,
  patience: Patience,
  steps: (act: Act) => Promise<Played>,
): Promise<Played> {
  const act: Act = async (what, buttons) => {
    const since = telegram.state.version;
    await what();
    const answer = () => answerIn(person, since, buttons);
    return telegram.until('an answer', answer, patience.answerMs ?? usual_answer_ms);
  };
  for (let attempt = 0; attempt < (patience.tries ?? usual_tries); attempt += 1) {
    if (person.user.deactivated) return { came: 'gone' };
    try {
      return await steps(act);
    } catch (error) {
      const goesOn = [NotSeen, NotPaid, NoSuchButton].some((kind) => error instanceof kind);
      if (!goesOn) throw error;
    }
  }
  return person.user.deactivated ? { came: 'gone' } : { came: 'unanswered' };
}

/** The newest of the bot's messages that was written or edited since, with such a button; with none named, any without buttons. */
function answerIn(
  person: Person,
  since: number,
  wanted: readonly string[],
): [EmulatedMessage, string] | null {
  for (const message of person.chat().toReversed()) {
    if (message.from !== 'bot' || message.version <= since) continue;
    const data = message.buttons.flat().flatMap(({ callback_data }) => callback_data ?? []);
    if (wanted.length === 0 && data.length === 0) return [message, ''];
    const found = data.find((one) => wanted.some((start) => one.startsWith(start)));
    if (found !== undefined) return [message, found];
  }
  return null;
}

function pressNewest(person: Person, start: string, patience: Patience): Played | null {
  if (person.user.deactivated) return { came: 'gone' };
  for (const message of person.chat().toReversed()) {
    const data = message.buttons.flat().find(({ callback_data }) => callback_data?.startsWith(start));
    if (data?.callback_data === undefined) continue;
    tap(person, message, data.callback_data, patience);
    return { came: 'pressed', name: data.callback_data.split(':')[1] ?? '' };
  }
  return null;
}

/** Impatient people press more than once before anything happens. */
function tap(person: Person, message: EmulatedMessage, data: string, { taps = 1 }: Patience): void {
  for (let each = 0; each < taps; each += 1) person.press(message.id, data);
}
