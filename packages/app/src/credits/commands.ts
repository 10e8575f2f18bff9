import { IdempotencyConflictError } from '@holdfast/ledger';
import { InvalidInputError } from '../platform/errors.ts';
import type { CreditDeps } from './deps.ts';

/** Opens the person's account. Idempotent. */
export async function openAccount(deps: CreditDeps, personId: string): Promise<void> {
  await deps.ledger.openAccount({ account: personId });
}

/**
 * Gives a new person what everyone starts with, once for ever (idempotent by person). Opens the account where it isn't.
 * @returns what was granted, now or earlier
 */
export async function grantSignUpCredits(deps: CreditDeps, personId: string): Promise<bigint> {
  await openAccount(deps, personId);
  const { signUpCredits, expiryMonths } = deps.settings;
  // The amount may be set differently later: the first grant stands, so the key alone decides, not the amount.
  const lots = await deps.ledger.lots({ account: personId, all: true });
  const earlier = lots.find((lot) => lot.reference === 'sign_up');
  if (earlier) return earlier.granted;
  if (signUpCredits === 0n) return 0n;
  const receipt = await deps.ledger.grant({
    account: personId,
    key: 'sign_up',
    amount: signUpCredits,
    class: 'promotional',
    reference: 'sign_up',
    validFor: { months: expiryMonths },
  });
  deps.log.info(
    { person: personId, amount: receipt.amount.toString(), lot: receipt.lot },
    'sign-up credits granted',
  );
  return receipt.amount;
}

export interface GrantCommand {
  readonly personId: string;
  /** A retry with the same key grants nothing again. */
  readonly key: string;
  readonly amount: bigint;
  /** What it is shown as: `support`, `apology`, ... */
  readonly source: string;
  readonly reason: string;
  /** Default: as long as every other grant. */
  readonly expiryMonths?: number;
}

/** An operator's grant with a reason. Opens the account where it isn't. @throws InvalidInputError `idempotency_conflict` */
export async function grantCredits(
  deps: CreditDeps,
  grant: GrantCommand,
): Promise<{ amount: bigint; lot: string; replayed: boolean }> {
  await openAccount(deps, grant.personId);
  const receipt = await deps.ledger
    .grant({
      account: grant.personId,
      key: `grant/${grant.key}`,
      amount: grant.amount,
      class: 'promotional',
      reference: grant.source,
      metadata: { reason: grant.reason },
      validFor: { months: grant.expiryMonths ?? deps.settings.expiryMonths },
    })
    .catch((error: unknown) => {
      if (!(error instanceof IdempotencyConflictError)) throw error;
      throw new InvalidInputError(
        'idempotency_conflict',
        `The key "${grant.key}" stands for another grant to this person: nothing was granted. Use a new key for a new grant.`,
        { key: grant.key },
      );
    });
  deps.log.info(
    { person: grant.personId, amount: grant.amount.toString(), source: grant.source, lot: receipt.lot },
    'credits granted',
  );
  return { amount: receipt.amount, lot: receipt.lot, replayed: receipt.replayed };
}
