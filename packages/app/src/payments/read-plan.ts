import { findTier } from './read-tier.ts';
import type { PaymentDeps } from './deps.ts';
import { hasEnded, subscriptionsOf } from './subscription-queries.ts';

export interface PlanView {
  readonly id: string;
  readonly plan: string;
  readonly name: string;
  readonly paid_plan: string | null;
  readonly status: string;
  readonly tier: string;
  readonly period_end: Date;
  readonly paid_until: Date | null;
  readonly cancel_at_period_end: boolean;
  readonly paused: boolean;
}

/** A person's plan as it was last read; null where there is none, or where it has ended. */
export async function readPlan(deps: PaymentDeps, personId: string): Promise<PlanView | null> {
  if (deps.stripe === null) return null;
  const all = await subscriptionsOf(deps.db, personId, deps.stripe.livemode);
  const found = all.find((each) => !hasEnded(each));
  if (!found) return null;
  const paid = found.paidOfferId === null ? null : (found.paidOfferId.split('/')[0] ?? null);
  return {
    id: found.id,
    plan: found.productId,
    name: found.productName,
    paid_plan: paid !== null && paid !== found.productId ? paid : null,
    status: found.status,
    tier: await findTier(deps.db, personId),
    period_end: found.periodEnd,
    paid_until: found.paidUntil,
    cancel_at_period_end: found.cancelAtPeriodEnd,
    paused: found.paused,
  };
}
