import type { Db, Tx } from '../platform/database.ts';
import type { ReturnFacts } from './facts.ts';

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
