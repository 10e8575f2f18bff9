import { findPerson } from '../accounts/queries.ts';
import type { Person } from '../accounts/rules.ts';
import { personOfTelegram } from '../accounts/telegram.ts';
import { paymentOwner } from '../credits/queries.ts';
import { paymentOf } from '../payments/stars/settle.ts';
import { HoldfastError } from '../platform/errors.ts';
import type { OperationsDeps } from './deps.ts';
import { generationOwner } from './queries.ts';

/** Nobody is known by what the supporter has at hand. `code` is `person_not_found`. */
export class PersonNotFoundError extends HoldfastError {}

/**
 * Finds a person by whatever a supporter has at hand.
 * @param hint a mail address, a person's or a generation's id, a payment's id, or a Telegram id (digits)
 * @throws PersonNotFoundError saying how the hint was read
 */
export async function findPersonByHint(deps: OperationsDeps, hint: string): Promise<Person> {
  const text = hint.trim();
  const { kind, person } = await search(deps, text);
  if (person) return person;
  throw new PersonNotFoundError(
    'person_not_found',
    `Nobody is known by the ${kind} "${text}". Give a mail address, or the id of a person (per_…), a generation (gen_…), a payment or a Telegram account.`,
    { hint: text, read_as: kind },
  );
}

async function search(deps: OperationsDeps, text: string): Promise<{ kind: string; person: Person | null }> {
  if (text.includes('@')) return { kind: 'mail address', person: await findPerson(deps.db, { email: text }) };
  if (text.startsWith('per_')) return { kind: 'person', person: await findPerson(deps.db, { id: text }) };
  if (text.startsWith('gen_'))
    return { kind: 'generation', person: await byId(deps, await generationOwner(deps.db, text)) };
  if (/^[0-9]{1,18}$/.test(text))
    return { kind: 'Telegram id', person: await byId(deps, await personOfTelegram(deps.db, BigInt(text))) };
  const owner =
    (await paymentOwner(deps.credits, text)) ?? (await paymentOwner(deps.credits, paymentOf(text)));
  return { kind: 'payment', person: await byId(deps, owner) };
}

async function byId(deps: OperationsDeps, id: string | null): Promise<Person | null> {
  return id === null ? null : findPerson(deps.db, { id });
}
