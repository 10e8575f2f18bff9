import type { Db, Tx } from '../platform/database.ts';
import type { Money, ReturnFacts, SubscriptionFacts } from './facts.ts';

export type OrderKind = 'pack' | 'plan' | 'refill' | 'top_up';
export type OrderState = 'pending' | 'paid' | 'failed' | 'expired';

export interface Order {
  readonly id: string;
  readonly personId: string;
  readonly kind: OrderKind;
  readonly offerId: string | null;
  readonly livemode: boolean;
  readonly objectId: string | null;
  readonly subscriptionId: string | null;
  readonly state: OrderState;
  readonly currency: string;
  readonly amountTotal: bigint;
  readonly checkoutUrl: string | null;
  readonly documentUrl: string | null;
  readonly createdAt: Date;
  readonly paidAt: Date | null;
  /** What it brought; null while it brought nothing. */
  readonly credits: bigint | null;
  /** What of the money went back, in the minor unit. */
  readonly returned: bigint;
  readonly productName: string | null;
}

interface OrderRow {
  id: string;
  person_id: string;
  kind: OrderKind;
  offer_id: string | null;
  livemode: boolean;
  object_id: string | null;
  subscription_id: string | null;
  state: OrderState;
  currency: string;
  amount_total: bigint;
  checkout_url: string | null;
  document_url: string | null;
  created_at: Date;
  paid_at: Date | null;
  credits: bigint | null;
  returned: string;
  product_name: string | null;
}

const orders = `
  select o.id, o.person_id, o.kind, o.offer_id, o.livemode, o.object_id, o.subscription_id, o.state, o.currency, o.amount_total, o.checkout_url,
         o.document_url, o.created_at, o.paid_at, g.credits + g.bonus_credits as credits, p.name as product_name,
         (select coalesce(sum(r.withdrawn - r.reinstated), 0)::text from holdfast.payment_return r where r.object_id = o.object_id) as returned
    from holdfast.payment_order o
    left join holdfast.payment_grant g on g.order_id = o.id
    left join holdfast.offer f on f.id = o.offer_id
    left join holdfast.product p on p.id = f.product_id`;

function toOrder(row: OrderRow): Order {
  return {
    id: row.id,
    personId: row.person_id,
    kind: row.kind,
    offerId: row.offer_id,
    livemode: row.livemode,
    objectId: row.object_id,
    subscriptionId: row.subscription_id,
    state: row.state,
    currency: row.currency,
    amountTotal: row.amount_total,
    checkoutUrl: row.checkout_url,
    documentUrl: row.document_url,
    createdAt: row.created_at,
    paidAt: row.paid_at,
    credits: row.credits,
    returned: BigInt(row.returned),
    productName: row.product_name,
  };
}

export async function findOrder(db: Db, by: { id: string } | { objectId: string }): Promise<Order | null> {
  const [column, value] = 'id' in by ? ['o.id', by.id] : ['o.object_id', by.objectId];
  const { rows } = await db.query<OrderRow>(`${orders} where ${column} = $1`, [value]);
  return rows[0] ? toOrder(rows[0]) : null;
}

/** Newest first. */
export async function listOrders(
  db: Db,
  filter: { personId?: string; state?: OrderState; before?: string; limit: number },
): Promise<Order[]> {
  const { rows } = await db.query<OrderRow>(
    `${orders}
      where ($1::text is null or o.person_id = $1) and ($2::text is null or o.state = $2) and ($3::text is null or o.id < $3)
      order by o.id desc limit $4`,
    [filter.personId ?? null, filter.state ?? null, filter.before ?? null, filter.limit],
  );
  return rows.map(toOrder);
}

export interface NewOrder {
  readonly id: string;
  readonly personId: string;
  readonly kind: OrderKind;
  readonly offerId: string | null;
  readonly livemode: boolean;
  readonly objectId: string | null;
  readonly subscriptionId: string | null;
  readonly money: Money;
}

