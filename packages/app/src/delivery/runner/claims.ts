import type { Database, Tx } from '../../platform/database.ts';
import type { Next, Sent } from '../rules.ts';
import type { DeliveryRow } from './rows.ts';

/** A delivery that nobody renews for this long is taken over. */
export const claimSeconds = 20;
export const claimRenewalSeconds = 6;

/** Takes what is due, oldest first, raising its claim. Where it was being sent when its worker died, it still says `sending`. */
export async function claimDue(
  db: Database,
  asked: { limit: number; channels: readonly string[] },
): Promise<DeliveryRow[]> {
  const { rows } = await db.query<DeliveryRow>({
    name: 'claim_deliveries',
    text: `update holdfast.delivery d
              set claim = d.claim + 1, claimed_until = holdfast.clock() + make_interval(secs => $3),
                  due_at = holdfast.clock() + make_interval(secs => $3)
            where d.id in (
              select id from holdfast.delivery
               where due_at <= holdfast.clock() and channel = any($2)
               order by due_at limit $1 for update skip locked)
           returning d.*`,
    values: [asked.limit, asked.channels, claimSeconds],
  });
  return rows;
}

export async function renewClaim(db: Database, row: DeliveryRow): Promise<boolean> {
  const { rowCount } = await db.query(
    `update holdfast.delivery
        set claimed_until = holdfast.clock() + make_interval(secs => $3), due_at = holdfast.clock() + make_interval(secs => $3)
      where id = $1 and claim = $2 and due_at is not null`,
    [row.id, row.claim, claimSeconds],
  );
  return rowCount === 1;
}

/** The marker: committed before anything leaves that could arrive. @returns the attempt's number; null where the claim was lost */
export async function markSending(db: Database, row: DeliveryRow, way: string): Promise<number | null> {
  const { rows } = await db.query<{ number: number }>(
    `with marked as (
       update holdfast.delivery set state = 'sending', attempts = attempts + 1
        where id = $1 and claim = $2 and state = 'pending'
       returning id, attempts
     )
     insert into holdfast.delivery_attempt (delivery_id, number, way)
     select id, attempts, $3 from marked
     returning number`,
    [row.id, row.claim, way],
  );
  return rows[0]?.number ?? null;
}

/** Writes what a send came to. @returns false where somebody else had taken it over: nothing was written */
export async function writeEnd(tx: Tx, row: DeliveryRow, sent: Sent, next: Next): Promise<boolean> {
  const pending = next.state === 'pending';
  const { rowCount } = await tx.query(
    `update holdfast.delivery
        set state = $3, claimed_until = null, reason = $4, detail = left($5, 2000),
            due_at = case when $3 = 'pending' then holdfast.clock() + make_interval(secs => $6) end,
            finished_at = case when $3 = 'pending' then null else holdfast.clock() end,
            refusals = coalesce($7, refusals), facts = facts || $8::jsonb
      where id = $1 and claim = $2 and due_at is not null`,
    [
      row.id,
      row.claim,
      next.state,
      next.state === 'delivered' ? null : next.reason,
      next.state === 'delivered' ? null : next.detail,
      pending ? next.afterSeconds : 0,
      pending ? next.refusals : next.state === 'refused' && next.proven ? row.refusals + 1 : null,
      JSON.stringify(next.state === 'delivered' ? next.facts : {}),
    ],
  );
  if (rowCount !== 1) return false;
  await tx.query(
    `update holdfast.delivery_attempt
        set ended_at = holdfast.clock(), outcome = $2, reason = $3, detail = left($4, 2000), http_status = $5
      where delivery_id = $1 and ended_at is null`,
    [
      row.id,
      sent.kind === 'gone' ? 'refused' : sent.kind,
      sent.kind === 'delivered' ? null : sent.reason,
      sent.kind === 'delivered' ? null : sent.detail,
      'httpStatus' in sent ? (sent.httpStatus ?? null) : null,
    ],
  );
  return true;
}
