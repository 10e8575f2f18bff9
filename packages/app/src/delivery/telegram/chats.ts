import type { Db } from '../../platform/database.ts';
import type { Locale } from '../../platform/locale.ts';

/** What sending to a chat must know of whose it is. */
export interface Chat {
  readonly locale: Locale;
  /** Why they can't be reached, if so. */
  readonly unreachable: string | null;
}

export async function findChat(db: Db, chatId: string): Promise<Chat> {
  const { rows } = await db.query<{ locale: Locale; unreachable_reason: string | null }>(
    'select locale, unreachable_reason from holdfast.telegram_account where chat_id = $1',
    [chatId],
  );
  const row = rows[0];
  return { locale: row?.locale ?? 'en', unreachable: row?.unreachable_reason ?? null };
}

/** Nothing is sent until they are back. */
export async function noteUnreachable(db: Db, chatId: string, reason: string): Promise<void> {
  await db.query(
    `update holdfast.telegram_account
        set unreachable_since = coalesce(unreachable_since, holdfast.clock()), unreachable_reason = $2
      where chat_id = $1`,
    [chatId, reason],
  );
}

/** A group became another chat: what is still to be sent goes there. */
export async function moveChat(db: Db, from: string, to: bigint): Promise<void> {
  await db.query('update holdfast.telegram_account set chat_id = $2 where chat_id = $1', [
    from,
    to.toString(),
  ]);
  await db.query(`update holdfast.delivery_wish set target = $2 where channel = 'telegram' and target = $1`, [
    from,
    to.toString(),
  ]);
  await db.query(
    `update holdfast.delivery set target = $2 where channel = 'telegram' and target = $1 and due_at is not null`,
    [from, to.toString()],
  );
}
