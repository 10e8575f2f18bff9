import type { Db } from '../platform/database.ts';
import type { Money } from './facts.ts';

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
  readonly amountDiscount: bigint;
  readonly amountTax: bigint;
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
  amount_discount: bigint;
  amount_tax: bigint;
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
  select o.id, o.person_id, o.kind, o.offer_id, o.livemode, o.object_id, o.subscription_id, o.state, o.currency, o.amount_discount, o.amount_tax, o.amount_total, o.checkout_url,
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
    amountDiscount: row.amount_discount,
    amountTax: row.amount_tax,
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

/** Its page has done its part, and the bank has not: there is nothing more to do for the person. */
export async function noteCompleted(db: Db, objectId: string): Promise<void> {
  await db.query(
    `update holdfast.payment_order set checkout_url = null where object_id = $1 and state = 'pending' and checkout_url is not null`,
    [objectId],
  );
}

/** Closes what will not be paid. What was paid stays so. @returns whether it was open */
export async function closeOrder(db: Db, objectId: string, state: 'failed' | 'expired'): Promise<boolean> {
  const { rowCount } = await db.query(
    `update holdfast.payment_order set state = $2, closed_at = holdfast.clock(), checkout_url = null where object_id = $1 and state = 'pending'`,
    [objectId, state],
  );
  return rowCount === 1;
}
