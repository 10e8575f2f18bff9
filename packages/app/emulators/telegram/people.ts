import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { botUser, messagesIn, newFile, newMessage } from './state.ts';
import type { Telegram } from './telegram.ts';
import type { EmulatedMessage, EmulatedUser, Invoice } from './types.ts';
import { chatOnWire, messageOnWire, userOnWire } from './wire.ts';

/** Another one has taken its place, or it was never there. */
export class NoSuchButton extends Error {}

/** What a person does with the bot's chat. */
export interface Person {
  readonly user: EmulatedUser;
  say(text: string): void;
  /** A photo as Telegram sends it; `asFile` without making it smaller. With `bytes` it is told to be that large. */
  sendPhoto(content: Buffer, options?: { asFile?: boolean; bytes?: number; caption?: string }): Promise<void>;
  sendAlbum(contents: readonly Buffer[]): Promise<void>;
  sendSticker(): void;
  /** Presses a button of a message. @throws NoSuchButton */
  press(messageId: number, data: string): void;
  /** The same, of the newest message with a button whose words contain this. */
  pressButton(words: string): void;
  /** Sends what no client would: a callback with any data. */
  forgeCallback(data: string): void;
  /** Pays the invoice in a message. @returns what went wrong, or null when it is paid */
  pay(messageId: number): Promise<string | null>;
  block(): void;
  unblock(): void;
  /** What lies in the chat, oldest first. */
  chat(): readonly EmulatedMessage[];
}

export function personOf(telegram: Telegram, id: number): Person {
  const { state, updates } = telegram;
  const user = state.users.get(id);
  if (user === undefined) throw new Error(`there is nobody with the number ${id}`);
  const from = userOnWire(user);

  function write(message: Partial<EmulatedMessage>): EmulatedMessage {
    if (user?.blocked) member('member');
    if (user) Object.assign(user, { started: true, blocked: false });
    const written = newMessage(state, { chat: id, from: id, ...message });
    updates.announce({ message: messageOnWire(state, written) });
    return written;
  }

  function member(status: 'member' | 'kicked'): void {
    const bot = { user: botUser, status };
    updates.announce({
      my_chat_member: {
        chat: chatOnWire(state, id),
        from,
        date: Math.floor(Date.now() / 1000),
        old_chat_member: { user: botUser, status: status === 'member' ? 'kicked' : 'member' },
        new_chat_member: bot,
      },
    });
  }

  async function photo(content: Buffer, options: { asFile?: boolean; bytes?: number } = {}) {
    const facts = await sharp(content)
      .metadata()
      .catch(() => null);
    return newFile(state, {
      kind: options.asFile === true || facts === null ? 'document' : 'photo',
      content,
      width: facts?.width ?? 0,
      height: facts?.height ?? 0,
      name: 'photo.jpg',
      mimeType: facts === null ? 'application/octet-stream' : `image/${facts.format}`,
      ...(options.bytes === undefined ? {} : { bytes: options.bytes }),
    });
  }

  function press(messageId: number, data: string): void {
    const message = messagesIn(state, id).find((each) => each.id === messageId);
    if (!message?.buttons.flat().some((button) => button.callback_data === data)) {
      throw new NoSuchButton(`message ${messageId} has no button ${data}`);
    }
    callback(data, message);
  }

  function callback(data: string, message: EmulatedMessage | undefined): void {
    updates.announce({
      callback_query: {
        id: `${id}:${randomBytes(6).toString('hex')}`,
        from,
        chat_instance: String(id),
        data,
        ...(message ? { message: messageOnWire(state, message) } : {}),
      },
    });
  }

  return {
    user,
    say: (text) => void write({ text }),
    async sendPhoto(content, options = {}) {
      write({ file: await photo(content, options), caption: options.caption ?? null });
    },
    async sendAlbum(contents) {
      const album = randomBytes(6).toString('hex');
      const files = await Promise.all(contents.map((content) => photo(content)));
      for (const file of files) write({ file, album });
    },
    sendSticker: () =>
      void write({ file: newFile(state, { kind: 'sticker', content: Buffer.from('sticker') }) }),
    press,
    pressButton(words) {
      for (const message of messagesIn(state, id).toReversed()) {
        const button = message.buttons.flat().find(({ text }) => text.includes(words));
        if (button?.callback_data === undefined) continue;
        press(message.id, button.callback_data);
        return;
      }
      throw new Error(`no message of this chat has a button "${words}"`);
    },
    forgeCallback: (data) =>
      callback(
        data,
        messagesIn(state, id).findLast(({ from: by }) => by === 'bot'),
      ),
    async pay(messageId) {
      const invoice = messagesIn(state, id).find((each) => each.id === messageId)?.invoice;
      if (!invoice) return 'there is no invoice in this message';
      return checkOut(telegram, user, invoice, write);
    },
    block() {
      user.blocked = true;
      member('kicked');
    },
    unblock() {
      user.blocked = false;
      member('member');
    },
    chat: () => messagesIn(state, id),
  };
}

/** Asks the bot whether it may go on, takes the Stars, and tells both sides. */
async function checkOut(
  telegram: Telegram,
  user: EmulatedUser,
  invoice: Invoice,
  write: (message: Partial<EmulatedMessage>) => void,
): Promise<string | null> {
  const { state, checkouts, updates, knobs } = telegram;
  if (user.stars < invoice.stars) return 'not enough Stars';
  const query = randomBytes(8).toString('hex');
  const asked = Promise.withResolvers<{ ok: boolean; error: string | null }>();
  const timer = setTimeout(
    () => asked.resolve({ ok: false, error: 'the bot did not answer in time' }),
    knobs.preCheckoutMs,
  );
  checkouts.set(query, asked.resolve);
  updates.announce({
    pre_checkout_query: {
      id: query,
      from: userOnWire(user),
      currency: invoice.currency,
      total_amount: invoice.stars,
      invoice_payload: invoice.payload,
    },
  });
  const answer = await asked.promise;
  clearTimeout(timer);
  checkouts.delete(query);
  if (!answer.ok) return answer.error ?? 'the bot refused';
  user.stars -= invoice.stars;
  const chargeId = `stx${randomBytes(24).toString('base64url')}`;
  const { stars, payload } = invoice;
  const date = Math.floor(Date.now() / 1000);
  state.transactions.push({ id: chargeId, amount: stars, date, user: user.id, payload, refund: false });
  write({ payment: { chargeId, stars, payload } });
  return null;
}
