import { createHmac } from 'node:crypto';
import { inTransaction } from '../platform/database.ts';
import type { Db, Tx } from '../platform/database.ts';
import type { AccountDeps } from './deps.ts';
import type { TelegramPerson } from './telegram.ts';

type Deps = Pick<AccountDeps, 'db' | 'settings'>;

/** The mail of the web account that this Telegram account is linked with, half hidden; null where there is none. */
export async function webAccountOf(db: Db, personId: string): Promise<string | null> {
  const { rows } = await db.query<{ email: string }>('select email from auth.identity where id = $1', [
    personId,
  ]);
  return rows[0] ? rows[0].email.replace(/^(..?)[^@]*@/, '$1…@') : null;
}

/**
 * Forgets a Telegram account: its name, what was written, and everything still on its way to its chat. Who has no other way in also loses
 * their photos and films (removed from storage within hours) and what they wrote for them; the books stay, without a name. Who also signs in
 * on the web keeps that account whole. What everyone starts with is not given again to whoever comes back.
 * @returns `busy` while something of theirs is being made
 */
export async function deleteTelegramPerson(
  deps: Deps,
  person: TelegramPerson,
): Promise<'busy' | 'unlinked' | 'deleted'> {
  const { personId } = person;
  return inTransaction(deps.db, async (tx) => {
    const { rows: busy } = await tx.query(
      'select from holdfast.generation where person_id = $1 and due_at is not null limit 1',
      [personId],
    );
    if (busy.length > 0) return 'busy';
    await forgetTelegram(tx, person, departedFingerprint(deps, person.telegramId));
    const { rows: web } = await tx.query('select from auth.identity where id = $1', [personId]);
    if (web.length > 0) return 'unlinked';
    await forgetPerson(tx, personId);
    return 'deleted';
  });
}

/** Whether they have been here before, got what everyone starts with, and deleted their account. */
export async function hasDeparted(deps: Deps, telegramId: bigint): Promise<boolean> {
  const { rows } = await deps.db.query('select from holdfast.telegram_departed where fingerprint = $1', [
    departedFingerprint(deps, telegramId),
  ]);
  return rows.length > 0;
}

function departedFingerprint({ settings }: Deps, telegramId: bigint): Buffer {
  return createHmac('sha256', settings.secret).update(`departed/telegram/${telegramId}`).digest();
}

async function forgetTelegram(tx: Tx, person: TelegramPerson, fingerprint: Buffer): Promise<void> {
  const { personId, telegramId } = person;
  await tx.query(
    `insert into holdfast.telegram_departed (fingerprint)
     select $1 from holdfast.telegram_account where telegram_id = $2 and terms_accepted_at is not null
     on conflict (fingerprint) do nothing`,
    [fingerprint, telegramId],
  );
  const { rows } = await tx.query<{ chat_id: bigint }>(
    'delete from holdfast.telegram_account where telegram_id = $1 returning chat_id',
    [telegramId],
  );
  const chat = rows[0]?.chat_id ?? telegramId;
  await tx.query('delete from holdfast.bot_update where chat_id = $1 and done_at is not null', [chat]);
  await tx.query('delete from holdfast.telegram_link where telegram_id = $1', [telegramId]);
  await tx.query(
    `update holdfast.delivery
        set state = 'refused', reason = 'forgotten', detail = null, due_at = null, claimed_until = null, finished_at = holdfast.clock()
      where person_id = $1 and channel = 'telegram' and due_at is not null`,
    [personId],
  );
  await tx.query(
    `update holdfast.delivery set target = 'forgotten' where person_id = $1 and channel = 'telegram' and target = $2`,
    [personId, chat.toString()],
  );
  await tx.query(
    `update holdfast.delivery_wish
        set target = 'forgotten', shown = null, status_message_id = null, edit_due_at = null,
            ended_at = coalesce(ended_at, holdfast.clock())
      where person_id = $1 and channel = 'telegram' and target = $2`,
    [personId, chat.toString()],
  );
}

async function forgetPerson(tx: Tx, personId: string): Promise<void> {
  await tx.query(`update holdfast.person set name = '' where id = $1`, [personId]);
  await tx.query('delete from holdfast.invite_code where person_id = $1', [personId]);
  await tx.query('delete from holdfast.quote where person_id = $1', [personId]);
  await tx.query(
    `update holdfast.generation
        set input = input - 'prompt' - 'product_name' - 'product_price' - 'selling_points' where person_id = $1`,
    [personId],
  );
  await tx.query(
    `with gone as (
       update holdfast.asset set removed_at = holdfast.clock()
        where person_id = $1 and removed_at is null returning sha256, poster_sha256
     ), photos as (
       delete from holdfast.upload where person_id = $1 returning sha256
     ), names as (
       select sha256 from gone
       union select poster_sha256 from gone where poster_sha256 is not null
       union select sha256 from photos
     ), forgotten as (
       delete from holdfast.telegram_file f
        where f.sha256 in (select sha256 from names)
          and not exists (select from holdfast.asset a where a.sha256 = f.sha256 and a.person_id <> $1 and a.removed_at is null)
     )
     insert into holdfast.unwanted_object (sha256) select sha256 from names
     on conflict (sha256) do update set due_at = excluded.due_at`,
    [personId],
  );
}