/** The order of this object, made where there is none. */
export async function ensureOrder(tx: Db, order: NewOrder): Promise<void> {
  const { money } = order;
  await tx.query(
    `insert into holdfast.payment_order
       (id, person_id, kind, offer_id, livemode, object_id, subscription_id, currency, amount_subtotal, amount_discount, amount_tax, amount_total)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict do nothing`,
    [
      order.id,
      order.personId,
      order.kind,
      order.offerId,
      order.livemode,
      order.objectId,
      order.subscriptionId,
      money.currency,
      money.subtotal,
      money.discount,
      money.tax,
      money.total,
    ],
  );
}

export async function setCheckout(db: Db, orderId: string, objectId: string, url: string): Promise<void> {
  await db.query(
    'update holdfast.payment_order set object_id = $2, checkout_url = $3 where id = $1 and object_id is null',
    [orderId, objectId, url],
  );
}

/** What was paid for this object. A paid order stays paid. @returns the order's id */
export async function markOrderPaid(
  tx: Db,
  objectId: string,
  facts: { money: Money; subscriptionId: string | null; documentUrl: string | null },
): Promise<string | null> {
  const { money } = facts;
  const { rows } = await tx.query<{ id: string }>(
    `update holdfast.payment_order
        set state = 'paid', paid_at = coalesce(paid_at, holdfast.clock()), closed_at = coalesce(closed_at, holdfast.clock()),
            currency = $2, amount_subtotal = $3, amount_discount = $4, amount_tax = $5, amount_total = $6,
            subscription_id = coalesce($7, subscription_id), document_url = coalesce($8, document_url), checkout_url = null
      where object_id = $1 returning id`,
    [
      objectId,
      money.currency,
      money.subtotal,
      money.discount,
      money.tax,
      money.total,
      facts.subscriptionId,
      facts.documentUrl,
    ],
  );
  return rows[0]?.id ?? null;
}

/** Closes what will not be paid. What was paid stays so. @returns whether it was open */
export async function closeOrder(db: Db, objectId: string, state: 'failed' | 'expired'): Promise<boolean> {
  const { rowCount } = await db.query(
    `update holdfast.payment_order set state = $2, closed_at = holdfast.clock(), checkout_url = null where object_id = $1 and state = 'pending'`,
    [objectId, state],
  );
  return rowCount === 1;
}

export interface NewGrant {
  readonly objectId: string;
  readonly orderId: string;
  readonly personId: string;
  readonly livemode: boolean;
  readonly credits: bigint;
  readonly bonus: bigint;
  readonly paid: bigint;
  readonly currency: string;
  readonly intents: readonly string[];
}

/**
 * Notes that this object has brought its credits. Of any number at the same moment one is told true, after the others' transactions have ended or
 * before they go on: the row's key holds it.
 */
export async function claimGrant(tx: Tx, grant: NewGrant): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into holdfast.payment_grant (object_id, order_id, person_id, livemode, credits, bonus_credits, paid, currency)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    [
      grant.objectId,
      grant.orderId,
      grant.personId,
      grant.livemode,
      grant.credits,
      grant.bonus,
      grant.paid,
      grant.currency,
    ],
  );
  // An intent may become known later than the grant.
  await tx.query(
    `insert into holdfast.payment_source (intent_id, object_id) select i, $1 from unnest($2::text[]) i
      where exists (select from holdfast.payment_grant where object_id = $1) on conflict do nothing`,
    [grant.objectId, grant.intents],
  );
  return rowCount === 1;
}

export interface Grant {
  readonly objectId: string;
  readonly orderId: string;
  readonly personId: string;
  readonly livemode: boolean;
  readonly credits: bigint;
  readonly paid: bigint;
  readonly currency: string;
  readonly intents: readonly string[];
}

