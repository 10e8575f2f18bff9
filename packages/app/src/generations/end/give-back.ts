import { chargeToUnlock, refundUndelivered } from '../../credits/undelivered.ts';
import { FileRemovedError } from '../../delivery/open-link.ts';
import { inTransaction } from '../../platform/database.ts';
import type { Tx } from '../../platform/database.ts';
import { NotFoundError } from '../../platform/errors.ts';
import type { GenerationDeps } from '../deps.ts';
import { InsufficientCreditsError } from '../errors.ts';
import type { GenerationRow } from '../rows.ts';

class TooLittle extends Error {
  readonly amounts: { total: bigint; held: bigint; available: bigint; required: bigint };

  constructor(amounts: TooLittle['amounts']) {
    super('too little credit');
    this.amounts = amounts;
  }
}

/**
 * A file was proven not to have reached its person, through no doing of theirs: its credits go back and it is locked, inside the caller's
 * transaction. Once per generation; nothing where nothing was charged.
 */
export async function giveBack(
  deps: GenerationDeps,
  tx: Tx,
  refused: { generationId: string; deliveryId: string; reason: string },
): Promise<bigint> {
  const { rows } = await tx.query<GenerationRow & { given_back: boolean }>(
    `select g.*, exists (select from holdfast.generation_refund r where r.generation_id = g.id) as given_back
       from holdfast.generation g where g.id = $1 for update of g`,
    [refused.generationId],
  );
  const row = rows[0];
  if (!row || row.state !== 'succeeded' || row.given_back || row.hold_id === null) return 0n;
  const amount = (row.captured ?? 0n) - row.refunded;
  if (amount <= 0n) return 0n;
  await refundUndelivered(deps.credits, tx, {
    personId: row.person_id,
    generationId: row.id,
    hold: row.hold_id,
    amount,
  });
  await tx.query(
    `insert into holdfast.generation_refund (generation_id, person_id, delivery_id, amount, reason)
     values ($1, $2, $3, $4, $5)`,
    [row.id, row.person_id, refused.deliveryId, amount, refused.reason],
  );
  return amount;
}

/**
 * Pays again for what was given back, and opens the files. Once: asked again it does nothing.
 * @throws NotFoundError `generation` where there is nothing to unlock, InsufficientCreditsError, FileRemovedError where the time for which it
 * was kept is over: nobody pays for what is gone
 */
export async function unlockGeneration(
  deps: GenerationDeps,
  asked: { personId: string; generationId: string },
): Promise<void> {
  try {
    await inTransaction(deps.db, (tx) => writeUnlock(deps, tx, asked));
  } catch (error) {
    if (error instanceof TooLittle) throw new InsufficientCreditsError(error.amounts);
    throw error;
  }
}

async function writeUnlock(
  deps: GenerationDeps,
  tx: Tx,
  { personId, generationId }: { personId: string; generationId: string },
): Promise<void> {
  const { rows } = await tx.query<{ amount: bigint; unlocked_at: Date | null }>(
    `select amount, unlocked_at from holdfast.generation_refund
      where generation_id = $1 and person_id = $2 for update`,
    [generationId, personId],
  );
  const row = rows[0];
  if (!row) throw new NotFoundError('generation');
  if (row.unlocked_at !== null) return;
  // Until this is paid nothing removes them.
  const files = await tx.query(
    'select from holdfast.asset where generation_id = $1 and removed_at is null for update',
    [generationId],
  );
  if (files.rows.length === 0) throw new FileRemovedError();
  const charged = await chargeToUnlock(deps.credits, tx, { personId, generationId, amount: row.amount });
  if ('short' in charged) throw new TooLittle({ ...charged.short, required: row.amount });
  await tx.query(
    `update holdfast.generation_refund set unlocked_at = holdfast.clock(), unlock_charge = $2 where generation_id = $1`,
    [generationId, charged.charge],
  );
}
