import { createHash } from 'node:crypto';
import { inTransaction } from '../platform/database.ts';
import type { Db } from '../platform/database.ts';
import { newId, newToken } from '../platform/ids.ts';
import type { Locale } from '../platform/locale.ts';
import { localeOfTag } from '../platform/locale.ts';
import { hasDeparted } from './delete-telegram.ts';
import type { AccountDeps } from './deps.ts';
import { markWelcomed } from './queries.ts';

/** Who writes, as Telegram says. */
export interface TelegramUser {
  readonly id: number;
  readonly chatId: number;
  readonly firstName: string;
  readonly username: string | null;
  readonly languageCode: string | null;
}

/** Somebody who is here by their Telegram account. */
export interface TelegramPerson {
  readonly personId: string;
  readonly telegramId: bigint;
  readonly locale: Locale;
  readonly termsAccepted: boolean;
}

interface Row {
  person_id: string;
  telegram_id: bigint;
  locale: Locale;
  terms_accepted_at: Date | null;
}

const toPerson = (row: Row): TelegramPerson => ({
  personId: row.person_id,
  telegramId: row.telegram_id,
  locale: row.locale,
  termsAccepted: row.terms_accepted_at !== null,
});

/**
 * The person behind a Telegram account, made where they are new. Whoever writes can be written to again. Safe from several processes at
 * once.
 */
export async function ensureTelegramPerson(
  deps: Pick<AccountDeps, 'db'>,
  user: TelegramUser,
): Promise<TelegramPerson> {
  const { rows } = await deps.db.query<Row>(
    `update holdfast.telegram_account
        set username = $2, first_name = $3, chat_id = $4, unreachable_since = null, unreachable_reason = null
      where telegram_id = $1
     returning person_id, telegram_id, locale, terms_accepted_at`,
    [user.id, user.username, user.firstName.slice(0, 200), user.chatId],
  );
  return rows[0] ? toPerson(rows[0]) : makePerson(deps, user);
}

async function makePerson(deps: Pick<AccountDeps, 'db'>, user: TelegramUser): Promise<TelegramPerson> {
  const locale = user.languageCode === null ? null : localeOfTag(user.languageCode);
  return inTransaction(deps.db, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 50))', [`telegram/${user.id}`]);
    const known = await tx.query<Row>(
      'select person_id, telegram_id, locale, terms_accepted_at from holdfast.telegram_account where telegram_id = $1',
      [user.id],
    );
    if (known.rows[0]) return toPerson(known.rows[0]);
    const personId = newId('per');
    const name = user.firstName.slice(0, 200);
    await tx.query('insert into holdfast.person (id, name, locale) values ($1, $2, $3)', [
      personId,
      name,
      locale,
    ]);
    const { rows } = await tx.query<Row>(
      `insert into holdfast.telegram_account (telegram_id, person_id, chat_id, username, first_name, locale)
       values ($1, $2, $3, $4, $5, $6)
       returning person_id, telegram_id, locale, terms_accepted_at`,
      [user.id, personId, user.chatId, user.username, name, locale ?? 'en'],
    );
    if (!rows[0]) throw new Error('the account was not written');
    return toPerson(rows[0]);
  });
}

/** Agrees to the terms, and gets what everyone starts with, unless they had it before they deleted their account. Idempotent. */
export async function acceptTerms(deps: AccountDeps, person: TelegramPerson): Promise<void> {
  await deps.db.query(
    `update holdfast.telegram_account set terms_accepted_at = coalesce(terms_accepted_at, holdfast.clock())
      where telegram_id = $1`,
    [person.telegramId],
  );
  const { rows } = await deps.db.query<{ due: boolean }>(
    'select welcomed_at is null as due from holdfast.person where id = $1',
    [person.personId],
  );
  if (rows[0]?.due !== true) return;
  if (!(await hasDeparted(deps, person.telegramId))) await deps.welcome(person.personId);
  await markWelcomed(deps.db, person.personId);
}

export async function chooseTelegramLocale(db: Db, person: TelegramPerson, locale: Locale): Promise<void> {
  await db.query('update holdfast.telegram_account set locale = $2 where telegram_id = $1', [
    person.telegramId,
    locale,
  ]);
  await db.query('update holdfast.person set locale = $2 where id = $1', [person.personId, locale]);
}

/** Whose Telegram account that is; null where nobody's. */
export async function personOfTelegram(db: Db, telegramId: bigint): Promise<string | null> {
  const { rows } = await db.query<{ person_id: string }>(
    'select person_id from holdfast.telegram_account where telegram_id = $1',
    [telegramId],
  );
  return rows[0]?.person_id ?? null;
}

/** They stopped the bot; or are back. */
export async function noteTelegramReach(db: Db, telegramId: number, reason: string | null): Promise<void> {
  await db.query(
    `update holdfast.telegram_account
        set unreachable_since = case when $2::text is null then null else holdfast.clock() end, unreachable_reason = $2
      where telegram_id = $1`,
    [telegramId, reason],
  );
}

/** The code that a person invites others with: made once. */
export async function inviteCode(db: Db, personId: string): Promise<{ code: string; invited: number }> {
  const code = createHash('sha256').update(`${personId}/${newToken()}`).digest('hex').slice(0, 8);
  await db.query(
    'insert into holdfast.invite_code (code, person_id) values ($1, $2) on conflict (person_id) do nothing',
    [code, personId],
  );
  const { rows } = await db.query<{ code: string; invited: number }>(
    `select code, (select count(*)::integer from holdfast.invitation where inviter_id = $1) as invited
       from holdfast.invite_code where person_id = $1`,
    [personId],
  );
  const row = rows[0];
  if (!row) throw new Error('the invite code was not written');
  return row;
}

/** Only of someone new, once, and never by themselves. @returns whether it counts */
export async function noteInvitation(db: Db, invitee: TelegramPerson, code: string): Promise<boolean> {
  if (invitee.termsAccepted || !/^[0-9a-z]{8}$/.test(code)) return false;
  const { rowCount } = await db.query(
    `insert into holdfast.invitation (invitee_id, inviter_id)
     select $1, person_id from holdfast.invite_code where code = $2 and person_id <> $1
     on conflict (invitee_id) do nothing`,
    [invitee.personId, code],
  );
  return rowCount === 1;
}
