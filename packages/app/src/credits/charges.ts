import { DebtLimitError, InsufficientCreditsError } from '@holdfast/ledger';
import type { Fault } from '@holdfast/ledger';
import type { Tx } from '../platform/database.ts';
import type { CreditDeps } from './deps.ts';
import { forTransaction } from './holds.ts';

/**
 * Gives back what was charged at the start and not delivered, inside the caller's transaction. Once per generation.
 * @param request.charge the charge's id, as accepting returned it
 * @param request.fault credit whose lot has expired meanwhile lives on in a new lot, unless it is the customer's own doing
 */
export async function refundCharge(
  deps: CreditDeps,
  tx: Tx,
  request: { personId: string; generationId: string; charge: string; amount: bigint; fault: Fault },
): Promise<void> {
  const { personId, generationId, charge, amount, fault } = request;
  try {
    const { balance, replacementLots } = await deps.ledger.on(tx).refund({
      account: personId,
      key: `${generationId}/refund`,
      hold: charge,
      amount,
      fault,
      reference: generationId,
    });
    deps.log.info(
      {
        person: personId,
        generation: generationId,
        charge,
        amount: amount.toString(),
        fault,
        replacement_lots: replacementLots,
        total: balance.total.toString(),
        held: balance.held.toString(),
        available: balance.available.toString(),
        required: '0',
        decision: 'refunded',
      },
      'credits refunded',
    );
  } catch (error) {
    throw forTransaction(error);
  }
}

export type Charged =
  | { readonly ok: true; readonly charge: string; readonly owed: bigint }
  /** It would have taken the account further into debt than is allowed: nothing was charged. */
  | { readonly ok: false };

/**
 * Charges for what was delivered and not held for, inside the caller's transaction; it may end in debt up to the person's limit (their
 * tier's, else the setting's). Once per generation. Call `lockStarts` first.
 */
export async function chargeDelivered(
  deps: CreditDeps,
  tx: Tx,
  request: { personId: string; generationId: string; amount: bigint; debtLimit: bigint },
): Promise<Charged> {
  const { personId, generationId, amount } = request;
  const { rows } = await tx.query<{ debt_limit: bigint | null }>({
    name: 'debt_limit',
    text: `select t.debt_limit from holdfast.person p join holdfast.tier t on t.id = p.tier where p.id = $1`,
    values: [personId],
  });
  const debtLimit = rows[0]?.debt_limit ?? request.debtLimit;
  const facts = { person: personId, generation: generationId, required: amount.toString() };
  try {
    const { hold, owed, balance } = await deps.ledger.on(tx).charge({
      account: personId,
      key: `${generationId}/charge`,
      amount,
      debtLimit,
      reference: generationId,
    });
    deps.log.info(
      {
        ...facts,
        owed: owed.toString(),
        total: balance.total.toString(),
        held: balance.held.toString(),
        available: balance.available.toString(),
        decision: 'charged',
      },
      'credits charged for what was delivered',
    );
    return { ok: true, charge: hold, owed };
  } catch (error) {
    if (error instanceof DebtLimitError || error instanceof InsufficientCreditsError) {
      deps.log.warn(
        { ...facts, reason: error.code, debt_limit: debtLimit.toString(), decision: 'refused' },
        'a charge after completion would go beyond the debt limit',
      );
      return { ok: false };
    }
    throw forTransaction(error);
  }
}

/** Starts of this person's wait until the transaction has ended, and this waits for those under way. */
export async function lockStarts(tx: Tx, personId: string): Promise<void> {
  await tx.query({
    name: 'lock_starts',
    text: 'select pg_advisory_xact_lock(hashtextextended($1, 20))',
    values: [personId],
  });
}
