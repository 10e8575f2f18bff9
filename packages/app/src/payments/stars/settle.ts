import { inTransaction } from '../../platform/database.ts';
import type { Tx } from '../../platform/database.ts';
import type { StarsDeps } from './deps.ts';

/** A payment as Telegram told of it. */
export interface PaidStars {
  readonly chargeId: string;
  readonly telegramId: number;
  readonly payload: string;
  readonly stars: number;
  readonly paidAt: Date;
}

export interface SettledStars {
  readonly personId: string;
  readonly credits: bigint;
  /** True where this charge had been settled already: nothing was granted again. */
  readonly replayed: boolean;
}

/** The name under which the ledger knows a payment in Stars. */
export const paymentOf = (chargeId: string): string => `stars/${chargeId}`;

/**
 * Grants what a charge bought, once per charge, however often and from wherever it is told of. The same invoice paid again is another
 * charge, and brings credits again. A payload that is none of ours is noted and grants nothing. Null where nobody here has that Telegram
 * account.
 */
export async function settleStarPayment(deps: StarsDeps, paid: PaidStars): Promise<SettledStars | null> {
  const settled = await inTransaction(deps.db, (tx) => write(deps, tx, paid), { idempotent: true });
  if (settled === null)
    deps.log.error({ charge: paid.chargeId }, 'Stars were paid by nobody who is known here');
  else if (!settled.replayed) {
    const facts = { charge: paid.chargeId, person: settled.personId, credits: settled.credits.toString() };
    if (settled.credits === 0n) deps.log.error(facts, 'Stars were paid for nothing that is known here');
    else deps.log.info(facts, 'Stars were paid and granted');
  }
  return settled;
}

async function write(deps: StarsDeps, tx: Tx, paid: PaidStars): Promise<SettledStars | null> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 51))', [paid.chargeId]);
  const known = await tx.query<{ person_id: string; credits: bigint }>(
    'select person_id, credits from holdfast.star_payment where charge_id = $1',
    [paid.chargeId],
  );
  if (known.rows[0]) {
    return { personId: known.rows[0].person_id, credits: known.rows[0].credits, replayed: true };
  }
  const { rows } = await tx.query<{
    person_id: string;
    order_id: string | null;
    credits: bigint | null;
    lot_months: number | null;
  }>(
    `select coalesce(o.person_id, t.person_id) as person_id, o.id as order_id, o.credits, o.lot_months
       from (values (1)) as one (row)
       left join holdfast.star_order o on o.id = $1 and o.stars = $3
       left join holdfast.telegram_account t on t.telegram_id = $2`,
    [paid.payload, paid.telegramId, paid.stars],
  );
  const found = rows[0];
  if (!found?.person_id) return null;
  const credits = found.credits ?? 0n;
  await tx.query(
    `insert into holdfast.star_payment (charge_id, person_id, telegram_id, order_id, payload, stars, credits, paid_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      paid.chargeId,
      found.person_id,
      paid.telegramId,
      found.order_id,
      paid.payload.slice(0, 200),
      paid.stars,
      credits,
      paid.paidAt,
    ],
  );
  if (credits > 0n) {
    const ledger = deps.credits.ledger.on(tx);
    await ledger.openAccount({ account: found.person_id });
    await ledger.grant({
      account: found.person_id,
      key: paymentOf(paid.chargeId),
      amount: credits,
      class: 'paid',
      payment: { id: paymentOf(paid.chargeId), paid: BigInt(paid.stars) },
      reference: 'stars',
      ...(found.lot_months === null ? {} : { validFor: { months: found.lot_months } }),
    });
  }
  return { personId: found.person_id, credits, replayed: false };
}
