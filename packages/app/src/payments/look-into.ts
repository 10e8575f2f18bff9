import { raiseAlert } from '../alerts/commands.ts';
import { customerIsGone, personOfCustomer } from './customer-queries.ts';
import type { PaymentDeps } from './deps.ts';
import type { Reference } from './facts.ts';
import { findGrant } from './grant-queries.ts';
import { settleInvoice } from './settle-invoice.ts';
import { settleReturns } from './settle-returns.ts';
import { settleSession } from './settle-session.ts';
import { settleTopUp } from './settle-top-up.ts';
import { settleSubscription } from './subscribers.ts';
import type { Looked } from './subscribers.ts';
import type { StripeGateway } from './stripe/port.ts';

/**
 * The one door: whatever says that something may have changed (an event, the return page, the comparison of books, an operator), it is looked at
 * anew and brought to where it should be.
 * @throws UnresolvedError where that can't be said yet
 */
export async function lookInto(
  deps: PaymentDeps,
  stripe: StripeGateway,
  reference: Reference,
): Promise<Looked> {
  switch (reference.kind) {
    case 'session':
      return settleSession(deps, stripe, reference.id);
    case 'invoice':
      return settleInvoice(deps, stripe, reference.id);
    case 'subscription':
      return settleSubscription(deps, stripe, reference.id);
    case 'intent':
      return lookIntoIntent(deps, stripe, reference.id);
    case 'top_up':
      return settleTopUp(deps, stripe, reference.id);
    case 'charge': {
      const intent = await stripe.intentOfCharge(reference.id);
      return intent === null ? 'not_ours' : lookIntoIntent(deps, stripe, intent);
    }
    case 'customer':
      return settleCustomer(deps, stripe, reference.id);
    case 'fraud_warning':
      return warnOfFraud(deps, stripe, reference);
    default:
      throw new Error(`unknown reference ${JSON.stringify(reference satisfies never)}`);
  }
}

/** A payment by its intent: what it paid for is granted first where that hasn't happened, then what came back of it is taken back. */
async function lookIntoIntent(deps: PaymentDeps, stripe: StripeGateway, intent: string): Promise<Looked> {
  if (await settleReturns(deps, stripe, intent)) return 'settled';
  const { sessions, invoices } = await stripe.paidBy(intent);
  const looked: Looked[] = [];
  for (const id of invoices) looked.push(await settleInvoice(deps, stripe, id));
  for (const id of sessions) looked.push(await settleSession(deps, stripe, id));
  if (looked.length === 0) looked.push(await settleTopUp(deps, stripe, intent));
  if (looked.includes('settled')) return 'settled';
  return looked.includes('waiting') ? 'waiting' : 'not_ours';
}

/** A customer that was deleted takes its subscriptions along, each of which tells of itself; the next purchase needs a new one. */
async function settleCustomer(deps: PaymentDeps, stripe: StripeGateway, id: string): Promise<Looked> {
  if ((await personOfCustomer(deps.db, id)) === null) return 'not_ours';
  if (!(await stripe.customerExists(id))) await customerIsGone(deps.db, id);
  return 'settled';
}

/** The card's network suspects fraud: a refund now costs less than the dispute that follows. An operator decides. */
async function warnOfFraud(
  deps: PaymentDeps,
  stripe: StripeGateway,
  warning: { readonly id: string; readonly charge: string },
): Promise<Looked> {
  const intent = await stripe.intentOfCharge(warning.charge);
  const grant = intent === null ? null : await findGrant(deps.db, { intent });
  if (grant === null) return 'not_ours';
  await raiseAlert(deps, {
    key: `payments/fraud/${grant.objectId}`,
    severity: 'warning',
    title: 'A payment is suspected of fraud',
    detail: `The card's network warns of ${warning.charge}, order ${grant.orderId}, person ${grant.personId}. Refund it at Stripe to avoid a dispute.`,
    link: `${deps.settings.publicUrl}/operator/payments?order=${grant.orderId}`,
  });
  return 'settled';
}
