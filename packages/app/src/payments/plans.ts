import { PaymentError } from './errors.ts';
import { currentOffer, offersByPrice } from './catalogue.ts';
import { ensurePriceId, offerOf, selling } from './buy.ts';
import type { PaymentDeps } from './deps.ts';
import { beginChange, endChange, hasEnded, subscriptionsOf } from './subscription-queries.ts';
import type { SubscriptionRow } from './subscription-queries.ts';
import { earnedByInvoice } from './rules.ts';
import type { Offer } from './rules.ts';
import { settleInvoice } from './settle-invoice.ts';
import { settleSubscription } from './subscribers.ts';
import type { ChangePolicy, StripeGateway } from './stripe/port.ts';

/**
 * What a change of plan would do, in money and in credits, before anything happens. `now`: billed at once. `undo`: back to what is paid for already.
 * `at_period_end`: a smaller plan, from the next period on; nothing is billed or taken now.
 */
export interface ChangePreview {
  readonly plan: string;
  readonly from: string;
  readonly kind: 'now' | 'undo' | 'at_period_end' | 'none';
  readonly policy: ChangePolicy;
  readonly currency: string;
  /** Charged now, in the minor unit. */
  readonly due: bigint;
  /** Granted now, on top of what there is: nothing that was granted before is taken. */
  readonly creditsNow: bigint;
  /** From the next period on. */
  readonly monthlyCredits: bigint;
  readonly monthlyAmount: bigint;
  readonly effectiveAt: Date;
  readonly nextBillingAt: Date;
  /** The moment it is reckoned with: the confirmation sends it back. */
  readonly at: Date;
}

interface Standing {
  readonly stripe: StripeGateway;
  readonly row: SubscriptionRow;
  readonly itemId: string;
  readonly currency: string;
  readonly periodEnd: Date;
  /** What Stripe would bill next. */
  readonly next: Offer;
  readonly nextPrice: string;
  /** What is paid for now. */
  readonly paid: Offer;
}

function living(all: readonly SubscriptionRow[]): SubscriptionRow | undefined {
  return all.find((each) => !hasEnded(each));
}

const changeable = new Set(['active', 'trialing']);

async function standing(deps: PaymentDeps, personId: string): Promise<Standing> {
  const stripe = selling(deps);
  const found = living(await subscriptionsOf(deps.db, personId, stripe.livemode));
  if (!found) throw new PaymentError('no_subscription', 'There is no plan to change.');
  await settleSubscription(deps, stripe, found.id);
  const facts = await stripe.subscription(found.id);
  const row = (await subscriptionsOf(deps.db, personId, stripe.livemode)).find(({ id }) => id === found.id);
  if (facts === null || !row) throw new PaymentError('no_subscription', 'There is no plan to change.');
  if (!changeable.has(facts.status)) {
    throw new PaymentError(
      'payment_due',
      'A payment for the plan is due: pay it first, then change the plan.',
    );
  }
  const priced = (await offersByPrice(deps.db, [facts.price], stripe.livemode)).get(facts.price);
  if (!priced) throw new PaymentError('no_subscription', 'The plan is none of ours.');
  const paid = row.paidOfferId === null ? priced : await offerOf(deps, row.paidOfferId);
  return {
    stripe,
    row,
    itemId: facts.itemId,
    currency: priced.currency,
    periodEnd: facts.periodEnd,
    next: priced,
    nextPrice: facts.price,
    paid,
  };
}

/** Reckons a change to this plan. @throws PaymentError `no_subscription`, `payment_due`, `product_unknown` */
export async function previewChange(
  deps: PaymentDeps,
  personId: string,
  plan: string,
  at: Date = new Date(),
): Promise<ChangePreview> {
  const now = await standing(deps, personId);
  return reckon(deps, now, await currentOffer(deps.db, plan, 'plan'), at, false);
}

async function reckon(
  deps: PaymentDeps,
  now: Standing,
  to: Offer,
  at: Date,
  carryOut: boolean,
): Promise<ChangePreview> {
  const { stripe, currency, periodEnd, next, paid, row, itemId } = now;
  const amount = to.prices[currency];
  if (amount === undefined)
    throw new PaymentError('currency_unavailable', `${to.name} has no price in ${currency}.`);
  const policy = deps.settings.changePolicy;
  const common = {
    plan: to.productId,
    from: paid.productId,
    policy,
    currency,
    monthlyCredits: to.credits,
    monthlyAmount: amount,
    at,
  };
  const later = { ...common, due: 0n, creditsNow: 0n, effectiveAt: periodEnd, nextBillingAt: periodEnd };
  const wanted = to.productId;
  if (wanted === paid.productId) {
    const kind = wanted === next.productId && !row.cancelAtPeriodEnd ? ('none' as const) : ('undo' as const);
    return { ...later, kind, effectiveAt: at };
  }
  if (amount < (paid.prices[currency] ?? 0n)) return { ...later, kind: 'at_period_end' };
  const price = await ensurePriceId(deps, stripe, to, currency);
  if (policy === 'prorated' && next.productId !== paid.productId) {
    // What is given back is what is paid for, not the smaller plan that was chosen for afterwards.
    if (!carryOut)
      return { ...common, kind: 'now', ...prorated(now, to, at), effectiveAt: at, nextBillingAt: periodEnd };
    await stripe.setPrice(
      row.id,
      itemId,
      await ensurePriceId(deps, stripe, paid, currency),
      row.cancelAtPeriodEnd,
    );
  }
  const { due, invoice } = await stripe.previewChange({ subscription: row.id, itemId, price, policy, at });
  const offers = await offersByPrice(
    deps.db,
    invoice.lines.flatMap((line) => line.price ?? []),
    stripe.livemode,
  );
  const earned = earnedByInvoice(invoice.lines, offers);
  const ends = invoice.lines.map((line) => line.periodEnd.getTime());
  return {
    ...common,
    kind: 'now',
    due,
    creditsNow: earned.credits + earned.bonus,
    effectiveAt: at,
    nextBillingAt: ends.length > 0 ? new Date(Math.max(...ends)) : periodEnd,
  };
}

