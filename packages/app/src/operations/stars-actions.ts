import type { StarsDeps } from '../payments/stars/deps.ts';
import { reconcileStars } from '../payments/stars/reconcile.ts';
import type { StarsFindings } from '../payments/stars/reconcile.ts';
import { refundStars } from '../payments/stars/refund.ts';
import type { TakenBack } from '../payments/stars/refund.ts';
import { NotFoundError } from '../platform/errors.ts';
import { inLog } from './operator-log.ts';
import type { ByHand } from './operator-log.ts';

/** What an operator can do about payments in Stars. Each is noted before and after, and none does anything the second time. */

/** Gives Stars back and takes the credits that they bought. Throws as `refundStars`. */
export function refundStarsByHand(stars: StarsDeps, by: ByHand, chargeId: string): Promise<TakenBack> {
  return inLog(
    stars.db,
    by,
    { action: 'refund_stars', subject: chargeId.slice(0, 200) },
    {
      standing: () => standing(stars, chargeId),
      doing: () => refundStars(stars, { chargeId, reason: by.reason }),
      told: ({ already, credits }) => ({
        outcome: already ? 'nothing_to_do' : 'done',
        detail: `${credits} credits`,
      }),
    },
  );
}

/** Grants what was paid and missed, takes what was given back and not taken. */
export function repairStarsByHand(stars: StarsDeps, by: ByHand): Promise<StarsFindings> {
  return inLog(
    stars.db,
    by,
    { action: 'repair_stars', subject: 'everybody' },
    {
      standing: async () => null,
      doing: () => reconcileStars(stars),
      told: ({ healed, takenBack }) => ({
        outcome: healed.length + takenBack.length === 0 ? 'nothing_to_do' : 'done',
        detail: [...healed, ...takenBack].join(', '),
      }),
    },
  );
}

export interface StarPaymentLine {
  readonly charge: string;
  readonly paid_at: Date;
  readonly stars: number;
  readonly credits: bigint;
  readonly refunded_at: Date | null;
}

/** One person's, newest first. */
export async function listStarPayments(
  stars: Pick<StarsDeps, 'db'>,
  personId: string,
): Promise<StarPaymentLine[]> {
  const { rows } = await stars.db.query<StarPaymentLine>(
    `select charge_id as charge, paid_at, stars, credits, refunded_at
       from holdfast.star_payment where person_id = $1 order by paid_at desc limit 100`,
    [personId],
  );
  return rows;
}

async function standing({ db }: StarsDeps, chargeId: string): Promise<object> {
  const { rows } = await db.query(
    'select person_id, stars, credits, refunded_at from holdfast.star_payment where charge_id = $1',
    [chargeId],
  );
  if (rows[0] === undefined) throw new NotFoundError('payment');
  return rows[0] as object;
}
