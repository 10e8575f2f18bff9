import type { Account } from '../../../emulators/stripe/account.ts';
import type { Invoice } from '../../../emulators/stripe/objects.ts';
import type { PaymentDeps } from '../../../src/payments/deps.ts';
import type { Stage } from './deeds.ts';

/** What an offer brings, by the emulator's price id. */
type Brings = ReadonlyMap<
  string,
  { readonly credits: bigint; readonly bonus: bigint; readonly amount: bigint; readonly tier: string | null }
>;

interface Paid {
  readonly id: string;
  readonly customer: string;
  readonly credits: bigint;
  readonly paid: bigint;
  readonly intents: readonly string[];
}

/**
 * Compares Stripe's own books with Holdfast's, from the outside: what each paid thing must have brought and what must have been taken back is reckoned
 * here anew, in other words than the product's.
 */
export async function findViolations(stage: Stage): Promise<string[]> {
  const { deps, stripe } = stage;
  const { account } = stripe;
  const paid = allPaid(account, await readBrings(deps));
  const violations = [
    ...(await checkGrants(deps, paid)),
    ...(await checkBalances(stage, paid)),
    ...(await checkMoney(deps, account)),
    ...(await checkTiers(stage)),
    ...(await checkQueue(deps)),
  ];
  const proof = await deps.credits.ledger.verify();
  for (const each of proof.differences)
    violations.push(
      `ledger: ${JSON.stringify(each, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`,
    );
  return violations;
}

async function readBrings(deps: PaymentDeps): Promise<Brings> {
  const { rows } = await deps.db.query<{
    price_id: string;
    credits: bigint;
    bonus: bigint;
    amount: bigint;
    tier: string | null;
  }>(
    `select s.price_id, o.credits, o.bonus_credits as bonus, c.amount, p.tier
       from holdfast.stripe_price s join holdfast.offer o on o.id = s.offer_id join holdfast.product p on p.id = o.product_id
       join holdfast.offer_price c on c.offer_id = s.offer_id and c.currency = s.currency`,
  );
  return new Map(rows.map((row) => [row.price_id, row]));
}

export function allPaid(account: Account, brings: Brings): Paid[] {
  const packs = [...account.sessions.values()]
    .filter(({ mode, payment_status }) => mode === 'payment' && payment_status === 'paid')
    .map((session) => {
      const lines = account.wishes.get(session.id)?.lines ?? [];
      const credits = lines.reduce((sum, line) => {
        const offer = brings.get(line.price.id);
        return sum + (offer ? (offer.credits + offer.bonus) * BigInt(line.quantity) : 0n);
      }, 0n);
      return {
        id: session.id,
        customer: session.customer ?? '',
        credits,
        paid: BigInt(session.amount_total),
        intents: [session.payment_intent ?? ''],
      };
    });
  const invoices = [...account.invoices.values()]
    .filter(({ status }) => status === 'paid')
    .map((invoice) => ({
      id: invoice.id,
      customer: invoice.customer,
      credits: creditsOf(invoice, brings),
      paid: BigInt(invoice.amount_paid),
      intents: [...account.invoicePayments.values()]
        .filter((payment) => payment.invoice === invoice.id)
        .map(({ payment }) => payment.payment_intent),
    }));
  return [...packs, ...invoices];
}

/** In thousandths of a credit, rounded down at the end: another way than the product's, the same credits. */
function creditsOf(invoice: Invoice, brings: Brings): bigint {
  let exact = 0n;
  const scale = 10n ** 12n;
  for (const line of invoice.lines.data) {
    const offer = brings.get(line.pricing.price_details.price);
    if (!offer) continue;
    const { proration } = line.parent.subscription_item_details;
    exact += proration ? (offer.credits * BigInt(line.amount) * scale) / offer.amount : offer.credits * scale;
  }
  // Each line's division may have lost a millionth of a millionth.
  return exact <= 0n ? 0n : (exact + 10n) / scale;
}

function takenBack(account: Account, paid: Paid): bigint {
  if (paid.paid === 0n) return 0n;
  const refunds = [...account.refunds.values()].filter(
    ({ payment_intent, status }) => paid.intents.includes(payment_intent ?? '') && status === 'succeeded',
  );
  const disputes = [...account.disputes.values()].filter(({ payment_intent }) =>
    paid.intents.includes(payment_intent ?? ''),
  );
  const withdrawn = disputes.map(
    (dispute) => -dispute.balance_transactions.reduce((sum, { amount }) => sum + amount, 0),
  );
  const lost = [...refunds.map(({ amount }) => amount), ...withdrawn].reduce(
    (sum, amount) => sum + BigInt(amount),
    0n,
  );
  const least = lost < paid.paid ? lost : paid.paid;
  return (paid.credits * least + paid.paid - 1n) / paid.paid;
}

