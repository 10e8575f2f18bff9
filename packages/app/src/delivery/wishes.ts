import type { Db } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';

/** Where the result of a request is wanted, beside the library. */
export interface Wish {
  readonly id: string;
  readonly target: string;
  readonly statusMessageId: bigint | null;
}

interface Request {
  readonly personId: string;
  readonly command: 'create' | 'again';
  readonly key: string;
}

/** Notes it before the request is made, by the request's key. Idempotent. */
export async function wishForTelegram(db: Db, request: Request & { chatId: bigint }): Promise<Wish> {
  const { personId, command, key, chatId } = request;
  await db.query(
    `insert into holdfast.delivery_wish (id, person_id, command, key, channel, target)
     values ($1, $2, $3, $4, 'telegram', $5)
     on conflict (person_id, command, key) do nothing`,
    [newId('wsh'), personId, command, key, chatId.toString()],
  );
  const { rows } = await db.query<{ id: string; target: string; status_message_id: bigint | null }>(
    `select id, target, status_message_id from holdfast.delivery_wish
      where person_id = $1 and command = $2 and key = $3`,
    [personId, command, key],
  );
  const row = rows[0];
  if (!row) throw new Error('the wish was not written');
  return { id: row.id, target: row.target, statusMessageId: row.status_message_id };
}

/** The message that will tell how it goes. The first one stays. */
export async function noteStatusMessage(
  db: Db,
  wishId: string,
  message: { id: bigint; shown: string },
): Promise<void> {
  await db.query(
    // Whatever has happened meanwhile is said there next.
    `update holdfast.delivery_wish
        set status_message_id = $2, shown = coalesce(shown, $3), edit_due_at = holdfast.clock()
      where id = $1 and status_message_id is null`,
    [wishId, message.id, message.shown],
  );
}

/** Nothing came of the request. */
export async function dropWish(db: Db, wishId: string): Promise<void> {
  await db.query(
    `update holdfast.delivery_wish set ended_at = holdfast.clock(), edit_due_at = null
      where id = $1 and ended_at is null`,
    [wishId],
  );
}
