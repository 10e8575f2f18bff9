import type { Db, Tx } from '../platform/database.ts';

export async function personOfCustomer(db: Db, customer: string): Promise<string | null> {
  const { rows } = await db.query<{ person_id: string }>(
    'select person_id from holdfast.stripe_customer where customer_id = $1',
    [customer],
  );
  return rows[0]?.person_id ?? null;
}

export async function customerOf(db: Db, personId: string, livemode: boolean): Promise<string | null> {
  const { rows } = await db.query<{ customer_id: string }>(
    'select customer_id from holdfast.stripe_customer where person_id = $1 and livemode = $2 and gone_at is null',
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

/** It was deleted at Stripe: nothing can be sold to it any more. What it paid is still its person's. */
export async function customerIsGone(db: Db, customer: string): Promise<void> {
  await db.query(
    'update holdfast.stripe_customer set gone_at = holdfast.clock() where customer_id = $1 and gone_at is null',
    [customer],
  );
}

/** How many customers of this person have been deleted at Stripe. */
export async function goneCustomers(db: Db, personId: string, livemode: boolean): Promise<number> {
  const { rows } = await db.query<{ count: bigint }>(
    'select count(*) from holdfast.stripe_customer where person_id = $1 and livemode = $2 and gone_at is not null',
    [personId, livemode],
  );
  return Number(rows[0]?.count ?? 0n);
}

export async function personExists(db: Db, personId: string): Promise<boolean> {
  const { rowCount } = await db.query('select from holdfast.person where id = $1', [personId]);
  return rowCount === 1;
}

export async function setTier(tx: Tx, personId: string, tier: string): Promise<boolean> {
  const { rowCount } = await tx.query('update holdfast.person set tier = $2 where id = $1 and tier <> $2', [
    personId,
    tier,
  ]);
  return rowCount === 1;
}
