import { clearAlert, raiseAlert } from '../alerts/commands.ts';
import { inTransaction } from '../platform/database.ts';
import type { Tx } from '../platform/database.ts';
import { offersByPrice } from './catalogue.ts';
import type { PaymentDeps } from './deps.ts';
import { UnresolvedError } from './errors.ts';
import { personExists, personOfCustomer, setTier } from './customer-queries.ts';
import { databaseNow } from './database-now.ts';
import { nextRead, saveSubscription, subscriptionsOf } from './subscription-queries.ts';
import type { SubscriptionRow } from './subscription-queries.ts';
import { isEntitled } from './rules.ts';
import type { StripeGateway } from './stripe/port.ts';

/** What came of looking at something: it is as it should be now, or it is none of ours. */
export type Looked = 'settled' | 'not_ours' | 'waiting';

/**
 * Whose something is: by the customer, which one person has; else by what we wrote into it. Where the two disagree nobody gets anything.
 * @throws UnresolvedError while it can't be said
 */
export async function whoseIs(
  deps: PaymentDeps,
  about: { customer: string | null; metadata: Readonly<Record<string, string>>; what: string },
): Promise<string> {
  const byCustomer = about.customer === null ? null : await personOfCustomer(deps.db, about.customer);
  const written = about.metadata['holdfast_person'] ?? null;
  if (byCustomer !== null && written !== null && byCustomer !== written) {
    await raiseAlert(deps, {
      key: `payments/whose/${about.what}`,
      severity: 'critical',
      title: 'A payment names two people',
      detail: `${about.what} belongs to the customer of ${byCustomer} and says it is for ${written}. Nothing was granted.`,
    });
    throw new UnresolvedError(`${about.what} names two people.`, { customer: byCustomer, written });
  }
  const person = byCustomer ?? written;
  if (person !== null && (await personExists(deps.db, person))) return person;
  throw new UnresolvedError(`It is not known whose ${about.what} is.`, { customer: about.customer });
}

/** Reads a subscription anew, keeps it, and makes its person what they are entitled to be. Never touches credits. */
export async function settleSubscription(
  deps: PaymentDeps,
  stripe: StripeGateway,
  id: string,
): Promise<Looked> {
  const no = await nextRead(deps.db);
  const facts = await stripe.subscription(id);
  if (facts === null || facts.livemode !== stripe.livemode) return 'not_ours';
  const offer = (await offersByPrice(deps.db, [facts.price], stripe.livemode)).get(facts.price);
  if (!offer || offer.kind !== 'plan') return 'not_ours';
  const personId = await whoseIs(deps, { customer: facts.customer, metadata: facts.metadata, what: id });
  await inTransaction(deps.db, async (tx) => {
    await saveSubscription(tx, { no, personId, offerId: offer.id, facts });
    await refreshTier(deps, tx, personId, stripe.livemode);
    await tellOfTwoPlans(tx, personId, stripe.livemode);
  });
  return 'settled';
}

/** Two checkouts in two tabs can both be paid: each is honoured, and a person must see which one was meant. */
async function tellOfTwoPlans(tx: Tx, personId: string, livemode: boolean): Promise<void> {
  const billed = (await subscriptionsOf(tx, personId, livemode)).filter(
    ({ status, cancelAtPeriodEnd }) => ['active', 'past_due'].includes(status) && !cancelAtPeriodEnd,
  );
  const key = `payments/two_plans/${personId}`;
  if (billed.length < 2) {
    await clearAlert({ db: tx }, key);
    return;
  }
  await raiseAlert(
    { db: tx },
    {
      key,
      severity: 'warning',
      title: 'Somebody pays for two plans',
      detail: `${personId} has ${billed.map(({ id }) => id).join(' and ')}. Ask which one was meant; cancel and refund the other at Stripe.`,
    },
  );
}

/** The best that any of a person's subscriptions gives them now. Someone who never subscribed keeps what an operator set. */
export async function refreshTier(
  deps: PaymentDeps,
  tx: Tx,
  personId: string,
  livemode: boolean,
): Promise<void> {
  // One at a time per person: two subscriptions that change together must both be seen.
  await tx.query('select from holdfast.person where id = $1 for no key update', [personId]);
  const all = await subscriptionsOf(tx, personId, livemode);
  if (all.length === 0) return;
  const tier = tierOf(all, await databaseNow(tx));
  if (await setTier(tx, personId, tier)) deps.log.info({ person: personId, tier }, 'tier changed');
}

/** What was paid for is kept until its end, whatever is chosen for afterwards. */
export function tierOf(subscriptions: readonly SubscriptionRow[], now: Date): string {
  let best = { tier: 'free', priority: -1 };
  for (const each of subscriptions) {
    if (!isEntitled(each, now)) continue;
    const paid = each.paidUntil !== null && now < each.paidUntil && each.paidTier !== null;
    const tier = paid && each.paidTier !== null ? each.paidTier : each.tier;
    const priority = paid ? (each.paidTierPriority ?? 0) : each.tierPriority;
    if (priority > best.priority) best = { tier, priority };
  }
  return best.tier;
}
