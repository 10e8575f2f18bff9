import { findPersonByHint } from '../operations/find-person.ts';
import { reportPerson } from '../operations/reports.ts';
import type { PersonReport } from '../operations/reports.ts';
import type { OperationsDeps } from '../operations/deps.ts';
import { at, table } from './output.ts';
import type { CommandOutput } from './output.ts';

/** `holdfast user show <hint>`: what a supporter asks first. */
export async function userShow(
  deps: OperationsDeps,
  hint: string,
  options: { last: number },
): Promise<CommandOutput> {
  const report = await reportPerson(deps, await findPersonByHint(deps, hint), options);
  return { json: report, text: words(report) };
}

function words({ person, balance, lots, holds, movements, generations }: PersonReport): string {
  const verified =
    person.email === null ? 'no mail address' : person.emailVerified ? 'verified' : 'not verified';
  return [
    `${person.name || 'No name'}  ${person.email ?? ''}  (${verified})`,
    `${person.id}, ${person.role}, since ${at(person.createdAt)}`,
    '',
    `Balance: ${balance.available} available = ${balance.total} total - ${balance.held} held - ${balance.debt} debt` +
      (balance.upcoming > 0n ? `; ${balance.upcoming} more to come` : ''),
    balance.next_expiry
      ? `Next expiry: ${balance.next_expiry.amount} on ${at(balance.next_expiry.at)}`
      : 'Nothing expires.',
    '',
    'Lots, in the order of spending:',
    table(
      ['lot', 'source', 'class', 'granted', 'remaining', 'held', 'expires'],
      lots.map((lot) => [
        lot.id,
        lot.source,
        lot.class,
        lot.granted,
        lot.remaining,
        lot.held,
        lot.expires_at ?? 'never',
      ]),
    ),
    '',
    'Open holds:',
    table(
      ['hold', 'amount', 'captured', 'for', 'since', 'lease ends'],
      holds.map((hold) => [
        hold.id,
        hold.amount,
        hold.captured,
        hold.generation,
        hold.placed_at,
        hold.lease_ends_at,
      ]),
    ),
    '',
    'Last movements:',
    table(
      ['at', 'what', 'amount', 'total', 'available', 'description'],
      movements.map((line) => [
        line.at,
        line.type,
        line.amount,
        line.total,
        line.available,
        line.description,
      ]),
    ),
    '',
    'Last generations:',
    table(
      ['generation', 'status', 'created', 'quoted', 'charged', 'released', 'why'],
      generations.map(({ id, status, created_at, receipt, error }) => [
        id,
        status,
        created_at,
        receipt.quoted,
        receipt.charged,
        receipt.released,
        error ? `${error.class} ${error.code}` : receipt.summary,
      ]),
    ),
  ].join('\n');
}