export async function findGrant(
  db: Db,
  by: { objectId: string } | { intent: string },
): Promise<Grant | null> {
  const { rows } = await db.query<{
    object_id: string;
    order_id: string;
    person_id: string;
    livemode: boolean;
    credits: bigint;
    paid: bigint;
    currency: string;
    intents: string[];
  }>(
    `select g.object_id, g.order_id, g.person_id, g.livemode, g.credits + g.bonus_credits as credits, g.paid, g.currency,
            array(select intent_id from holdfast.payment_source s where s.object_id = g.object_id) as intents
       from holdfast.payment_grant g
      where ${
        'objectId' in by
          ? 'g.object_id = $1'
          : 'g.object_id = (select object_id from holdfast.payment_source where intent_id = $1)'
      }`,
    ['objectId' in by ? by.objectId : by.intent],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    objectId: row.object_id,
    orderId: row.order_id,
    personId: row.person_id,
    livemode: row.livemode,
    credits: row.credits,
    paid: row.paid,
    currency: row.currency,
    intents: row.intents,
  };
}

export async function lockGrant(tx: Tx, objectId: string): Promise<void> {
  await tx.query('select from holdfast.payment_grant where object_id = $1 for update', [objectId]);
}

/** Keeps what is new about a return. @returns how it stands now, and whether anything changed */
export async function learnReturn(
  tx: Tx,
  objectId: string,
  facts: ReturnFacts,
): Promise<{ withdrawn: bigint; reinstated: bigint; changed: boolean; first: boolean }> {
  const before = await tx.query<{ withdrawn: bigint; reinstated: bigint; status: string }>(
    'select withdrawn, reinstated, status from holdfast.payment_return where id = $1',
    [facts.id],
  );
  const { rows } = await tx.query<{ withdrawn: bigint; reinstated: bigint }>(
    `insert into holdfast.payment_return as r (id, object_id, kind, status, amount, withdrawn, reinstated)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update
        set status = excluded.status, amount = excluded.amount, withdrawn = greatest(r.withdrawn, excluded.withdrawn),
            reinstated = greatest(r.reinstated, excluded.reinstated), updated_at = holdfast.clock()
     returning withdrawn, reinstated`,
    [facts.id, objectId, facts.kind, facts.status, facts.amount, facts.withdrawn, facts.reinstated],
  );
  const [after] = rows;
  if (!after) throw new Error('an upsert returned nothing');
  const [known] = before.rows;
  return {
    ...after,
    first: known === undefined,
    changed:
      known === undefined
        ? after.withdrawn > 0n
        : known.withdrawn !== after.withdrawn || known.reinstated !== after.reinstated,
  };
}

export async function personOfCustomer(db: Db, customer: string): Promise<string | null> {
  const { rows } = await db.query<{ person_id: string }>(
    'select person_id from holdfast.stripe_customer where customer_id = $1',
    [customer],
  );
  return rows[0]?.person_id ?? null;
}

export async function customerOf(db: Db, personId: string, livemode: boolean): Promise<string | null> {
  const { rows } = await db.query<{ customer_id: string }>(
    'select customer_id from holdfast.stripe_customer where person_id = $1 and livemode = $2',
    [personId, livemode],
  );
  return rows[0]?.customer_id ?? null;
}

/** The person's customer from now on: this one, or the one that was noted first. */
export async function keepCustomer(
  db: Db,
  personId: string,
  livemode: boolean,
  customer: string,
): Promise<string> {
  await db.query(
    'insert into holdfast.stripe_customer (person_id, livemode, customer_id) values ($1, $2, $3) on conflict do nothing',
    [personId, livemode, customer],
  );
  return (await customerOf(db, personId, livemode)) ?? customer;
}

export async function personExists(db: Db, personId: string): Promise<boolean> {
  const { rowCount } = await db.query('select from holdfast.person where id = $1', [personId]);
  return rowCount === 1;
}

/** The number under which a read of a subscription begins. */
export async function nextRead(db: Db): Promise<bigint> {
  const { rows } = await db.query<{ n: bigint }>(`select nextval('holdfast.subscription_read') as n`);
  return rows[0]?.n ?? 0n;
}

