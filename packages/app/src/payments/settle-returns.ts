import { clearAlert, raiseAlert } from '../alerts/commands.ts';
import { clawBack } from '../credits/purchases.ts';
import { inTransaction } from '../platform/database.ts';
import type { Tx } from '../platform/database.ts';
import type { PaymentDeps } from './deps.ts';
import type { ReturnFacts } from './facts.ts';
import { findGrant, learnReturn, lockGrant } from './grant-queries.ts';
import { addMail } from './mail-queries.ts';
import type { Grant } from './grant-queries.ts';
import { stopTopUps } from './top-up-queries.ts';
import type { StripeGateway } from './stripe/port.ts';

/**
 * Reads every refund and dispute of a payment that has been granted, and brings what was taken back to where it should be. What comes twice, late or
 * in another order changes nothing: each return's figures only grow, and the ledger reckons with their sums.
 * @returns false where the payment has brought nothing here
 */
export async function settleReturns(
  deps: PaymentDeps,
  stripe: StripeGateway,
  intent: string,
): Promise<boolean> {
  if ((await findGrant(deps.db, { intent })) === null) return false;
  const returns = await stripe.returnsOf(intent);
  if (returns.length === 0) return true;
  await inTransaction(deps.db, async (tx) => {
    const grant = await findGrant(tx, { intent });
    if (grant === null) return;
    await lockGrant(tx, grant.objectId);
    for (const returned of returns) await settleReturn(deps, tx, grant, returned);
  });
  return true;
}

async function settleReturn(deps: PaymentDeps, tx: Tx, grant: Grant, facts: ReturnFacts): Promise<void> {
  const { withdrawn, reinstated, changed, first } = await learnReturn(tx, grant.objectId, facts);
  // The warning has been acted on, or has come true.
  if (first) await clearAlert({ db: tx }, `payments/fraud/${grant.objectId}`);
  if (facts.kind === 'dispute') await tellOfDispute(deps, tx, grant, facts, first);
  if (!changed || grant.credits === 0n) return;
  const { credits, debt } = await clawBack(deps.credits, tx, {
    personId: grant.personId,
    paymentId: grant.objectId,
    id: facts.id,
    withdrawn,
    reinstated,
  });
  deps.log.info(
    {
      person: grant.personId,
      payment: grant.objectId,
      return: facts.id,
      status: facts.status,
      credits: credits.toString(),
    },
    credits >= 0n ? 'credits taken back with a payment' : 'credits given back with a payment',
  );
  await addMail(tx, {
    key: `return/${facts.id}/${withdrawn}/${reinstated}`,
    personId: grant.personId,
    template: 'refund',
    facts: {
      kind: facts.kind,
      order: grant.orderId,
      amount: (withdrawn - reinstated).toString(),
      currency: grant.currency,
      credits: credits.toString(),
      debt: debt.toString(),
    },
  });
}

const settled = new Set(['won', 'lost', 'prevented', 'warning_closed']);

/** An open dispute stops automatic charges, and an operator has days to answer it. */
async function tellOfDispute(
  deps: PaymentDeps,
  tx: Tx,
  grant: Grant,
  facts: ReturnFacts,
  first: boolean,
): Promise<void> {
  const key = `payments/dispute/${facts.id}`;
  if (settled.has(facts.status)) {
    await clearAlert({ db: tx }, key);
    return;
  }
  if (!first) return;
  await stopTopUps(tx, grant.personId, 'dispute');
  await raiseAlert(
    { db: tx },
    {
      key,
      severity: 'critical',
      title: 'A payment is disputed',
      detail: `${facts.id} disputes ${facts.amount} ${grant.currency} (minor units) of order ${grant.orderId}, person ${grant.personId}. Answer it at Stripe.`,
      link: `${deps.settings.publicUrl}/operator/payments?order=${grant.orderId}`,
    },
  );
}
