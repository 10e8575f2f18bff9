import { inTransaction } from '../platform/database.ts';
import type { Database } from '../platform/database.ts';
import type { TelegramPerson } from './telegram.ts';

/**
 * Forgets who came by Telegram: their name, their photos and films, what they wrote. The books stay, without a name. Who also signs in on
 * the web keeps that account, and only Telegram is forgotten.
 * @returns what no row names any more and is to be removed from storage; `busy` while something of theirs is being made
 */
export async function deleteTelegramPerson(
  db: Database,
  person: TelegramPerson,
): Promise<'busy' | { files: string[] }> {
  const { personId, telegramId } = person;
  return inTransaction(db, async (tx) => {
    const { rows: busy } = await tx.query(
      'select from holdfast.generation where person_id = $1 and due_at is not null limit 1',
      [personId],
    );
    if (busy.length > 0) return 'busy';
    const { rows: accounts } = await tx.query<{ chat_id: bigint }>(
      'delete from holdfast.telegram_account where telegram_id = $1 returning chat_id',
      [telegramId],
    );
    const chat = accounts[0]?.chat_id ?? telegramId;
    await tx.query('delete from holdfast.bot_update where chat_id = $1 and done_at is not null', [chat]);
    await tx.query('update holdfast.telegram_link set telegram_name = null where telegram_id = $1', [
      telegramId,
    ]);
    await tx.query('delete from holdfast.invite_code where person_id = $1', [personId]);
    const { rows: web } = await tx.query('select from auth.identity where id = $1', [personId]);
    if (web.length > 0) return { files: [] };
    await tx.query(`update holdfast.person set name = '' where id = $1`, [personId]);
    await tx.query(
      `update holdfast.generation set input = input - 'prompt' - 'product_name' - 'product_price' - 'selling_points' where person_id = $1`,
      [personId],
    );
    const { rows: files } = await tx.query<{ sha256: string }>(
      `with gone as (
         select sha256 from holdfast.upload where person_id = $1
         union select sha256 from holdfast.asset where person_id = $1
         union select poster_sha256 from holdfast.asset where person_id = $1 and poster_sha256 is not null
       )
       select sha256 from gone
        where not exists (select from holdfast.upload u where u.sha256 = gone.sha256 and u.person_id <> $1)
          and not exists (select from holdfast.asset a where (a.sha256 = gone.sha256 or a.poster_sha256 = gone.sha256) and a.person_id <> $1)`,
      [personId],
    );
    return { files: files.map(({ sha256 }) => sha256) };
  });
}