async function checkGrants(deps: PaymentDeps, paid: readonly Paid[]): Promise<string[]> {
  const { rows } = await deps.db.query<{ object_id: string; credits: bigint }>(
    'select object_id, credits + bonus_credits as credits from holdfast.payment_grant',
  );
  const granted = new Map(rows.map((row) => [row.object_id, row.credits]));
  const violations: string[] = [];
  for (const each of paid) {
    const credits = granted.get(each.id);
    if (credits === undefined) violations.push(`${each.id} is paid and was not granted`);
    else if (credits !== each.credits)
      violations.push(`${each.id} brought ${credits} instead of ${each.credits}`);
  }
  const known = new Set(paid.map(({ id }) => id));
  for (const id of granted.keys()) if (!known.has(id)) violations.push(`${id} was granted and is not paid`);
  return violations;
}

async function checkBalances({ deps, stripe, buyers }: Stage, paid: readonly Paid[]): Promise<string[]> {
  const { rows } = await deps.db.query<{ person_id: string; customer_id: string }>(
    'select person_id, customer_id from holdfast.stripe_customer',
  );
  const customers = new Map(rows.map((row) => [row.person_id, row.customer_id]));
  const violations: string[] = [];
  for (const buyer of buyers) {
    const theirs = paid.filter(({ customer }) => customer === customers.get(buyer.id));
    const wanted = theirs.reduce(
      (sum, each) => sum + each.credits - takenBack(stripe.account, each),
      -buyer.spent,
    );
    await deps.credits.ledger.openAccount({ account: buyer.id });
    const { total, debt } = await deps.credits.ledger.balance({ account: buyer.id });
    if (total - debt !== wanted) violations.push(`${buyer.id} has ${total - debt} instead of ${wanted}`);
  }
  return violations;
}

async function checkMoney(deps: PaymentDeps, account: Account): Promise<string[]> {
  const { rows } = await deps.db.query<{ paid: string; returned: string }>(
    `select (select coalesce(sum(paid), 0)::text from holdfast.payment_grant) as paid,
            (select coalesce(sum(withdrawn - reinstated), 0)::text from holdfast.payment_return) as returned`,
  );
  const charged = [...account.charges.values()].reduce(
    (sum, { amount_captured }) => sum + amount_captured,
    0,
  );
  const refunded = [...account.refunds.values()].reduce(
    (sum, { status, amount }) => sum + (status === 'succeeded' ? amount : 0),
    0,
  );
  const disputed = [...account.disputes.values()].reduce(
    (sum, { balance_transactions: all }) => sum - all.reduce((moved, { amount }) => moved + amount, 0),
    0,
  );
  const [ours] = rows;
  return [
    ...(Number(ours?.paid) === charged
      ? []
      : [`money: ${ours?.paid} is noted as paid, Stripe took ${charged}`]),
    ...(Number(ours?.returned) === refunded + disputed
      ? []
      : [`money: ${ours?.returned} is noted as gone back, Stripe gave ${refunded + disputed}`]),
  ];
}

async function checkTiers({ deps, stripe, buyers }: Stage): Promise<string[]> {
  const violations: string[] = [];
  for (const buyer of buyers) {
    const { rows } = await deps.db.query<{ tier: string }>('select tier from holdfast.person where id = $1', [
      buyer.id,
    ]);
    const subscription =
      buyer.subscription === null ? undefined : stripe.account.subscriptions.get(buyer.subscription);
    const subscribed = subscription !== undefined && subscription.status !== 'canceled';
    const tier = rows[0]?.tier ?? 'free';
    if ((tier !== 'free') !== subscribed)
      violations.push(`${buyer.id} is ${tier}, and ${subscribed ? 'subscribes' : 'does not subscribe'}`);
  }
  return violations;
}

async function checkQueue(deps: PaymentDeps): Promise<string[]> {
  const { rows } = await deps.db.query<{ id: string; type: string; result: string | null }>(
    'select id, type, result from holdfast.stripe_event where due_at is not null or state = $1',
    ['unmatched'],
  );
  return rows.map((row) => `${row.id} ${row.type} is not done: ${row.result ?? ''}`);
}
