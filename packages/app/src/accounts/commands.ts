import { NotFoundError } from '../platform/errors.ts';
import type { AccountDeps } from './deps.ts';
import { findPerson, insertPerson, markWelcomed, updateLocale, updateRole } from './queries.ts';
import type { Locale } from '../platform/locale.ts';
import { isDueWelcome } from './rules.ts';
import type { Person, Role } from './rules.ts';

/** Makes sure that the person's row exists and that they got what everyone starts with, if it is due. Idempotent. */
export async function ensurePerson(
  deps: AccountDeps,
  person: Pick<Person, 'id' | 'name' | 'email' | 'emailVerified' | 'welcomedAt'>,
): Promise<void> {
  await insertPerson(deps.db, person);
  if (!isDueWelcome(person, deps.settings.signUpCreditsNeedVerifiedEmail)) return;
  await deps.welcome(person.id);
  await markWelcomed(deps.db, person.id);
}

/** The same, from what the database says now: after a sign-in, or a verified address. */
export async function settlePerson(deps: AccountDeps, personId: string): Promise<void> {
  const person = await findPerson(deps.db, { id: personId });
  if (person) await ensurePerson(deps, person);
}

/** @throws NotFoundError `person` */
export async function setRole(deps: AccountDeps, personId: string, role: Role): Promise<void> {
  if (!(await updateRole(deps.db, personId, role))) throw new NotFoundError('person');
  deps.log.info({ person: personId, role }, 'role changed');
}

/** What a person wants to be told things in; null: what their browser or chat prefers. @throws NotFoundError `person` */
export async function setLocale(deps: AccountDeps, personId: string, locale: Locale | null): Promise<void> {
  if (!(await updateLocale(deps.db, personId, locale))) throw new NotFoundError('person');
}
