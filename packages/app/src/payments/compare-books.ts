import type { PaymentDeps } from './deps.ts';
import type { Reference, ReturnFacts } from './facts.ts';
import { tierOf } from './subscribers.ts';
import { databaseNow } from './database-now.ts';
import { findGrant } from './grant-queries.ts';
import { offersByPrice } from './catalogue.ts';
import { subscriptionsOf } from './subscription-queries.ts';
import type { StripeGateway } from './stripe/port.ts';

/** One difference between the books, with what would repair it. */
export interface Finding {
  readonly kind:
    | 'paid_not_granted'
    | 'granted_not_paid'
    | 'return_not_settled'
    | 'subscription_outdated'
    | 'tier_wrong'
    | 'order_left_open';
  /** Stripe's object. */
  readonly id: string;
  readonly personId: string | null;
  /** In the minor unit, where it is about money. */
  readonly amount: bigint | null;
  readonly currency: string | null;
  readonly ageSeconds: number;
  /** Null: only a person can decide. */
  readonly look: Reference | null;
}

type Whose = { readonly personId: string; readonly customer: string } | null;

/** Everything that differs, and nothing is changed. */
export async function compareBooks(
  deps: PaymentDeps,
  stripe: StripeGateway,
  since: Date,
  whose: Whose,
): Promise<Finding[]> {
  const paid = new Set<string>();
  return [
    ...(await paidNotGranted(deps, stripe, since, whose, paid)),
    ...(await grantedNotPaid(deps, stripe, since, whose, paid)),
    ...(await returnsNotSettled(deps, stripe, since, whose)),
    ...(await subscriptionsOutdated(deps, stripe, whose)),
    ...(await ordersLeftOpen(deps, stripe, whose)),
  ];
}

function age(date: Date): number {
  return Math.max(0, Math.round((Date.now() - date.getTime()) / 1000));
}

async function paidNotGranted(
  deps: PaymentDeps,
  stripe: StripeGateway,
  since: Date,
  whose: Whose,
  paid: Set<string>,
): Promise<Finding[]> {
  const found: Finding[] = [];
  const customer = whose?.customer;
  for await (const invoice of stripe.paidInvoices(since, customer)) {
    paid.add(invoice.id);
    if (invoice.subscription === null || (await findGrant(deps.db, { objectId: invoice.id })) !== null)
      continue;
    // Somebody else's product in the same account is no difference.
    const facts = await stripe.invoice(invoice.id);
    if (!(await anyOfOurs(deps, stripe, facts?.lines.flatMap(({ price }) => price ?? []) ?? []))) continue;
    found.push(missing(invoice, 'invoice', whose));
  }
  for await (const session of stripe.completeSessions(since, customer)) {
    if (!session.paid) continue;
    paid.add(session.id);
    const known = await deps.db.query(
      `select from holdfast.payment_order where object_id = $1 and state = 'paid'
          and (kind = 'plan' or exists (select from holdfast.payment_grant g where g.object_id = $1))`,
      [session.id],
    );
    if (known.rowCount === 1) continue;
    const facts = await stripe.session(session.id);
    if (!(await anyOfOurs(deps, stripe, facts?.lines.map(({ price }) => price) ?? []))) continue;
    found.push(missing(session, 'session', whose));
  }
  if (customer !== undefined) {
    for await (const topUp of stripe.topUps(since, customer)) {
      if (!topUp.paid || (await findGrant(deps.db, { objectId: topUp.intent })) !== null) continue;
      found.push({
        kind: 'paid_not_granted',
        id: topUp.intent,
        personId: whose?.personId ?? null,
        amount: topUp.amount,
        currency: topUp.currency,
        ageSeconds: age(topUp.createdAt),
        look: { kind: 'top_up', id: topUp.intent },
      });
    }
  }
  return found;
}

function missing(
  paid: { id: string; total: bigint; currency: string; createdAt: Date },
  kind: 'invoice' | 'session',
  whose: Whose,
): Finding {
  return {
    kind: 'paid_not_granted',
    id: paid.id,
    personId: whose?.personId ?? null,
    amount: paid.total,
    currency: paid.currency,
    ageSeconds: age(paid.createdAt),
    look: { kind, id: paid.id },
  };
}

async function anyOfOurs(
  deps: PaymentDeps,
  stripe: StripeGateway,
  prices: readonly string[],
): Promise<boolean> {
  const { rowCount } = await deps.db.query(
    'select from holdfast.stripe_price where price_id = any($1) and livemode = $2 limit 1',
    [prices, stripe.livemode],
  );
  return rowCount === 1;
}

/** What was granted and is not among what was paid: asked for by name before anything is said. */
async function grantedNotPaid(
  deps: PaymentDeps,
  stripe: StripeGateway,
  since: Date,
  whose: Whose,
  paid: ReadonlySet<string>,
): Promise<Finding[]> {
  const { rows } = await deps.db.query<{
    object_id: string;
    person_id: string;
    paid: bigint;
    currency: string;
    granted_at: Date;
  }>(
    `select object_id, person_id, paid, currency, granted_at from holdfast.payment_grant
      where livemode = $1 and granted_at >= $2 and ($3::text is null or person_id = $3) order by granted_at`,
    [stripe.livemode, since, whose?.personId ?? null],
  );
  const found: Finding[] = [];
  for (const grant of rows) {
    if (paid.has(grant.object_id) || (await isPaid(stripe, grant.object_id))) continue;
    found.push({
      kind: 'granted_not_paid',
      id: grant.object_id,
      personId: grant.person_id,
      amount: grant.paid,
      currency: grant.currency,
      ageSeconds: age(grant.granted_at),
      look: null,
    });
  }
  return found;
}

