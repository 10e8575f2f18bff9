import { applyCatalogue } from '../payments/catalogue-file.ts';
import type { CatalogueChange, CatalogueFile } from '../payments/catalogue-file.ts';
import type { PaymentDeps } from '../payments/deps.ts';
import { readEvent } from '../payments/event-log.ts';
import { replayEvent } from '../payments/handle-events.ts';
import { iPaidBut } from '../payments/i-paid.ts';
import type { PaidAnswer } from '../payments/i-paid.ts';
import { reconcile } from '../payments/reconcile.ts';
import type { Reconciliation } from '../payments/reconcile.ts';
import { inLog } from './operator-log.ts';
import type { ByHand } from './operator-log.ts';

/** What an operator can do about payments. Each is noted before and after, and none does anything the second time. */

/** Handles an event again from what was kept. @throws NotFoundError `event` */
export function replayByHand(
  payments: PaymentDeps,
  by: ByHand,
  event: string,
): Promise<{ state: string; result: string | null }> {
  return inLog(
    payments.db,
    by,
    { action: 'replay_event', subject: event },
    {
      standing: async () => {
        const { state, result, attempts } = await readEvent(payments.db, event);
        return { state, result, attempts };
      },
      doing: () => replayEvent(payments, event),
      told: ({ state, result }) => ({ outcome: state, detail: result ?? '' }),
    },
  );
}

/** Compares Stripe's books with ours and repairs what differs, for everybody or for one person. */
export function repairByHand(
  payments: PaymentDeps,
  by: ByHand,
  wanted: { readonly days: number; readonly personId?: string },
): Promise<Reconciliation> {
  return inLog(
    payments.db,
    by,
    {
      action: 'repair_payments',
      subject: wanted.personId ?? 'everybody',
      asked: { days: wanted.days },
    },
    {
      standing: () => grants(payments, wanted.personId),
      doing: () => reconcile(payments, { ...wanted, dryRun: false, reason: 'operator' }),
      told: ({ id, findings, repaired }) => ({
        outcome: repaired === 0 ? 'nothing_to_do' : 'done',
        detail: `${id}: ${repaired} of ${findings.length} repaired. ${findings.map((each) => `${each.kind} ${each.id}`).join(', ')}`,
      }),
    },
  );
}

/** "I paid but have no credits", asked by an operator for somebody. */
export function checkByHand(payments: PaymentDeps, by: ByHand, personId: string): Promise<PaidAnswer> {
  return inLog(
    payments.db,
    by,
    { action: 'repair_payments', subject: personId },
    {
      standing: () => grants(payments, personId),
      doing: () => iPaidBut(payments, personId),
      told: ({ outcome, says }) => ({
        outcome: outcome === 'repaired' ? 'done' : 'nothing_to_do',
        detail: says,
      }),
    },
  );
}

/** Makes the packs and plans what a file says. @throws InvalidInputError `catalogue_invalid` */
export function setCatalogueByHand(
  payments: PaymentDeps,
  by: ByHand,
  file: CatalogueFile,
): Promise<CatalogueChange[]> {
  return inLog(
    payments.db,
    by,
    { action: 'set_catalogue', subject: 'catalogue', asked: file },
    {
      standing: () => offered(payments),
      doing: () => applyCatalogue(payments.db, file, { operator: true }),
    },
  );
}

async function grants(payments: PaymentDeps, personId: string | undefined): Promise<object> {
  const { rows } = await payments.db.query<{ grants: bigint; credits: string }>(
    `select count(*) as grants, coalesce(sum(credits + bonus_credits), 0)::text as credits
       from holdfast.payment_grant where $1::text is null or person_id = $1`,
    [personId ?? null],
  );
  return rows[0] ?? {};
}

async function offered(payments: PaymentDeps): Promise<readonly string[]> {
  const { rows } = await payments.db.query<{ offer: string }>(
    `select distinct on (p.id) o.id as offer from holdfast.product p join holdfast.offer o on o.product_id = p.id
      where p.offered order by p.id, o.version desc`,
  );
  return rows.map(({ offer }) => offer);
}
