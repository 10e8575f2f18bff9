import { randomUUID } from 'node:crypto';
import { grantCredits } from '../credits/commands.ts';
import { listLots, readBalance } from '../credits/queries.ts';
import { findPersonByHint } from '../operations/find-person.ts';
import type { OperationsDeps } from '../operations/deps.ts';
import { tellOfGift } from '../payments/tell-of-gift.ts';
import { InvalidInputError } from '../platform/errors.ts';
import type { CommandOutput } from './output.ts';

/** One grant by hand never exceeds this: a slipped finger is not a fortune. */
const mostCredits = 1_000_000n;

export interface GrantOptions {
  readonly reason: string;
  /** Calendar months; the configured life of a lot unless given. */
  readonly months?: number;
  /** Makes the command safe to repeat: the same key grants once. */
  readonly key?: string;
}

/** `holdfast credits grant <hint> <amount> --reason <why>`: a supporter's grant, kept with its reason, of which the person is told by mail. */
export async function creditsGrant(
  deps: OperationsDeps,
  hint: string,
  amountText: string,
  options: GrantOptions,
): Promise<CommandOutput> {
  const amount = parseAmount(amountText);
  const reason = options.reason.trim();
  if (reason === '' || reason.length > 200) {
    throw new InvalidInputError(
      'reason_invalid',
      'Give a --reason of 1 to 200 characters: it is kept with the grant.',
    );
  }
  const person = await findPersonByHint(deps, hint);
  const granted = await grantCredits(deps.credits, {
    personId: person.id,
    key: options.key ?? `support:${randomUUID()}`,
    amount,
    source: 'support',
    reason,
    ...(options.months === undefined ? {} : { expiryMonths: options.months }),
  });
  const lots = await listLots(deps.credits, person.id);
  await tellOfGift(deps.credits.db, {
    personId: person.id,
    lot: granted.lot,
    credits: granted.amount,
    reason,
    expiresAt: lots.find(({ id }) => id === granted.lot)?.expires_at ?? null,
  });
  const balance = await readBalance(deps.credits, person.id);
  return {
    json: { person: person.id, ...granted, balance },
    text: `${granted.replayed ? 'Already granted' : 'Granted'} ${granted.amount} credits to ${person.email ?? person.id} (lot ${granted.lot}). Available now: ${balance.available}.`,
  };
}

function parseAmount(text: string): bigint {
  const amount = /^[0-9]{1,15}$/.test(text) ? BigInt(text) : 0n;
  if (amount >= 1n && amount <= mostCredits) return amount;
  throw new InvalidInputError(
    'amount_invalid',
    `The amount must be a whole number from 1 to ${mostCredits}, and "${text}" isn't.`,
  );
}
