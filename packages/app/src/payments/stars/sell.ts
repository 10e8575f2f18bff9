import type { Db } from '../../platform/database.ts';
import { NotFoundError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';

export interface StarPack {
  readonly id: string;
  readonly credits: bigint;
  readonly stars: number;
}

/** What is on sale, in the operator's order. */
export async function listStarPacks(db: Db): Promise<StarPack[]> {
  const { rows } = await db.query<StarPack>(
    'select id, credits, stars from holdfast.star_pack where offered order by position, id limit 20',
  );
  return rows;
}

/** An order for one invoice; its id is the invoice's payload. @throws NotFoundError `pack` */
export async function openStarOrder(
  db: Db,
  wanted: { personId: string; packId: string },
): Promise<StarPack & { orderId: string }> {
  const { rows } = await db.query<StarPack & { order_id: string }>(
    `insert into holdfast.star_order (id, person_id, pack_id, credits, stars, lot_months)
     select $1, $2, id, credits, stars, lot_months from holdfast.star_pack where id = $3 and offered
     returning id as order_id, pack_id as id, credits, stars`,
    [newId('sto'), wanted.personId, wanted.packId],
  );
  const row = rows[0];
  if (!row) throw new NotFoundError('pack');
  return { id: row.id, credits: row.credits, stars: row.stars, orderId: row.order_id };
}

/**
 * Whether a payment may go on, asked by Telegram within seconds: the order is this person's, and the pack is still sold at this price.
 */
export async function mayBePaid(
  db: Db,
  asked: { telegramId: number; payload: string; currency: string; stars: number },
): Promise<boolean> {
  const { rows } = await db.query<{ ok: boolean }>(
    `select p.offered and p.stars = o.stars and p.credits = o.credits and o.stars = $3 and $4 = 'XTR' as ok
       from holdfast.star_order o
       join holdfast.star_pack p on p.id = o.pack_id
       join holdfast.telegram_account t on t.person_id = o.person_id
      where o.id = $1 and t.telegram_id = $2`,
    [asked.payload, asked.telegramId, asked.stars, asked.currency],
  );
  return rows[0]?.ok === true;
}
