import type { PaymentDeps } from './deps.ts';
import { listOrders } from './order-queries.ts';
import type { Order } from './order-queries.ts';
import { reconcile } from './reconcile.ts';

export interface PaidAnswer {
  readonly outcome: 'repaired' | 'pending' | 'nothing_missing';
  /** What was granted just now. */
  readonly credits: bigint;
  /** A sentence for the person. */
  readonly says: string;
  readonly orders: readonly Order[];
}

const look_back_days = 90;

/** "I paid but have no credits": compares this person's payments with their credits, repairs what is missing, and says what was found. */
export async function iPaidBut(deps: PaymentDeps, personId: string): Promise<PaidAnswer> {
  const before = await grantedTo(deps, personId);
  const found = await reconcile(deps, { personId, dryRun: false, days: look_back_days, reason: 'person' });
  const credits = (await grantedTo(deps, personId)) - before;
  const orders = await listOrders(deps.db, { personId, limit: 5 });
  const stuck = found.findings.filter((each) => !each.repaired);
  if (credits > 0n) {
    return {
      outcome: 'repaired',
      credits,
      says: `We found a payment whose credits had not arrived, and added ${credits} credits just now. We are sorry for the wait.`,
      orders,
    };
  }
  const pending = orders.some(({ state }) => state === 'pending');
  if (stuck.length > 0) {
    return {
      outcome: 'pending',
      credits,
      says: 'We found a payment that we could not match yet. An operator has been told; nothing is lost.',
      orders,
    };
  }
  return pending
    ? {
        outcome: 'pending',
        credits,
        says: 'Your payment has not been confirmed yet. A card is confirmed in seconds, a bank debit in days; the credits come by themselves.',
        orders,
      }
    : {
        outcome: 'nothing_missing',
        credits,
        says: 'Every payment we know of has its credits: each is listed below. If you were charged for something that is not listed, write to us with its date and amount.',
        orders,
      };
}

async function grantedTo(deps: PaymentDeps, personId: string): Promise<bigint> {
  const { rows } = await deps.db.query<{ sum: string }>(
    'select coalesce(sum(credits + bonus_credits), 0)::text as sum from holdfast.payment_grant where person_id = $1',
    [personId],
  );
  return BigInt(rows[0]?.sum ?? '0');
}
