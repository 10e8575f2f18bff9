import type { Db, Tx } from '../platform/database.ts';
import type { SubscriptionFacts } from './facts.ts';

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

/** One change of a plan at a time. A process that dies in the middle gives way by itself. @returns whether it is this one's turn */
export async function beginChange(db: Db, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update holdfast.subscription set changing_until = holdfast.clock() + interval '2 minutes'
      where id = $1 and (changing_until is null or changing_until <= holdfast.clock())`,
    [id],
  );
  return rowCount === 1;
}

export async function endChange(db: Db, id: string): Promise<void> {
  await db.query('update holdfast.subscription set changing_until = null where id = $1', [id]);
}

/** Whether it is over for good: nothing of it can be changed, and another may be bought. */
export function hasEnded({ status }: Pick<SubscriptionRow, 'status'>): boolean {
  return status === 'canceled' || status === 'incomplete_expired';
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