/** Keeps what was read, unless a later read is kept already. */
export async function saveSubscription(
  tx: Tx,
  read: { no: bigint; personId: string; offerId: string; facts: SubscriptionFacts },
): Promise<boolean> {
  const { facts } = read;
  const { rowCount } = await tx.query(
    `insert into holdfast.subscription as s
       (id, person_id, livemode, customer_id, price_id, offer_id, status, period_start, period_end, cancel_at_period_end, paused, started_at, ended_at, read_no)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     on conflict (id) do update
        set price_id = excluded.price_id, offer_id = excluded.offer_id, status = excluded.status, period_start = excluded.period_start,
            period_end = excluded.period_end, cancel_at_period_end = excluded.cancel_at_period_end, paused = excluded.paused,
            ended_at = excluded.ended_at, read_no = excluded.read_no, read_at = holdfast.clock()
      where s.read_no < excluded.read_no`,
    [
      facts.id,
      read.personId,
      facts.livemode,
      facts.customer,
      facts.price,
      read.offerId,
      facts.status,
      facts.periodStart,
      facts.periodEnd,
      facts.cancelAtPeriodEnd,
      facts.paused,
      facts.startedAt,
      facts.endedAt,
      read.no,
    ],
  );
  return rowCount === 1;
}

export async function notePaidPlan(
  tx: Tx,
  paid: { subscription: string; offerId: string; until: Date; invoiceAt: Date },
): Promise<void> {
  await tx.query(
    `update holdfast.subscription set paid_offer_id = $2, paid_until = $3, paid_invoice_at = $4
      where id = $1 and (paid_invoice_at is null or paid_invoice_at <= $4)`,
    [paid.subscription, paid.offerId, paid.until, paid.invoiceAt],
  );
}

export interface SubscriptionRow {
  readonly id: string;
  readonly personId: string;
  readonly livemode: boolean;
  readonly customerId: string;
  readonly offerId: string;
  readonly productId: string;
  readonly productName: string;
  readonly tier: string;
  readonly tierPriority: number;
  readonly status: string;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  readonly cancelAtPeriodEnd: boolean;
  readonly paused: boolean;
  readonly paidOfferId: string | null;
  readonly paidUntil: Date | null;
  readonly paidTier: string | null;
  readonly paidTierPriority: number | null;
}

/** A person's subscriptions in one mode, the newest first. */
export async function subscriptionsOf(
  db: Db,
  personId: string,
  livemode: boolean,
): Promise<SubscriptionRow[]> {
  const { rows } = await db.query<SubscriptionRow>(
    `select s.id, s.person_id as "personId", s.livemode, s.customer_id as "customerId", s.offer_id as "offerId", p.id as "productId",
            p.name as "productName", p.tier, t.priority as "tierPriority", s.status, s.period_start as "periodStart", s.period_end as "periodEnd",
            s.cancel_at_period_end as "cancelAtPeriodEnd", s.paused, s.paid_offer_id as "paidOfferId", s.paid_until as "paidUntil",
            pp.tier as "paidTier", pt.priority as "paidTierPriority"
       from holdfast.subscription s
       join holdfast.offer o on o.id = s.offer_id join holdfast.product p on p.id = o.product_id join holdfast.tier t on t.id = p.tier
       left join holdfast.offer po on po.id = s.paid_offer_id left join holdfast.product pp on pp.id = po.product_id
       left join holdfast.tier pt on pt.id = pp.tier
      where s.person_id = $1 and s.livemode = $2 order by s.started_at desc, s.id desc`,
    [personId, livemode],
  );
  return rows;
}

export async function setTier(tx: Tx, personId: string, tier: string): Promise<boolean> {
  const { rowCount } = await tx.query('update holdfast.person set tier = $2 where id = $1 and tier <> $2', [
    personId,
    tier,
  ]);
  return rowCount === 1;
}

/** To be sent by a worker; once per key. */
export async function addMail(
  tx: Db,
  mail: { key: string; personId: string; template: string; facts: Record<string, unknown> },
): Promise<void> {
  await tx.query(
    'insert into holdfast.payment_mail (key, person_id, template, facts) values ($1, $2, $3, $4) on conflict do nothing',
    [mail.key, mail.personId, mail.template, JSON.stringify(mail.facts)],
  );
}

export async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>('select holdfast.clock() as now');
  return rows[0]?.now ?? new Date();
}
