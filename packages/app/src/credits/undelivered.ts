import { InsufficientCreditsError, MisuseError } from '@holdfast/ledger';
import type { Tx } from '../platform/database.ts';
import type { CreditDeps } from './deps.ts';
import { forTransaction } from './holds.ts';

/**
 * Gives back what was charged for a file that was proven not to have reached its person, inside the caller's transaction. Once per
 * generation. Where the account it was charged to has become part of another since, that one is granted it instead.
 */
export async function refundUndelivered(
  deps: CreditDeps,
  tx: Tx,
  request: { personId: string; generationId: string; hold: string; amount: bigint },
): Promise<void> {
  const { personId, generationId, hold, amount } = request;
  const ledger = deps.ledger.on(tx);
  await tx.query('savepoint before_refund');
  try {
    await ledger.refund({
      account: personId,
      key: `${generationId}/refund/delivery`,
      hold,
      amount,
      fault: 'ours',
      reference: generationId,
    });
  } catch (error) {
    if (!(error instanceof MisuseError)) throw forTransaction(error);
    await tx.query('rollback to savepoint before_refund');
    await ledger.grant({
      account: personId,
      key: `${generationId}/refund/delivery/granted`,
      amount,
      class: 'promotional',
      reference: generationId,
      metadata: {
        reason: 'a file was not delivered, and was charged to an account that is now part of this one',
      },
      validFor: { months: deps.settings.expiryMonths },
    });
  }
  deps.log.info(
    { person: personId, generation: generationId, amount: amount.toString(), decision: 'refunded' },
    'credits refunded: the file was not delivered',
  );
}

/**
 * Charges what was given back for a file, so that it opens, inside the caller's transaction. Once per generation.
 * @returns the charge's id; null where there is too little credit, and then the transaction is to be given up
 */
export async function chargeToUnlock(
  deps: CreditDeps,
  tx: Tx,
  request: { personId: string; generationId: string; amount: bigint },
): Promise<{ charge: string } | { short: { total: bigint; held: bigint; available: bigint } }> {
  const { personId, generationId, amount } = request;
  try {
    const { hold } = await deps.ledger.on(tx).charge({
      account: personId,
      key: `${generationId}/unlock`,
      amount,
      reference: generationId,
    });
    deps.log.info(
      { person: personId, generation: generationId, amount: amount.toString(), decision: 'charged' },
      'credits charged to unlock a file',
    );
    return { charge: hold };
  } catch (error) {
    if (error instanceof InsufficientCreditsError) {
      return { short: { total: error.total, held: error.held, available: error.available } };
    }
    throw forTransaction(error);
  }
}

/** All the credit of one account into another, which goes on for both. Idempotent. @throws HoldsOpenError while work is under way */
export async function mergeAccounts(
  deps: CreditDeps,
  tx: Tx,
  merge: { from: string; into: string; key: string },
): Promise<bigint> {
  const { amount } = await deps.ledger.on(tx).merge({ ...merge, reference: 'linked' });
  deps.log.info({ from: merge.from, into: merge.into, amount: amount.toString() }, 'two accounts became one');
  return amount;
}