/** The rest of the period in money and in credits, where Stripe can't be asked without changing something. */
function prorated(
  { row, currency, paid }: Standing,
  to: Offer,
  at: Date,
): { due: bigint; creditsNow: bigint } {
  const period = row.periodEnd.getTime() - row.periodStart.getTime();
  const share = Math.max(0, Math.min(1, (row.periodEnd.getTime() - at.getTime()) / period));
  const line = (offer: Offer, sign: 1 | -1) => {
    const unitAmount = offer.prices[currency] ?? 0n;
    const priced = { ...offer, priceId: offer.id, currency, unitAmount };
    const amount = BigInt(sign * Math.round(Number(unitAmount) * share));
    return {
      priced,
      facts: {
        price: offer.id,
        quantity: 1,
        amount,
        proration: true,
        periodStart: at,
        periodEnd: row.periodEnd,
      },
    };
  };
  const lines = [line(paid, -1), line(to, 1)];
  const earned = earnedByInvoice(
    lines.map(({ facts }) => facts),
    new Map(lines.map(({ priced }) => [priced.id, priced])),
  );
  const due = lines.reduce((sum, { facts }) => sum + facts.amount, 0n);
  return { due: due > 0n ? due : 0n, creditsNow: earned.credits };
}

/**
 * Carries out a change exactly as it was previewed: the same moment and the same sum, or a refusal. A second press does nothing more.
 * @throws PaymentError `preview_outdated`, `payment_refused`, `change_under_way`
 */
export async function changePlan(
  deps: PaymentDeps,
  personId: string,
  confirmed: { plan: string; at: Date; due: bigint },
): Promise<ChangePreview> {
  const stripe = selling(deps);
  const row = living(await subscriptionsOf(deps.db, personId, stripe.livemode));
  if (!row) throw new PaymentError('no_subscription', 'There is no plan to change.');
  // Two tabs that confirm at once would both find the old plan, and a full month be charged twice.
  if (!(await beginChange(deps.db, row.id)))
    throw new PaymentError('change_under_way', 'The plan is being changed just now: look again in a moment.');
  try {
    return await change(deps, await standing(deps, personId), confirmed);
  } finally {
    await endChange(deps.db, row.id);
  }
}

async function change(
  deps: PaymentDeps,
  now: Standing,
  confirmed: { plan: string; at: Date; due: bigint },
): Promise<ChangePreview> {
  const to = await currentOffer(deps.db, confirmed.plan, 'plan');
  try {
    return await carryOut(deps, now, to, confirmed);
  } catch (error) {
    // It was set back to what is paid for, to be reckoned from there: what was chosen for afterwards stays chosen.
    const { stripe, row, itemId, nextPrice } = now;
    if (error instanceof PaymentError && now.next.productId !== now.paid.productId)
      await stripe.setPrice(row.id, itemId, nextPrice, row.cancelAtPeriodEnd);
    throw error;
  }
}

async function carryOut(
  deps: PaymentDeps,
  now: Standing,
  to: Offer,
  confirmed: { at: Date; due: bigint },
): Promise<ChangePreview> {
  const preview = await reckon(deps, now, to, confirmed.at, true);
  const { stripe, row, itemId, currency } = now;
  if (preview.kind !== 'none' && preview.due !== confirmed.due) {
    throw new PaymentError('preview_outdated', 'The sum has changed meanwhile: look at the preview again.', {
      due: preview.due.toString(),
    });
  }
  const price = await ensurePriceId(deps, stripe, to, currency);
  switch (preview.kind) {
    case 'none':
      return preview;
    case 'undo':
    case 'at_period_end':
      await stripe.setPrice(row.id, itemId, price, false);
      break;
    case 'now':
      await charge(stripe, { subscription: row.id, itemId, price, policy: preview.policy, at: confirmed.at });
      break;
    default:
      throw new Error(`unknown change ${String(preview.kind satisfies never)}`);
  }
  await settleNow(deps, stripe, row.id);
  return preview;
}

async function charge(
  stripe: StripeGateway,
  change: Parameters<StripeGateway['changePlan']>[0],
): Promise<void> {
  const refused = await stripe.changePlan(change);
  if (refused !== null) {
    throw new PaymentError(
      'payment_refused',
      'The card was declined: the plan stays as it is, and nothing was charged.',
      {
        problem: refused,
      },
    );
  }
}

/** What was billed just now is granted at once; a webhook that comes later finds it done. */
async function settleNow(deps: PaymentDeps, stripe: StripeGateway, subscription: string): Promise<void> {
  await settleSubscription(deps, stripe, subscription);
  const latest = await stripe.latestInvoice(subscription);
  if (latest !== null) await settleInvoice(deps, stripe, latest);
}

export type PlanAction = 'cancel' | 'keep' | 'pause' | 'unpause';

/** Cancels at the end of what is paid for, or keeps the plan after all; pauses its payments, or goes on. Nothing granted is taken. */
export async function actOnPlan(deps: PaymentDeps, personId: string, action: PlanAction): Promise<void> {
  const stripe = selling(deps);
  const row = living(await subscriptionsOf(deps.db, personId, stripe.livemode));
  if (!row) throw new PaymentError('no_subscription', 'There is no plan.');
  if (action === 'cancel' || action === 'keep') await stripe.setCancel(row.id, action === 'cancel');
  else await stripe.setPaused(row.id, action === 'pause');
  await settleSubscription(deps, stripe, row.id);
}