async function isPaid(stripe: StripeGateway, id: string): Promise<boolean> {
  if (id.startsWith('in_')) return (await stripe.invoice(id))?.status === 'paid';
  if (id.startsWith('pi_')) return (await stripe.intent(id))?.status === 'succeeded';
  const session = await stripe.session(id);
  return session !== null && session.paymentStatus !== 'unpaid';
}

async function returnsNotSettled(
  deps: PaymentDeps,
  stripe: StripeGateway,
  since: Date,
  whose: Whose,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const each of whose === null
    ? stripe.recentReturns(since)
    : returnsOfPerson(deps, stripe, since, whose.personId)) {
    const intent = each.intent ?? (each.charge === null ? null : await stripe.intentOfCharge(each.charge));
    const grant = intent === null ? null : await findGrant(deps.db, { intent });
    // One of a payment that is not granted yet comes with its grant.
    if (grant === null || intent === null) continue;
    const { returned } = each;
    const { rowCount } = await deps.db.query(
      'select from holdfast.payment_return where id = $1 and withdrawn >= $2 and reinstated >= $3',
      [returned.id, returned.withdrawn, returned.reinstated],
    );
    if (rowCount === 1) continue;
    found.push({
      kind: 'return_not_settled',
      id: returned.id,
      personId: grant.personId,
      amount: returned.amount,
      currency: grant.currency,
      ageSeconds: age(each.createdAt),
      look: { kind: 'intent', id: intent },
    });
  }
  return found;
}

type SeenReturn = { returned: ReturnFacts; intent: string | null; charge: string | null; createdAt: Date };

/** One person's, asked for payment by payment: nobody's question reads the books of all. */
async function* returnsOfPerson(
  deps: PaymentDeps,
  stripe: StripeGateway,
  since: Date,
  personId: string,
): AsyncIterable<SeenReturn> {
  const { rows } = await deps.db.query<{ intent_id: string; granted_at: Date }>(
    `select s.intent_id, g.granted_at from holdfast.payment_source s join holdfast.payment_grant g using (object_id)
      where g.person_id = $1 and g.livemode = $2 and g.granted_at >= $3 order by g.granted_at desc limit 200`,
    [personId, stripe.livemode, since],
  );
  for (const { intent_id: intent, granted_at: createdAt } of rows) {
    for (const returned of await stripe.returnsOf(intent))
      yield { returned, intent, charge: null, createdAt };
  }
}

async function subscriptionsOutdated(
  deps: PaymentDeps,
  stripe: StripeGateway,
  whose: Whose,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const facts of stripe.subscriptions(whose?.customer)) {
    const priced = (await offersByPrice(deps.db, [facts.price], stripe.livemode)).get(facts.price);
    if (!priced) continue;
    const { rows } = await deps.db.query<{ person_id: string; tier: string; same: boolean; read_at: Date }>(
      `select s.person_id, p.tier, s.read_at, (s.price_id, s.status, s.period_end, s.cancel_at_period_end, s.paused)
              is not distinct from ($2, $3, $4::timestamptz, $5::boolean, $6::boolean) as same
         from holdfast.subscription s join holdfast.person p on p.id = s.person_id where s.id = $1`,
      [facts.id, facts.price, facts.status, facts.periodEnd, facts.cancelAtPeriodEnd, facts.paused],
    );
    const [row] = rows;
    const common = {
      id: facts.id,
      personId: row?.person_id ?? whose?.personId ?? null,
      amount: priced.unitAmount,
      currency: priced.currency,
      // Since it was last right.
      ageSeconds: age(row?.read_at ?? facts.startedAt),
    };
    const look = { kind: 'subscription' as const, id: facts.id };
    if (!row?.same) {
      found.push({ ...common, kind: 'subscription_outdated', look });
      continue;
    }
    const wanted = tierOf(
      await subscriptionsOf(deps.db, row.person_id, stripe.livemode),
      await databaseNow(deps.db),
    );
    if (wanted !== row.tier) found.push({ ...common, kind: 'tier_wrong', look });
  }
  return found;
}

/** Checkouts that ended without anybody telling. */
async function ordersLeftOpen(deps: PaymentDeps, stripe: StripeGateway, whose: Whose): Promise<Finding[]> {
  const { rows } = await deps.db.query<{
    object_id: string;
    person_id: string;
    amount_total: bigint;
    currency: string;
    created_at: Date;
  }>(
    `select object_id, person_id, amount_total, currency, created_at from holdfast.payment_order
      where state = 'pending' and livemode = $1 and kind in ('pack', 'plan') and object_id is not null
        and created_at < holdfast.clock() - interval '25 hours' and ($2::text is null or person_id = $2) limit 500`,
    [stripe.livemode, whose?.personId ?? null],
  );
  const found: Finding[] = [];
  for (const order of rows) {
    const session = await stripe.session(order.object_id);
    if (session?.status !== 'expired') continue;
    found.push({
      kind: 'order_left_open',
      id: order.object_id,
      personId: order.person_id,
      amount: order.amount_total,
      currency: order.currency,
      ageSeconds: age(order.created_at),
      look: { kind: 'session', id: order.object_id },
    });
  }
  return found;
}
