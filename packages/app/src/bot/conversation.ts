import type { Db, Tx } from '../platform/database.ts';
import type { Product } from './words/words-table.ts';

/** What has been chosen so far; from the first photo on. */
export interface Draft {
  readonly product: Product;
  readonly upload: string;
  /** Of the photo's album, so that its other photos are no answers. */
  readonly album: string | null;
  /** The template's own inputs: captions, or a product's name, price and selling points. */
  readonly words: Readonly<Record<string, unknown>>;
  readonly look: string | null;
}

/** Where a person is. Each step holds all that was said before it. */
export type Conversation =
  | { readonly step: 'idle' }
  | { readonly step: 'product' }
  | { readonly step: 'photo'; readonly product: Product }
  | { readonly step: 'description'; readonly draft: Draft }
  | { readonly step: 'style'; readonly draft: Draft }
  | {
      readonly step: 'confirm';
      readonly draft: Draft;
      /** What the confirm button carries: the key of the request that it makes. */
      readonly offer: string;
      readonly quote: string;
    };

export async function readConversation(db: Db, chatId: bigint): Promise<Conversation> {
  const { rows } = await db.query<{ state: Conversation }>(
    'select state from holdfast.bot_conversation where chat_id = $1',
    [chatId],
  );
  return rows[0]?.state ?? { step: 'idle' };
}

/** Who is in the middle of nothing has no row. */
export async function writeConversation(tx: Tx, chatId: bigint, state: Conversation): Promise<void> {
  if (state.step === 'idle') {
    await tx.query('delete from holdfast.bot_conversation where chat_id = $1', [chatId]);
    return;
  }
  await tx.query(
    `insert into holdfast.bot_conversation (chat_id, state) values ($1, $2)
     on conflict (chat_id) do update set state = excluded.state, changed_at = holdfast.clock()`,
    [chatId, JSON.stringify(state)],
  );
}
