import type { Tx } from '../platform/database.ts';
import type { CreditDeps } from './deps.ts';
import { forTransaction } from './holds.ts';

export interface Purchase {
  readonly personId: string;
  /** The paid thing's own id: what it brought is granted once for ever, and refunds name it. */
  readonly paymentId: string;
  /** The order's id, by which the statement tells of it. */
  readonly reference: string;
  readonly credits: bigint;
  readonly bonus: bigint;
  /** What was paid, in the currency's minor unit. */
  readonly paid: bigint;
  readonly life: { readonly months: number | null } | { readonly expiresAt: Date };
}

/** Grants what was bought, inside the transaction that notes that it was. Repays debt first. Opens the account where there is none. */
export async function grantPurchase(
  deps: CreditDeps,
  tx: Tx,
  purchase: Purchase,
): Promise<{ lot: string; repaid: bigint }> {
  const ledger = deps.ledger.on(tx);
  const life = lifeOf(purchase.life);
  try {
    await ledger.openAccount({ account: purchase.personId });
    const receipt = await ledger.grant({
      account: purchase.personId,
      key: `purchase/${purchase.paymentId}`,
      amount: purchase.credits,
      class: 'paid',
      reference: purchase.reference,
      payment: { id: purchase.paymentId, paid: purchase.paid },
      ...life,
      ...(purchase.bonus > 0n ? { bonus: { amount: purchase.bonus, ...life } } : {}),
    });
    return { lot: receipt.lot, repaid: receipt.repaid };
  } catch (error) {
    throw forTransaction(error);
  }
}

function lifeOf(
  life: Purchase['life'],
): { expiresAt?: Date; validFor?: undefined } | { validFor: { months: number }; expiresAt?: undefined } {
  if ('expiresAt' in life) return { expiresAt: life.expiresAt };
  return life.months === null ? {} : { validFor: { months: life.months } };
}

export interface Returned {
  readonly personId: string;
  readonly paymentId: string;
  /** The refund or dispute. */
  readonly id: string;
  /** What it took and gave back in all; older, smaller figures change nothing. */
  readonly withdrawn: bigint;
  readonly reinstated: bigint;
}

/**
 * Takes back what a returned payment had bought, or gives it back where the return itself was undone: in any order and any number of times the
 * totals end the same. What is spent already is owed.
 * @returns what changed (below zero: given back), and what is owed in all now
 */
export async function clawBack(
  deps: CreditDeps,
  tx: Tx,
  returned: Returned,
): Promise<{ credits: bigint; debt: bigint }> {
  const { id, withdrawn, reinstated } = returned;
  try {
    const receipt = await deps.ledger.on(tx).clawback({
      account: returned.personId,
      key: `return/${id}/${withdrawn}/${reinstated}`,
      payment: returned.paymentId,
      dispute: { id, withdrawn, reinstated },
      reference: id,
    });
    return { credits: receipt.amount, debt: receipt.balance.debt };
  } catch (error) {
    throw forTransaction(error);
  }
}

/** What can be spent, as the caller's transaction sees it. Opens the account where there is none. */
export async function readAvailable(deps: CreditDeps, tx: Tx, personId: string): Promise<bigint> {
  try {
    await deps.ledger.on(tx).openAccount({ account: personId });
    return (await deps.ledger.on(tx).balance({ account: personId })).available;
  } catch (error) {
    throw forTransaction(error);
  }
}
