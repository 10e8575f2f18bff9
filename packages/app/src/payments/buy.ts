import { findPerson } from '../accounts/queries.ts';
import { NotFoundError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import { currentOffer, keepPriceId, offerById, priceIdOf } from './catalogue.ts';
import type { PaymentDeps } from './deps.ts';
import { PaymentError } from './errors.ts';
import { customerIsGone, customerOf, goneCustomers, keepCustomer } from './customer-queries.ts';
import { ensureOrder, findOrder, listOrders, setCheckout } from './order-queries.ts';
import { subscriptionsOf } from './subscription-queries.ts';
import type { Order } from './order-queries.ts';
import { returnAddress } from './redirects.ts';
import type { Offer } from './rules.ts';
import { settleSession } from './settle-session.ts';
import type { StripeGateway } from './stripe/port.ts';

/** @throws PaymentError `payments_off` */
export function selling(deps: PaymentDeps): StripeGateway {
  if (deps.stripe) return deps.stripe;
  throw new PaymentError('payments_off', 'Nothing is sold here at the moment: payments are not set up.');
}

export interface BuyRequest {
  readonly personId: string;
  /** A pack's or a plan's id. */
  readonly product: string;
  /** Default: the first that it has a price in. */
  readonly currency?: string | undefined;
  readonly successUrl: string;
  readonly cancelUrl: string;
  /** Keep the card for automatic top-ups. */
  readonly saveCard?: boolean | undefined;
}

/** Opens a checkout for a pack. Nothing is granted before it is paid. */
export async function buyPack(
  deps: PaymentDeps,
  request: BuyRequest,
): Promise<{ order: Order; checkoutUrl: string }> {
  return open(deps, selling(deps), await currentOffer(deps.db, request.product, 'pack'), request);
}

const living = new Set(['active', 'trialing', 'past_due', 'paused', 'incomplete', 'unpaid']);

/** Opens a checkout for a plan. One subscription per person: an earlier checkout that is still open is closed. */
export async function subscribe(
  deps: PaymentDeps,
  request: BuyRequest,
): Promise<{ order: Order; checkoutUrl: string }> {
  const stripe = selling(deps);
  const offer = await currentOffer(deps.db, request.product, 'plan');
  const subscriptions = await subscriptionsOf(deps.db, request.personId, stripe.livemode);
  if (subscriptions.some(({ status }) => living.has(status))) {
    throw new PaymentError(
      'subscription_exists',
      'There is a plan already: change it instead of buying a second one.',
    );
  }
  const pending = await listOrders(deps.db, { personId: request.personId, state: 'pending', limit: 100 });
  for (const order of pending) {
    if (order.kind !== 'plan' || order.objectId === null || order.livemode !== stripe.livemode) continue;
    await stripe.expireSession(order.objectId);
    // It may have been paid in this very moment: then that is the plan.
    if ((await settleSession(deps, stripe, order.objectId)) === 'settled') {
      const now = await findOrder(deps.db, { id: order.id });
      if (now?.state === 'paid')
        throw new PaymentError('subscription_exists', 'The plan has just been paid.');
    }
  }
  return open(deps, stripe, offer, request);
}

async function open(
  deps: PaymentDeps,
  stripe: StripeGateway,
  offer: Offer,
  request: BuyRequest,
): Promise<{ order: Order; checkoutUrl: string }> {
  const { personId } = request;
  const { currency, amount } = priceIn(offer, request.currency);
  const allowed = { publicUrl: deps.settings.publicUrl, origins: deps.settings.redirectOrigins };
  const id = newId('ord');
  const successUrl = returnAddress(request.successUrl, allowed, id);
  const cancelUrl = returnAddress(request.cancelUrl, allowed, id);
  const customer = await ensureCustomer(deps, stripe, personId);
  const price = await ensurePriceId(deps, stripe, offer, currency);
  await ensureOrder(deps.db, {
    id,
    personId,
    kind: offer.kind,
    offerId: offer.id,
    livemode: stripe.livemode,
    objectId: null,
    subscriptionId: null,
    money: { currency, subtotal: amount, discount: 0n, tax: 0n, total: amount },
  });
  const wish = {
    orderId: id,
    mode: offer.kind === 'plan' ? ('subscription' as const) : ('payment' as const),
    personId,
    price,
    quantity: 1,
    successUrl,
    cancelUrl,
    saveCard: request.saveCard ?? false,
    automaticTax: deps.settings.automaticTax,
    promotionCodes: deps.settings.promotionCodes,
  };
  const session =
    (await stripe.createSession({ ...wish, customer })) ??
    (await stripe.createSession({
      ...wish,
      customer: await anotherCustomer(deps, stripe, personId, customer),
    }));
  if (session === null) throw new Error(`Stripe does not know the customer of ${personId} that it just made`);
  await setCheckout(deps.db, id, session.id, session.url);
  const order = await findOrder(deps.db, { id });
  if (order === null) throw new Error(`${id} was just made`);
  deps.log.info(
    { person: personId, order: id, offer: offer.id, session: session.id },
    'a checkout was opened',
  );
  return { order, checkoutUrl: session.url };
}

function priceIn(offer: Offer, wanted: string | undefined): { currency: string; amount: bigint } {
  const currency = wanted ?? (offer.prices['usd'] === undefined ? Object.keys(offer.prices)[0] : 'usd') ?? '';
  const amount = offer.prices[currency];
  if (amount !== undefined) return { currency, amount };
  throw new PaymentError('currency_unavailable', `${offer.name} has no price in ${currency}.`, {
    currencies: Object.keys(offer.prices),
  });
}

/** The person as Stripe knows them, made on first need. */
export async function ensureCustomer(
  deps: PaymentDeps,
  stripe: StripeGateway,
  personId: string,
): Promise<string> {
  const known = await customerOf(deps.db, personId, stripe.livemode);
  if (known !== null) return known;
  const person = await findPerson(deps.db, { id: personId });
  if (person === null) throw new NotFoundError('person');
  const customer = await stripe.createCustomer({
    id: personId,
    email: person.email,
    name: person.name,
    gone: await goneCustomers(deps.db, personId, stripe.livemode),
  });
  return keepCustomer(deps.db, personId, stripe.livemode, customer);
}

/** In the place of one that was deleted at Stripe. */
async function anotherCustomer(
  deps: PaymentDeps,
  stripe: StripeGateway,
  personId: string,
  gone: string,
): Promise<string> {
  deps.log.warn(
    { person: personId, customer: gone },
    'a customer was deleted at Stripe: another takes its place',
  );
  await customerIsGone(deps.db, gone);
  return ensureCustomer(deps, stripe, personId);
}

/** Stripe's id of this offer's price, made on first need. */
export async function ensurePriceId(
  deps: PaymentDeps,
  stripe: StripeGateway,
  offer: Offer,
  currency: string,
): Promise<string> {
  const known = await priceIdOf(deps.db, offer.id, currency, stripe.livemode);
  if (known !== null) return known;
  const amount = offer.prices[currency] ?? 0n;
  const priceId = await stripe.ensurePrice({
    // Also the amount: should another installation use the same account, its prices are not taken for these.
    key: `holdfast:${offer.id}:${currency}:${amount}:${offer.credits}+${offer.bonusCredits}`,
    productId: offer.productId,
    name:
      offer.kind === 'plan'
        ? `${offer.name} plan`
        : `${offer.name} pack, ${offer.credits + offer.bonusCredits} credits`,
    currency,
    amount,
    monthly: offer.kind === 'plan',
  });
  await keepPriceId(deps.db, { priceId, offerId: offer.id, currency, livemode: stripe.livemode });
  return priceId;
}

/** One's own order. @throws NotFoundError */
export async function readOrder(deps: PaymentDeps, personId: string, id: string): Promise<Order> {
  const order = await findOrder(deps.db, { id });
  if (order === null || order.personId !== personId) throw new NotFoundError('order');
  return order;
}

/** Asks Stripe how a pending order stands, and grants it at once where it is paid. The return page calls it; so may anybody, any number of times. */
export async function checkOrder(deps: PaymentDeps, personId: string, id: string): Promise<Order> {
  const order = await readOrder(deps, personId, id);
  if (order.state !== 'pending' || order.objectId === null || !order.objectId.startsWith('cs_')) return order;
  const stripe = selling(deps);
  if (order.livemode === stripe.livemode) await settleSession(deps, stripe, order.objectId);
  return readOrder(deps, personId, id);
}

/** The customer portal: cards, invoices, cancelling. */
export async function openPortal(deps: PaymentDeps, personId: string, returnUrl: string): Promise<string> {
  const stripe = selling(deps);
  const { publicUrl, redirectOrigins } = deps.settings;
  const back = returnAddress(returnUrl, { publicUrl, origins: redirectOrigins });
  const customer = await customerOf(deps.db, personId, stripe.livemode);
  if (customer === null) throw new PaymentError('no_purchases', 'Nothing has been bought yet.');
  return stripe.createPortal(customer, back);
}

export async function offerOf(deps: PaymentDeps, id: string): Promise<Offer> {
  const offer = await offerById(deps.db, id);
  if (offer) return offer;
  throw new Error(`the offer ${id} is gone, and offers are kept for ever`);
}
