import { endLaterPayment } from '../../../emulators/stripe/checkout.ts';
import { actOnSession, expireSession } from '../../../emulators/stripe/checkout.ts';
import { openDispute, refundCharge } from '../../../emulators/stripe/charging.ts';
import type { StripeEmulator } from '../../../emulators/stripe/emulator.ts';
import { setRole } from '../../../src/accounts/commands.ts';
import { buyPack, openPortal, subscribe } from '../../../src/payments/buy.ts';
import { applyCatalogue, readCatalogueFile } from '../../../src/payments/catalogue-file.ts';
import { paymentJobs } from '../../../src/payments/jobs.ts';
import { previewMails } from '../../../src/payments/mails/render.ts';
import { setAutoTopUp } from '../../../src/payments/top-up.ts';
import { replayByHand } from '../../../src/operations/payment-actions.ts';
import { doChores } from '../../../src/worker/chores.ts';
import { handleDueEvents } from '../../../src/payments/handle-events.ts';
import type { BrowserPerson, BrowserWorld } from '../support/browser-world.ts';

/** Who buys, who owes, and who looks after it; with their payments in every state. */
export interface ShopCast {
  readonly buyer: BrowserPerson;
  readonly debtor: BrowserPerson;
  readonly operator: BrowserPerson;
  readonly orders: Record<'pending' | 'paid' | 'left', string>;
  readonly checkout: string;
  readonly planCheckout: string;
  readonly portal: string;
  readonly receipt: string;
  /** An event that is parked, and the order of a dispute. */
  readonly event: string;
  readonly disputed: string;
  readonly mails: Awaited<ReturnType<typeof previewMails>>;
  close(): Promise<void>;
}

export function stripeSettings(stripe: StripeEmulator): Record<string, string> {
  return {
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
    STRIPE_API_URL: stripe.url,
    STRIPE_PROMOTION_CODES: 'yes',
  };
}

const back = { successUrl: '/payment', cancelUrl: '/pricing' };

export async function gatherShop(world: BrowserWorld, stripe: StripeEmulator): Promise<ShopCast> {
  const { payments, accounts, db } = world.context;
  const { account } = stripe;
  await applyCatalogue(db, await readCatalogueFile(), { operator: false });
  stripe.webhooks.endpoints.push({ url: `${world.url}/webhooks/stripe`, secret: stripe.webhookSecret });
  const [buyer, debtor, operator] = [
    await world.person({ credits: 40n }),
    await world.person(),
    await world.person(),
  ];
  await setRole(accounts, operator.id, 'operator');
  const buy = async (person: BrowserPerson, product: string) =>
    (await buyPack(payments, { personId: person.id, product, currency: 'usd', saveCard: true, ...back }))
      .order;
  const settle = async () => {
    await stripe.webhooks.settle();
    await handleDueEvents(payments);
  };
  const by = (session: string | null) => ({
    charge: null,
    intent: account.sessions.get(session ?? '')?.payment_intent ?? '',
  });

  const paid = await buy(buyer, 'creator');
  actOnSession(account, paid.objectId ?? '', 'pay');
  await settle();
  refundCharge(account, by(paid.objectId), { amount: 675, reason: null });
  const left = await buy(buyer, 'studio');
  expireSession(account, left.objectId ?? '');
  const pending = await buy(buyer, 'starter');
  actOnSession(account, pending.objectId ?? '', 'pay_later');
  const { order: plan, checkoutUrl: planCheckout } = await subscribe(payments, {
    personId: buyer.id,
    product: 'plan-creator',
    currency: 'usd',
    ...back,
  });
  actOnSession(account, plan.objectId ?? '', 'pay');
  await settle();
  const wish = { enabled: true, threshold: 100n, pack: 'starter', currency: 'usd', monthlyCap: 5_000n };
  await setAutoTopUp(payments, buyer.id, wish);

  const disputed = await buy(debtor, 'starter');
  actOnSession(account, disputed.objectId ?? '', 'pay');
  await settle();
  await world.context.credits.ledger.charge({ account: debtor.id, key: 'spent', amount: 260n });
  openDispute(account, by(disputed.objectId), { amount: null });
  await settle();
  const declined = await buy(debtor, 'starter');
  actOnSession(account, declined.objectId ?? '', 'pay_later');
  endLaterPayment(account, declined.objectId ?? '', false);
  await settle();

  // Paid by a customer nobody knows: parked, and listed as not done.
  const stranger = await buy(debtor, 'studio');
  const session = account.sessions.get(stranger.objectId ?? '');
  if (session) Object.assign(session, { metadata: {}, client_reference_id: null, customer: null });
  await world.world.admin.query('delete from holdfast.payment_order where id = $1', [stranger.id]);
  actOnSession(account, stranger.objectId ?? '', 'pay');
  await settle();
  const { rows } = await db.query<{ id: string }>(
    `select id from holdfast.stripe_event where state = 'parked' order by received_at limit 1`,
  );
  const done = await db.query<{ id: string }>(
    `select id from holdfast.stripe_event where state = 'done' and type = 'checkout.session.completed' limit 1`,
  );
  const ticket = { operator: operator.id, reason: 'Ticket 12: they ask where their credits are' };
  await replayByHand(payments, ticket, done.rows[0]?.id ?? '');

  const stopping = new AbortController();
  const working = doChores(paymentJobs(payments), world.context.log, stopping.signal);
  return {
    buyer,
    debtor,
    operator,
    orders: { pending: pending.id, paid: paid.id, left: left.id },
    checkout: (await buy(operator, 'creator')).checkoutUrl ?? '',
    planCheckout,
    portal: await openPortal(payments, buyer.id, '/wallet'),
    receipt: [...account.invoices.values()].at(-1)?.hosted_invoice_url ?? '',
    event: rows[0]?.id ?? '',
    disputed: disputed.id,
    mails: await previewMails(world.context.config.publicUrl),
    async close() {
      stopping.abort();
      await working;
      await stripe.close();
    },
  };
}
