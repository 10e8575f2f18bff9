import { grantPurchase } from '../credits/purchases.ts';
import { inTransaction } from '../platform/database.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import { offersByPrice } from './catalogue.ts';
import type { PaymentDeps } from './deps.ts';
import { UnresolvedError } from './errors.ts';
import type { InvoiceFacts } from './facts.ts';
import { databaseNow } from './database-now.ts';
import { claimGrant, findGrant } from './grant-queries.ts';
import { addMail } from './mail-queries.ts';
import { closeOrder, ensureOrder, markOrderPaid } from './order-queries.ts';
import { notePaidPlan } from './subscription-queries.ts';
import { earnedByInvoice, refillExpiry } from './rules.ts';
import type { Earned, PricedOffer } from './rules.ts';
import { settleReturns } from './settle-returns.ts';
import { refreshTier, settleSubscription, whoseIs } from './subscribers.ts';
import type { Looked } from './subscribers.ts';
import type { StripeGateway } from './stripe/port.ts';

/**
 * Looks at an invoice of a subscription: paid, it brings its credits, once, on top of what is there; refused by the card, its person is told; void, its
 * order is closed. An invoice of nothing we sell is left alone.
 */
export async function settleInvoice(deps: PaymentDeps, stripe: StripeGateway, id: string): Promise<Looked> {
  const invoice = await stripe.invoice(id);
  if (invoice === null || invoice.livemode !== stripe.livemode || invoice.subscription === null)
    return 'not_ours';
  const prices = invoice.lines.flatMap(({ price }) => price ?? []);
  const offers = await offersByPrice(deps.db, prices, stripe.livemode);
  if (![...offers.values()].some(({ kind }) => kind === 'plan')) return 'not_ours';
  // First: the plan that was paid is noted on its row.
  await settleSubscription(deps, stripe, invoice.subscription);
  const personId = await whoseIs(deps, {
    customer: invoice.customer,
    metadata: invoice.subscriptionMetadata,
    what: id,
  });
  switch (invoice.status) {
    case 'paid':
      await grantRefill(deps, invoice, personId, offers);
      for (const intent of invoice.intents) await settleReturns(deps, stripe, intent);
      return 'settled';
    case 'open':
      await noteUnpaid(deps, invoice, personId);
      return 'waiting';
    case 'void':
    case 'uncollectible':
      await closeOrder(deps.db, id, 'failed');
      return 'settled';
    default:
      return 'waiting';
  }
}

async function grantRefill(
  deps: PaymentDeps,
  invoice: InvoiceFacts,
  personId: string,
  offers: ReadonlyMap<string, PricedOffer>,
): Promise<void> {
  const earned = earnedByInvoice(invoice.lines, offers);
  const known = await findGrant(deps.db, { objectId: invoice.id });
  if (known !== null && invoice.intents.every((intent) => known.intents.includes(intent))) return;
  const granted = await inTransaction(deps.db, async (tx) => {
    await ensureOrder(tx, orderFor(invoice, personId, earned));
    const orderId = await markOrderPaid(tx, invoice.id, {
      money: invoice.money,
      subscriptionId: invoice.subscription,
      documentUrl: invoice.url,
    });
    if (orderId === null) throw new UnresolvedError(`${invoice.id} has no order.`);
    const first = await claimGrant(tx, {
      objectId: invoice.id,
      orderId,
      personId,
      livemode: invoice.livemode,
      credits: earned.credits,
      bonus: earned.bonus,
      paid: invoice.amountPaid,
      currency: invoice.money.currency,
      intents: invoice.intents,
    });
    if (!first) return false;
    await noteWhatIsPaid(tx, invoice, earned);
    await refreshTier(deps, tx, personId, invoice.livemode);
    if (earned.credits + earned.bonus === 0n) return true;
    await addCredits(deps, tx, { invoice, personId, orderId, earned });
    return true;
  });
  if (!granted) return;
  deps.log.info(
    {
      person: personId,
      invoice: invoice.id,
      reason: invoice.reason,
      credits: (earned.credits + earned.bonus).toString(),
    },
    'an invoice was paid and granted',
  );
}

async function addCredits(
  deps: PaymentDeps,
  tx: Tx,
  what: { invoice: InvoiceFacts; personId: string; orderId: string; earned: Earned },
): Promise<void> {
  const { invoice, personId, orderId, earned } = what;
  const plan = mainPlan(earned);
  const expiresAt = refillExpiry(periodEnd(invoice), plan?.rolloverMonths ?? 0, await databaseNow(tx));
  const { repaid } = await grantPurchase(deps.credits, tx, {
    personId,
    paymentId: invoice.id,
    reference: orderId,
    credits: earned.credits,
    bonus: earned.bonus,
    paid: invoice.amountPaid,
    life: { expiresAt },
  });
  await addMail(tx, {
    key: `refill/${invoice.id}`,
    personId,
    template: 'refill',
    facts: {
      order: orderId,
      credits: (earned.credits + earned.bonus).toString(),
      repaid: repaid.toString(),
      product: plan?.name ?? '',
      amount: invoice.amountPaid.toString(),
      currency: invoice.money.currency,
      reason: invoice.reason,
      expires_at: expiresAt.toISOString(),
      url: invoice.url,
    },
  });
}

function orderFor(invoice: InvoiceFacts, personId: string, earned: Earned) {
  return {
    id: newId('ord'),
    personId,
    kind: 'refill' as const,
    offerId: mainPlan(earned)?.id ?? null,
    livemode: invoice.livemode,
    objectId: invoice.id,
    subscriptionId: invoice.subscription,
    money: invoice.money,
  };
}

/** Of several lines (a proration names the old plan and the new) the last that was bought. */
function mainPlan(earned: Earned): PricedOffer | undefined {
  return earned.offers.at(-1);
}

function periodEnd(invoice: InvoiceFacts): Date {
  return new Date(Math.max(...invoice.lines.map((line) => line.periodEnd.getTime())));
}

async function noteWhatIsPaid(tx: Tx, invoice: InvoiceFacts, earned: Earned): Promise<void> {
  const plan = mainPlan(earned);
  if (!plan || invoice.subscription === null) return;
  await notePaidPlan(tx, {
    subscription: invoice.subscription,
    offerId: plan.id,
    until: periodEnd(invoice),
    invoiceAt: invoice.createdAt,
  });
}

/** The card was refused: told once for each try. Nothing is granted, and nothing is taken. */
async function noteUnpaid(deps: PaymentDeps, invoice: InvoiceFacts, personId: string): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    await ensureOrder(tx, orderFor(invoice, personId, { credits: 0n, bonus: 0n, offers: [] }));
    if (invoice.attempts === 0) return;
    await addMail(tx, {
      key: `payment_failed/${invoice.id}/${invoice.attempts}`,
      personId,
      template: 'payment_failed',
      facts: {
        amount: invoice.money.total.toString(),
        currency: invoice.money.currency,
        next_attempt_at: invoice.nextAttemptAt?.toISOString() ?? null,
        url: invoice.url,
      },
    });
  });
}
