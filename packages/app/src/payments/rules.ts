import type { InvoiceLineFacts, ReturnFacts } from './facts.ts';

/** What an offer gives and costs, as far as payments must know. */
export interface Offer {
  readonly id: string;
  readonly productId: string;
  readonly kind: 'pack' | 'plan';
  readonly name: string;
  readonly description: string;
  readonly tier: string | null;
  /** How many generations its tier may have under way; null: no limit of its own. */
  readonly maxRunning: number | null;
  readonly credits: bigint;
  readonly bonusCredits: bigint;
  readonly lotMonths: number | null;
  readonly rolloverMonths: number | null;
  /** By currency, in its minor unit. */
  readonly prices: Readonly<Record<string, bigint>>;
}

/** An offer under one of Stripe's price ids. */
export interface PricedOffer extends Offer {
  readonly priceId: string;
  readonly currency: string;
  readonly unitAmount: bigint;
}

export interface Earned {
  readonly credits: bigint;
  readonly bonus: bigint;
  readonly offers: readonly PricedOffer[];
}

/** What a session's lines have bought: by price id and quantity, whatever the session says of itself. Lines that are none of ours count for nothing. */
export function earnedBySession(
  lines: readonly { readonly price: string; readonly quantity: number }[],
  offers: ReadonlyMap<string, PricedOffer>,
): Earned {
  let credits = 0n;
  let bonus = 0n;
  const bought: PricedOffer[] = [];
  for (const { price, quantity } of lines) {
    const offer = offers.get(price);
    if (!offer) continue;
    bought.push(offer);
    credits += offer.credits * BigInt(quantity);
    bonus += offer.bonusCredits * BigInt(quantity);
  }
  return { credits, bonus, offers: bought };
}

/**
 * What a paid invoice has bought. A full line brings its plan's month; a line of a proration brings (or, for the old plan, takes off) the share
 * of the month that its money is of the plan's price, so that a change on the last day for pennies brings pennies' worth. Rounded down once,
 * never below nothing: a refill adds.
 */
export function earnedByInvoice(
  lines: readonly InvoiceLineFacts[],
  offers: ReadonlyMap<string, PricedOffer>,
): Earned {
  const bought: PricedOffer[] = [];
  // As fractions over one common denominator, so that nothing is lost between lines.
  let numerator = 0n;
  let denominator = 1n;
  let bonus = 0n;
  for (const line of lines) {
    const offer = line.price === null ? undefined : offers.get(line.price);
    if (!offer) continue;
    const month = offer.credits * BigInt(line.quantity);
    if (line.proration) {
      if (offer.unitAmount === 0n || line.quantity === 0) continue;
      const price = offer.unitAmount * BigInt(line.quantity);
      numerator = numerator * price + month * line.amount * denominator;
      denominator *= price;
      if (line.amount > 0n) bought.push(offer);
    } else if (line.amount > 0n || offer.unitAmount === 0n) {
      // A trial's line costs nothing although its plan does: it brings nothing.
      numerator += month * denominator;
      bonus += offer.bonusCredits * BigInt(line.quantity);
      bought.push(offer);
    }
  }
  const credits = numerator > 0n ? numerator / denominator : 0n;
  return { credits, bonus, offers: bought };
}

const most_grace_days = 7;

/** Until when a refill lives: its roll-over beyond the end of its period, and never less than a week after it came, however late that was. */
export function refillExpiry(periodEnd: Date, rolloverMonths: number, now: Date): Date {
  const regular = addMonths(periodEnd, rolloverMonths);
  const least = new Date(now.getTime() + most_grace_days * 86_400_000);
  return regular > least ? regular : least;
}

/** Calendar months in UTC; a day that a month doesn't have is its last. */
export function addMonths(from: Date, months: number): Date {
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + months);
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), last));
  return to;
}

/** Whether a subscription makes its person a subscriber now: while it is paid for, and while a failed payment is being tried again. */
export function isEntitled(
  subscription: { readonly status: string; readonly paused: boolean; readonly periodEnd: Date },
  now: Date,
): boolean {
  switch (subscription.status) {
    case 'active':
    case 'trialing':
      return !subscription.paused || now < subscription.periodEnd;
    case 'past_due':
      return true;
    default:
      return false;
  }
}

/** What a refund took and gave back. One that asks the customer for something first has taken nothing yet. */
export function refundFigures(status: string, amount: bigint): Pick<ReturnFacts, 'withdrawn' | 'reinstated'> {
  switch (status) {
    case 'succeeded':
    case 'pending':
      return { withdrawn: amount, reinstated: 0n };
    case 'failed':
    case 'canceled':
      return { withdrawn: amount, reinstated: amount };
    default:
      return { withdrawn: 0n, reinstated: 0n };
  }
}

/**
 * What a dispute took and gave back. A formal one takes from the moment it is opened, so that disputed credit can't be spent meanwhile; an inquiry
 * takes nothing. Won and prevented give everything back.
 */
export function disputeFigures(dispute: {
  readonly status: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly movements: readonly { readonly amount: bigint; readonly currency: string }[];
}): Pick<ReturnFacts, 'withdrawn' | 'reinstated'> {
  const { status, amount, currency, movements } = dispute;
  const formal = !status.startsWith('warning_') && status !== 'prevented';
  const comparable = movements.every((each) => each.currency === currency);
  const taken = movements.filter((each) => each.amount < 0n);
  const given = movements.filter((each) => each.amount > 0n);
  const sum = (all: readonly { readonly amount: bigint }[]) =>
    all.reduce((total, each) => total + each.amount, 0n);
  const withdrawn = taken.length > 0 && comparable ? -sum(taken) : taken.length > 0 || formal ? amount : 0n;
  const back = given.length > 0 ? (comparable ? sum(given) : amount) : 0n;
  const whole = status === 'won' || status === 'prevented' || status === 'warning_closed';
  return { withdrawn, reinstated: whole ? withdrawn : back < withdrawn ? back : withdrawn };
}

/** How long until something that failed is tried again: 5 s, 10 s, 20 s, and at most an hour. */
export function retrySeconds(attempts: number): number {
  return Math.min(3_600, 5 * 2 ** Math.min(attempts, 12));
}
