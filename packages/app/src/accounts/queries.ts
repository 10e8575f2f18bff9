import type { Db } from '../platform/database.ts';
import type { Locale } from '../platform/locale.ts';
import type { Person, Role } from './rules.ts';

interface PersonRow {
  id: string;
  email: string | null;
  email_verified: boolean | null;
  name: string;
  role: Role | null;
  locale: Locale | null;
  welcomed_at: Date | null;
  created_at: Date;
}

/** `known` is false where a sign-in exists but its person's row was lost to a crash. */
export interface FoundPerson {
  readonly person: Person;
  readonly known: boolean;
}

function toPerson(row: PersonRow): FoundPerson {
  return {
    known: row.role !== null,
    person: {
      id: row.id,
      email: row.email,
      emailVerified: row.email_verified ?? false,
      name: row.name,
      role: row.role ?? 'creator',
      locale: row.locale,
      welcomedAt: row.welcomed_at,
      createdAt: row.created_at,
    },
  };
}

export async function findSession(
  db: Db,
  token: string,
): Promise<(FoundPerson & { sessionId: string; expired: boolean }) | null> {
  const { rows } = await db.query<PersonRow & { session_id: string; expired: boolean }>({
    name: 'accounts.find_session',
    text: `
      select s.id as session_id, s.expires_at <= current_timestamp as expired, i.id, i.email, i.email_verified,
             coalesce(nullif(p.name, ''), i.name) as name, p.role, p.locale, p.welcomed_at, coalesce(p.created_at, i.created_at) as created_at
      from auth.session s
      join auth.identity i on i.id = s.user_id
      left join holdfast.person p on p.id = i.id
      where s.token = $1`,
    values: [token],
  });
  const row = rows[0];
  return row ? { ...toPerson(row), sessionId: row.session_id, expired: row.expired } : null;
}

export interface FoundKey extends FoundPerson {
  readonly keyId: string;
  readonly usable: boolean;
  readonly expired: boolean;
  readonly permissions: string | null;
  readonly stale: boolean;
}

/** `stale`: its last use was noted more than a minute ago. */
export async function findKey(db: Db, hash: string): Promise<FoundKey | null> {
  const { rows } = await db.query<
    PersonRow & {
      key_id: string;
      usable: boolean;
      expired: boolean;
      stale: boolean;
      permissions: string | null;
    }
  >({
    name: 'accounts.find_key',
    text: `
      select k.id as key_id, coalesce(k.enabled, true) as usable, coalesce(k.expires_at <= current_timestamp, false) as expired,
             k.permissions, coalesce(k.last_request < current_timestamp - interval '1 minute', true) as stale,
             k.reference_id as id, i.email, i.email_verified, coalesce(nullif(p.name, ''), i.name, '') as name,
             p.role, p.locale, p.welcomed_at, coalesce(p.created_at, k.created_at) as created_at
      from auth.api_key k
      left join auth.identity i on i.id = k.reference_id
      left join holdfast.person p on p.id = k.reference_id
      where k.key = $1`,
    values: [hash],
  });
  const row = rows[0];
  if (!row) return null;
  const { key_id: keyId, usable, expired, stale, permissions } = row;
  return { ...toPerson(row), keyId, usable, expired, stale, permissions };
}

export async function noteKeyUse(db: Db, keyId: string): Promise<void> {
  await db.query('update auth.api_key set last_request = current_timestamp where id = $1', [keyId]);
}

/** By id, or by mail address. */
export async function findPerson(db: Db, by: { id: string } | { email: string }): Promise<Person | null> {
  const { rows } = await db.query<PersonRow>(
    `select coalesce(p.id, i.id) as id, i.email, i.email_verified, coalesce(nullif(p.name, ''), i.name, '') as name, p.role, p.locale, p.welcomed_at,
            coalesce(p.created_at, i.created_at) as created_at
     from holdfast.person p full join auth.identity i on i.id = p.id
     where ${'id' in by ? 'coalesce(p.id, i.id) = $1' : 'i.email = $1'}`,
    ['id' in by ? by.id : by.email.trim().toLowerCase()],
  );
  return rows[0] ? toPerson(rows[0]).person : null;
}

export async function insertPerson(db: Db, person: { id: string; name: string }): Promise<void> {
  await db.query('insert into holdfast.person (id, name) values ($1, $2) on conflict (id) do nothing', [
    person.id,
    person.name.slice(0, 200),
  ]);
}

export async function markWelcomed(db: Db, personId: string): Promise<void> {
  await db.query(
    'update holdfast.person set welcomed_at = holdfast.clock() where id = $1 and welcomed_at is null',
    [personId],
  );
}

export async function updateRole(db: Db, personId: string, role: Role): Promise<boolean> {
  const { rowCount } = await db.query('update holdfast.person set role = $2 where id = $1', [personId, role]);
  return rowCount === 1;
}

export async function updateLocale(db: Db, personId: string, locale: Locale | null): Promise<boolean> {
  const { rowCount } = await db.query('update holdfast.person set locale = $2 where id = $1', [
    personId,
    locale,
  ]);
  return rowCount === 1;
}
