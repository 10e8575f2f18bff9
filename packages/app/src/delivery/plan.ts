import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';

/** More channels than anyone has. */
const most_targets = 24;

/** For whoever calls `holdfast.plan_deliveries` in a statement of their own: as many as there can be. */
export function deliveryIds(): string[] {
  return Array.from({ length: most_targets }, () => newId('dlv'));
}

/**
 * Writes a row for everything that is to be told about how a generation ended: its place in the library (delivered, as its files are stored
 * by then), the chat it was asked for from, the person's mail, their webhooks. Inside the transaction that ends it, so that neither is ever
 * without the other. Idempotent.
 */
export async function planDeliveries(
  tx: Tx,
  ended: { generationId: string; personId: string; event: 'succeeded' | 'failed' | 'cancelled' },
): Promise<void> {
  await tx.query({
    name: 'plan_deliveries',
    text: 'select holdfast.plan_deliveries($1, $2, $3, $4)',
    values: [ended.generationId, ended.personId, ended.event, deliveryIds()],
  });
}

/** Tells the chats that a generation's result was wanted in of what came later. Inside the transaction in which it came. Idempotent. */
export async function planForChats(
  tx: Tx,
  later: { generationId: string; personId: string; event: 'refunded' },
): Promise<void> {
  await tx.query(
    `insert into holdfast.delivery (id, generation_id, person_id, event, channel, target, wish_id)
     select $4, $1, $2, $3, 'telegram', target, wish_id
       from holdfast.delivery
      where generation_id = $1 and channel = 'telegram' and event = 'succeeded'
      limit 1
     on conflict (generation_id, event, channel, target, asked_by) do nothing`,
    [later.generationId, later.personId, later.event, newId('dlv')],
  );
}

/**
 * Another copy, because the person asked for one: free. The same press of the same button is the same wish.
 * @param wanted.askedBy what tells this press from others
 */
export async function planCopy(
  tx: Tx,
  wanted: { generationId: string; personId: string; chatId: bigint; askedBy: string },
): Promise<{ planned: boolean }> {
  const { rowCount } = await tx.query(
    `insert into holdfast.delivery (id, generation_id, person_id, event, channel, target, asked_by)
     values ($1, $2, $3, 'resent', 'telegram', $4, $5)
     on conflict (generation_id, event, channel, target, asked_by) do nothing`,
    [newId('dlv'), wanted.generationId, wanted.personId, wanted.chatId.toString(), wanted.askedBy],
  );
  return { planned: rowCount === 1 };
}
