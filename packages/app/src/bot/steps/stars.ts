import type { SuccessfulPayment } from 'grammy/types';
import { readBalance } from '../../credits/queries.ts';
import { listStarPacks, openStarOrder } from '../../payments/stars/sell.ts';
import { settleStarPayment } from '../../payments/stars/settle.ts';
import { problemOf } from '../../delivery/telegram/errors.ts';
import { NotFoundError } from '../../platform/errors.ts';
import type { Turn } from '../turn.ts';

export async function buy(turn: Turn): Promise<void> {
  const { words } = turn;
  const packs = await listStarPacks(turn.deps.db);
  if (packs.length === 0) {
    await turn.say(words.noPacks);
    return;
  }
  await turn.say(
    words.packs,
    packs.map((pack) => [{ text: words.pack(pack.credits, pack.stars), callback_data: `pack:${pack.id}` }]),
  );
}

export async function packChosen(turn: Turn, packId: string): Promise<void> {
  const { words, deps } = turn;
  try {
    const order = await openStarOrder(deps.db, { personId: turn.person.personId, packId });
    const label = words.packTitle(order.credits);
    await deps.api.sendInvoice(
      turn.chatId,
      label.slice(0, 32),
      words.packDescription(order.credits).slice(0, 255),
      order.orderId,
      'XTR',
      [{ label, amount: order.stars }],
    );
  } catch (error) {
    if (error instanceof NotFoundError) {
      await turn.say(words.notSold);
      return;
    }
    // An invoice more or less costs nobody anything: it can be asked for again.
    deps.log.warn({ problem: problemOf(error), person: turn.person.personId }, 'an invoice was not sent');
    await turn.say(words.somethingBroke);
  }
}

/** The Stars have arrived: credits are granted once per charge, whatever happens to the words about it. */
export async function starsPaid(turn: Turn, payment: SuccessfulPayment, date: number): Promise<void> {
  const { words, deps } = turn;
  const settled = await settleStarPayment(deps.stars, {
    chargeId: payment.telegram_payment_charge_id,
    telegramId: Number(turn.person.telegramId),
    payload: payment.invoice_payload,
    stars: payment.total_amount,
    paidAt: new Date(date * 1000),
  });
  if (settled === null || settled.credits === 0n) {
    await deps.alarm({
      reason: 'stars_unknown',
      detail: `the charge ${payment.telegram_payment_charge_id} of ${payment.total_amount} Stars named nothing that is sold here`,
    });
    await turn.say(words.paySupport(deps.settings.supportContact));
    return;
  }
  const { available } = await readBalance(deps.credits, turn.person.personId);
  await turn.say(words.paid(settled.credits, available));
}
