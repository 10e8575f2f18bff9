import { grantPurchase } from '../credits/purchases.ts';
import { inTransaction } from '../platform/database.ts';
import { offerById } from './catalogue.ts';
import type { PaymentDeps } from './deps.ts';
import { UnresolvedError } from './errors.ts';
import type { IntentFacts } from './facts.ts';
import { claimGrant } from './grant-queries.ts';
import { addMail } from './mail-queries.ts';
import { ensureOrder, markOrderPaid } from './order-queries.ts';
import { settleReturns } from './settle-returns.ts';
import type { Looked } from './subscribers.ts';
import { endTopUp, findTopUp } from './top-up-queries.ts';
import type { TopUp } from './top-up-queries.ts';
import type { StripeGateway } from './stripe/port.ts';

/** Looks at a charge that was made by itself: paid, it brings its pack, once; refused, top-ups pause and the person is told. */
export async function settleTopUp(
  deps: PaymentDeps,
  stripe: StripeGateway,
  intentId: string,
): Promise<Looked> {
  const intent = await stripe.intent(intentId);
  const id = intent?.metadata['holdfast_top_up'];
  if (intent === null || id === undefined || intent.livemode !== stripe.livemode) return 'not_ours';
  const topUp = await findTopUp(deps.db, id);
  if (topUp === null || topUp.livemode !== intent.livemode) return 'not_ours';
  switch (intent.status) {
    case 'pending':
      return 'waiting';
    case 'failed':
      await failTopUp(deps, topUp, intent.id, 'card_declined');
      return 'settled';
    case 'succeeded':
      await grantTopUp(deps, topUp, intent);
      await settleReturns(deps, stripe, intent.id);
      return 'settled';
    default:
      throw new Error(`unknown status ${String(intent.status satisfies never)}`);
  }
}

async function grantTopUp(deps: PaymentDeps, topUp: TopUp, intent: IntentFacts): Promise<void> {
  const offer = await offerById(deps.db, topUp.offerId);
  if (offer === null || intent.currency !== topUp.currency || intent.received !== topUp.amount) {
    throw new UnresolvedError(`${intent.id} paid something else than ${topUp.id} asked for.`);
  }
  const money = {
    currency: intent.currency,
    subtotal: intent.received,
    discount: 0n,
    tax: 0n,
    total: intent.received,
  };
  await inTransaction(deps.db, async (tx) => {
    await endTopUp(tx, topUp.id, { state: 'paid', intent: intent.id, problem: null });
    // The top-up's own random part names its order: there is one for each.
    const orderId = topUp.id.replace(/^top_/, 'ord_');
    await ensureOrder(tx, {
      id: orderId,
      personId: topUp.personId,
      kind: 'top_up',
      offerId: offer.id,
      livemode: topUp.livemode,
      objectId: intent.id,
      subscriptionId: null,
      money,
    });
    await markOrderPaid(tx, intent.id, { money, subscriptionId: null, documentUrl: intent.receiptUrl });
    const first = await claimGrant(tx, {
      objectId: intent.id,
      orderId,
      personId: topUp.personId,
      livemode: topUp.livemode,
      credits: offer.credits,
      bonus: offer.bonusCredits,
      paid: intent.received,
      currency: intent.currency,
      intents: [intent.id],
    });
    if (!first) return;
    const { repaid } = await grantPurchase(deps.credits, tx, {
      personId: topUp.personId,
      paymentId: intent.id,
      reference: orderId,
      credits: offer.credits,
      bonus: offer.bonusCredits,
      paid: intent.received,
      life: { months: offer.lotMonths },
    });
    await addMail(tx, {
      key: `top_up/${topUp.id}`,
      personId: topUp.personId,
      template: 'top_up',
      facts: {
        order: orderId,
        credits: (offer.credits + offer.bonusCredits).toString(),
        repaid: repaid.toString(),
        product: offer.name,
        amount: intent.received.toString(),
        currency: intent.currency,
      },
    });
  });
}

/** One refusal stops them: a card that is refused again and again costs trust. */
export async function failTopUp(
  deps: PaymentDeps,
  topUp: TopUp,
  intent: string | null,
  problem: string,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const ended = await endTopUp(tx, topUp.id, { state: 'failed', intent, problem });
    if (!ended) return;
    await tx.query(
      `update holdfast.auto_top_up set paused_reason = $2, updated_at = holdfast.clock() where person_id = $1 and enabled`,
      [topUp.personId, problem],
    );
    await addMail(tx, {
      key: `top_up_failed/${topUp.id}`,
      personId: topUp.personId,
      template: 'top_up_failed',
      facts: { amount: topUp.amount.toString(), currency: topUp.currency, problem },
    });
  });
}
