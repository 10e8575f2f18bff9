import { clearAlert } from '../alerts/commands.ts';
import { grantPurchase } from '../credits/purchases.ts';
import { inTransaction } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import { offersByPrice } from './catalogue.ts';
import type { PaymentDeps } from './deps.ts';
import { UnresolvedError } from './errors.ts';
import type { SessionFacts } from './facts.ts';
import { claimGrant } from './grant-queries.ts';
import { addMail } from './mail-queries.ts';
import {
  closeOrder,
  ensureOrder,
  findOrder,
  markOrderPaid,
  noteCompleted,
  setCheckout,
} from './order-queries.ts';
import type { Order } from './order-queries.ts';
import { earnedBySession } from './rules.ts';
import type { Earned } from './rules.ts';
import { settleInvoice } from './settle-invoice.ts';
import { settleReturns } from './settle-returns.ts';
import { settleSubscription, whoseIs } from './subscribers.ts';
import type { Looked } from './subscribers.ts';
import type { StripeGateway } from './stripe/port.ts';

/**
 * Looks at a Checkout session and does what is left to be done: grants a paid pack, once, or closes what will not be paid. Safe to call any number of
 * times and at once; the webhook, the return page and the comparison of books all come here.
 */
export async function settleSession(deps: PaymentDeps, stripe: StripeGateway, id: string): Promise<Looked> {
  const session = await stripe.session(id);
  if (session === null || session.livemode !== stripe.livemode || session.mode === 'other') return 'not_ours';
  const offers = await offersByPrice(
    deps.db,
    session.lines.map(({ price }) => price),
    stripe.livemode,
  );
  const earned = earnedBySession(session.lines, offers);
  if (earned.offers.length === 0) return 'not_ours';
  if (session.status === 'expired') {
    await closeOrder(deps.db, id, 'expired');
    return 'settled';
  }
  if (session.status === 'open') return 'waiting';
  if (session.mode === 'subscription') return settleSubscribed(deps, stripe, session);
  if (session.paymentStatus === 'unpaid') {
    // Complete is no proof: a bank debit is known days later.
    if (session.intent?.status !== 'failed') {
      await noteCompleted(deps.db, id);
      return 'waiting';
    }
    await closeOrder(deps.db, id, 'failed');
    return 'settled';
  }
  await grantPack(deps, session, earned);
  if (session.intent) await settleReturns(deps, stripe, session.intent.id);
  return 'settled';
}

async function grantPack(deps: PaymentDeps, session: SessionFacts, earned: Earned): Promise<void> {
  const order = await orderOf(deps, session);
  const personId = order?.personId ?? (await whoseIs(deps, { ...session, what: session.id }));
  const [offer] = earned.offers;
  const granted = await inTransaction(deps.db, async (tx) => {
    if (order === null) {
      await ensureOrder(tx, {
        id: newId('ord'),
        personId,
        kind: 'pack',
        offerId: offer?.id ?? null,
        livemode: session.livemode,
        objectId: session.id,
        subscriptionId: null,
        money: session.money,
      });
    } else if (order.objectId === null) await setCheckout(tx, order.id, session.id, '');
    const orderId = await markOrderPaid(tx, session.id, {
      money: session.money,
      subscriptionId: null,
      documentUrl: session.intent?.receiptUrl ?? null,
    });
    if (orderId === null) throw new UnresolvedError(`${session.id} has no order.`);
    const first = await claimGrant(tx, {
      objectId: session.id,
      orderId,
      personId,
      livemode: session.livemode,
      credits: earned.credits,
      bonus: earned.bonus,
      paid: session.money.total,
      currency: session.money.currency,
      intents: session.intent ? [session.intent.id] : [],
    });
    if (!first) return false;
    const { repaid } = await grantPurchase(deps.credits, tx, {
      personId,
      paymentId: session.id,
      reference: orderId,
      credits: earned.credits,
      bonus: earned.bonus,
      paid: session.money.total,
      life: { months: shortestLife(earned) },
    });
    await addMail(tx, {
      key: `purchase/${session.id}`,
      personId,
      template: 'purchase',
      facts: {
        order: orderId,
        credits: (earned.credits + earned.bonus).toString(),
        repaid: repaid.toString(),
        product: offer?.name ?? '',
        amount: session.money.total.toString(),
        currency: session.money.currency,
        months: shortestLife(earned),
      },
    });
    return true;
  });
  await clearAlert(deps, `payments/unmatched/${session.id}`);
  if (!granted) return;
  deps.log.info(
    { person: personId, session: session.id, credits: (earned.credits + earned.bonus).toString() },
    'a pack was paid and granted',
  );
}

/** The order that this session was opened for. One that names another session is not it. */
async function orderOf(deps: PaymentDeps, session: SessionFacts): Promise<Order | null> {
  const known = await findOrder(deps.db, { objectId: session.id });
  const named =
    known ??
    (session.clientReference === null ? null : await findOrder(deps.db, { id: session.clientReference }));
  if (named === null || named.livemode !== session.livemode) return null;
  if (named.objectId !== null && named.objectId !== session.id) return null;
  const personId = await whoseIs(deps, {
    customer: session.customer,
    metadata: { ...session.metadata, holdfast_person: named.personId },
    what: session.id,
  });
  return personId === named.personId ? named : null;
}

/** Packs of different lives in one session: all live as long as the shortest; for ever only where all do. */
function shortestLife(earned: Earned): number | null {
  const lives = earned.offers.flatMap(({ lotMonths }) => lotMonths ?? []);
  return lives.length === 0 ? null : Math.min(...lives);
}

/** A subscription's first payment: its credits come by its invoice. */
async function settleSubscribed(
  deps: PaymentDeps,
  stripe: StripeGateway,
  session: SessionFacts,
): Promise<Looked> {
  if (session.subscription !== null) await settleSubscription(deps, stripe, session.subscription);
  if (session.invoice !== null) {
    const looked = await settleInvoice(deps, stripe, session.invoice);
    if (looked === 'waiting') return 'waiting';
  }
  if (session.paymentStatus === 'unpaid') return 'waiting';
  await markOrderPaid(deps.db, session.id, {
    money: session.money,
    subscriptionId: session.subscription,
    documentUrl: null,
  });
  return 'settled';
}
