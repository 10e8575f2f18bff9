import type { Db } from '../platform/database.ts';
import { addMail } from './mail-queries.ts';

/** Has a mail sent to whoever was given credits by hand, with the reason; once per lot. Who has no address gets none. */
export async function tellOfGift(
  db: Db,
  gift: { personId: string; lot: string; credits: bigint; reason: string; expiresAt: Date | null },
): Promise<void> {
  await addMail(db, {
    key: `gift/${gift.personId}/${gift.lot}`,
    personId: gift.personId,
    template: 'gift',
    facts: {
      credits: gift.credits.toString(),
      reason: gift.reason,
      expires_at: gift.expiresAt?.toISOString() ?? null,
    },
  });
}
