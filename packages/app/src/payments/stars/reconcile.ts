import type { StarsDeps } from './deps.ts';
import { takeBack } from './refund.ts';
import { settleStarPayment } from './settle.ts';

export interface StarsFindings {
  /** Paid, and not granted until now; in a dry run, not granted yet. */
  readonly healed: readonly string[];
  /** Given back, and not taken from the ledger until now; in a dry run, not taken yet. */
  readonly takenBack: readonly string[];
  /** Here, and not in Telegram's list: an operator's to look at. */
  readonly unknownToTelegram: readonly string[];
  /** In Telegram's list, by somebody who is not known here. */
  readonly strangers: readonly string[];
  readonly seen: number;
}

const page_size = 100;
const most_pages = 1_000;

/** Compares Telegram's list of transactions with what was granted, both ways; what was missed is done now, unless it is a dry run. */
export async function reconcileStars(
  deps: StarsDeps,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<StarsFindings> {
  const healed: string[] = [];
  const takenBack: string[] = [];
  const strangers: string[] = [];
  const seen = new Set<string>();
  for (let page = 0; page < most_pages; page += 1) {
    const { transactions } = await deps.api.getStarTransactions({
      offset: page * page_size,
      limit: page_size,
    });
    for (const each of transactions) {
      const partner = each.source ?? each.receiver;
      if (partner?.type !== 'user' || partner.transaction_type !== 'invoice_payment') continue;
      seen.add(each.id);
      if (each.source !== undefined) {
        const paid = {
          chargeId: each.id,
          telegramId: partner.user.id,
          payload: partner.invoice_payload ?? '',
          stars: each.amount,
          paidAt: new Date(each.date * 1000),
        };
        const settled = dryRun ? await wouldSettle(deps, paid) : await settleStarPayment(deps, paid);
        if (settled === null) strangers.push(each.id);
        else if (!settled.replayed) healed.push(each.id);
      } else if (await isToBeTaken(deps, each.id)) {
        if (!dryRun) await takeBack(deps, each.id);
        takenBack.push(each.id);
      }
    }
    if (transactions.length < page_size) break;
  }
  const { rows } = await deps.db.query<{ charge_id: string }>(
    `with known as (
       update holdfast.star_payment set seen_at = holdfast.clock() where charge_id = any($1)
     )
     select charge_id from holdfast.star_payment
      where charge_id <> all($1) and created_at < holdfast.clock() - interval '10 minutes' limit 1000`,
    [[...seen]],
  );
  return {
    healed,
    takenBack,
    strangers,
    unknownToTelegram: rows.map((row) => row.charge_id),
    seen: seen.size,
  };
}

async function wouldSettle(
  deps: StarsDeps,
  paid: { chargeId: string; telegramId: number; payload: string },
): Promise<{ replayed: boolean } | null> {
  const { rows } = await deps.db.query<{ known: boolean; anybody: boolean }>(
    `select exists (select from holdfast.star_payment where charge_id = $1) as known,
            exists (select from holdfast.telegram_account where telegram_id = $2)
              or exists (select from holdfast.star_order where id = $3) as anybody`,
    [paid.chargeId, paid.telegramId, paid.payload],
  );
  if (rows[0]?.known === true) return { replayed: true };
  return rows[0]?.anybody === true ? { replayed: false } : null;
}

async function isToBeTaken(deps: StarsDeps, chargeId: string): Promise<boolean> {
  const { rows } = await deps.db.query(
    'select from holdfast.star_payment where charge_id = $1 and refunded_at is null',
    [chargeId],
  );
  return rows.length === 1;
}
