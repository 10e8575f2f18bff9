import { createHash, randomInt } from 'node:crypto';
import { inTransaction } from '../platform/database.ts';
import type { Database, Db, Tx } from '../platform/database.ts';
import { HoldfastError, NotFoundError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';

/**
 * `link_not_ready`: it is not confirmed in Telegram yet, or has run out. `link_taken`: one of the two is linked already.
 * `link_busy`: something of theirs is still being made.
 */
export class LinkError extends HoldfastError {}

export interface LinkView {
  readonly id: string;
  readonly expires_at: Date;
  /** Who confirmed it in Telegram; null while nobody has. */
  readonly telegram_name: string | null;
  readonly confirmed: boolean;
  readonly completed: boolean;
}

const lifetime_minutes = 10;
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const code_length = 12;

const digest = (code: string): Buffer => createHash('sha256').update(code).digest();

/** A code to be sent to the bot within ten minutes, shown once; earlier ones of this person's end. */
export async function startLink(db: Database, personId: string): Promise<LinkView & { code: string }> {
  const code = Array.from({ length: code_length }, () => letters[randomInt(letters.length)]).join('');
  const id = newId('lnk');
  return inTransaction(db, async (tx) => {
    await tx.query(
      `update holdfast.telegram_link set expires_at = holdfast.clock()
        where person_id = $1 and completed_at is null and expires_at > holdfast.clock()`,
      [personId],
    );
    const { rows } = await tx.query<{ expires_at: Date }>(
      `insert into holdfast.telegram_link (id, person_id, code_sha256, expires_at)
       values ($1, $2, $3, holdfast.clock() + make_interval(mins => $4)) returning expires_at`,
      [id, personId, digest(code), lifetime_minutes],
    );
    const expires_at = rows[0]?.expires_at;
    if (!expires_at) throw new Error('the link was not written');
    return { id, code, expires_at, telegram_name: null, confirmed: false, completed: false };
  });
}

/** How a person's Telegram account is known there; null where none is linked. */
export async function linkedAccount(
  db: Db,
  personId: string,
): Promise<{ name: string; username: string | null } | null> {
  const { rows } = await db.query<{ name: string; username: string | null }>(
    'select first_name as name, username from holdfast.telegram_account where person_id = $1',
    [personId],
  );
  return rows[0] ?? null;
}

/** What the web page shows while it waits. Null for another person's. */
export async function readLink(db: Db, personId: string, id: string): Promise<LinkView | null> {
  const { rows } = await db.query<LinkView>(
    `select id, expires_at, telegram_name, telegram_confirmed_at is not null as confirmed, completed_at is not null as completed
       from holdfast.telegram_link where id = $1 and person_id = $2`,
    [id, personId],
  );
  return rows[0] ?? null;
}

/** By the code that was sent to the bot; the account is named so that its owner knows it and a stranger learns little. */
export async function findOpenLink(
  db: Db,
  by: { code: string },
): Promise<{ id: string; account: string } | null> {
  const { rows } = await db.query<{ id: string; email: string | null }>(
    `select l.id, i.email from holdfast.telegram_link l left join auth.identity i on i.id = l.person_id
      where l.code_sha256 = $1 and l.expires_at > holdfast.clock() and l.completed_at is null
        and l.telegram_confirmed_at is null`,
    [digest(by.code)],
  );
  const row = rows[0];
  if (!row) return null;
  const [name = '', host = ''] = (row.email ?? '').split('@');
  return { id: row.id, account: host === '' ? 'Holdfast' : `${name.slice(0, 2)}…@${host}` };
}

/** @returns false where it has run out, or somebody else has confirmed it */
export async function confirmLinkInTelegram(
  db: Db,
  confirmed: { id: string; telegramId: bigint; name: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update holdfast.telegram_link
        set telegram_id = $2, telegram_name = $3, telegram_confirmed_at = coalesce(telegram_confirmed_at, holdfast.clock())
      where id = $1 and expires_at > holdfast.clock() and completed_at is null
        and (telegram_id is null or telegram_id = $2)`,
    [confirmed.id, confirmed.telegramId, confirmed.name.slice(0, 200)],
  );
  return rowCount === 1;
}

/**
 * Confirmed on the web as well: the two become one person, inside one transaction. Who came by Telegram alone becomes the web's person, with
 * everything that was theirs.
 * @param merge moves the credits of one account into another, inside the transaction
 * @throws LinkError, NotFoundError `link`
 */
export async function completeLink(
  db: Database,
  link: { id: string; personId: string },
  merge: (tx: Tx, from: string, into: string) => Promise<void>,
): Promise<{ merged: boolean }> {
  return inTransaction(db, async (tx) => {
    const { rows } = await tx.query<{ telegram_id: bigint; completed_at: Date | null; live: boolean }>(
      `select telegram_id, completed_at, telegram_confirmed_at is not null and expires_at > holdfast.clock() as live
         from holdfast.telegram_link where id = $1 and person_id = $2 for update`,
      [link.id, link.personId],
    );
    const row = rows[0];
    if (!row) throw new NotFoundError('link');
    if (row.completed_at) return { merged: false };
    if (!row.live) {
      throw new LinkError(
        'link_not_ready',
        'Confirm it in Telegram first, or start again: a code lives ten minutes.',
      );
    }
    const accounts = await tx.query<{ person_id: string; web: boolean; mine: boolean }>(
      `select t.person_id, exists (select from auth.identity i where i.id = t.person_id) as web, t.person_id = $2 as mine
         from holdfast.telegram_account t where t.telegram_id = $1 or t.person_id = $2 for update of t`,
      [row.telegram_id, link.personId],
    );
    const theirs = accounts.rows.find(({ mine }) => !mine);
    if (accounts.rows.some(({ mine }) => mine) || theirs === undefined || theirs.web) {
      throw new LinkError('link_taken', 'One of the two is linked with another account already.');
    }
    const from = theirs.person_id;
    const busy = await tx.query(
      'select from holdfast.generation where person_id = $1 and due_at is not null limit 1',
      [from],
    );
    if (busy.rows.length > 0) {
      throw new LinkError(
        'link_busy',
        'A video is still being made in Telegram: please wait until it is done.',
      );
    }
    await merge(tx, from, link.personId);
    await moveRows(tx, from, link.personId);
    await tx.query('update holdfast.telegram_link set completed_at = holdfast.clock() where id = $1', [
      link.id,
    ]);
    return { merged: true };
  });
}

/** Everything that names a person, but for what is kept by its own rules. */
async function moveRows(tx: Tx, from: string, into: string): Promise<void> {
  for (const table of [
    'telegram_account',
    'generation',
    'generation_request',
    'asset',
    'upload',
    'quote',
    'delivery',
    'delivery_wish',
    'generation_refund',
    'star_order',
    'star_payment',
  ]) {
    await tx.query(`update holdfast.${table} set person_id = $2 where person_id = $1`, [from, into]);
  }
  // Who has had an apology's credits as one of the two has had them.
  await tx.query(
    `insert into holdfast.apology_person (apology_id, person_id, granted_at, mailed_at)
     select apology_id, $2, granted_at, mailed_at from holdfast.apology_person where person_id = $1
     on conflict do nothing`,
    [from, into],
  );
  await tx.query(
    'update holdfast.invitation set inviter_id = $2 where inviter_id = $1 and invitee_id <> $2',
    [from, into],
  );
  await tx.query(
    `update holdfast.invite_code c set person_id = $2
      where person_id = $1 and not exists (select from holdfast.invite_code o where o.person_id = $2)`,
    [from, into],
  );
}
