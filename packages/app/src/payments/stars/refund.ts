import { GrammyError } from 'grammy';
import { inTransaction } from '../../platform/database.ts';
import { HoldfastError, NotFoundError } from '../../platform/errors.ts';
import type { StarsDeps } from './deps.ts';
import { paymentOf } from './settle.ts';

/**
 * Gives the Stars of one charge back through Telegram, then takes the credits that it bought. Safe to repeat wherever it broke off: Telegram says
 * when a charge has been refunded, and the ledger aims at a sum. @throws NotFoundError `payment`, HoldfastError `stars_refund_refused` in Telegram's
 * words; HttpError where nobody knows whether Telegram did it: asked again, it is finished
 */
export async function refundStars(
  deps: StarsDeps,
  refund: { chargeId: string; reason: string },
): Promise<TakenBack> {
  const { rows } = await deps.db.query<{ telegram_id: bigint }>(
    `update holdfast.star_payment
        set refund_asked_at = coalesce(refund_asked_at, holdfast.clock()), refund_reason = coalesce(refund_reason, $2)
      where charge_id = $1 returning telegram_id`,
    [refund.chargeId, refund.reason],
  );
  const payment = rows[0];
  if (!payment) throw new NotFoundError('payment');
  try {
    await deps.api.refundStarPayment(Number(payment.telegram_id), refund.chargeId);
  } catch (error) {
    if (!(error instanceof GrammyError)) throw error;
    if (!/ALREADY_REFUNDED/.test(error.description)) {
      throw new HoldfastError('stars_refund_refused', `Telegram refused: ${error.description}`);
    }
  }
  return takeBack(deps, refund.chargeId);
}

export interface TakenBack {
  /** That the charge had bought: taken back, what was spent of them as debt. */
  readonly credits: bigint;
  readonly stars: number;
  /** True where this had been done before. */
  readonly already: boolean;
}

/** The Stars went back: so do the credits. Once per charge. @throws NotFoundError `payment` */
export async function takeBack(deps: StarsDeps, chargeId: string): Promise<TakenBack> {
  return inTransaction(
    deps.db,
    async (tx) => {
      const { rows } = await tx.query<{
        person_id: string;
        stars: number;
        credits: bigint;
        refunded_at: Date | null;
      }>(
        'select person_id, stars, credits, refunded_at from holdfast.star_payment where charge_id = $1 for update',
        [chargeId],
      );
      const payment = rows[0];
      if (!payment) throw new NotFoundError('payment');
      const { credits, stars } = payment;
      if (payment.refunded_at !== null) return { credits, stars, already: true };
      if (payment.credits > 0n) {
        await deps.credits.ledger.on(tx).clawback({
          account: payment.person_id,
          key: `${paymentOf(chargeId)}/refund`,
          payment: paymentOf(chargeId),
          refunded: BigInt(payment.stars),
          reference: 'stars',
        });
      }
      await tx.query('update holdfast.star_payment set refunded_at = holdfast.clock() where charge_id = $1', [
        chargeId,
      ]);
      deps.log.info({ charge: chargeId, credits: payment.credits.toString() }, 'Stars were refunded');
      return { credits, stars, already: false };
    },
    { idempotent: true },
  );
}
