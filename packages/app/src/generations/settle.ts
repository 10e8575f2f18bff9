import { captureHold } from '../credits/holds.ts';
import { chargeFor } from '../credits/rules.ts';
import type { StoredOutput } from '../delivery/store-output.ts';
import { inTransaction } from '../platform/database.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { GenerationDeps } from './deps.ts';
import { endGeneration } from './end.ts';
import { failpoint } from './failpoint.ts';
import type { AttemptRow, GenerationRow } from './rows.ts';

class ClaimLost extends Error {}
class HoldEnded extends Error {}

/**
 * Hands over and charges, in one transaction: the files' rows, `succeeded`, the capture of what was really delivered (measured in
 * the file, never more than the quote) and the release of the rest. A hold that has ended is never charged: then it fails instead.
 */
export async function settle(
  deps: GenerationDeps,
  row: GenerationRow,
  attempt: AttemptRow,
  outputs: readonly StoredOutput[],
): Promise<'settled' | 'failed' | 'lost'> {
  const delivered = deliveredThousandths(row, outputs);
  const charge = chargeFor(
    {
      version: row.price_version,
      unit: row.unit,
      creditsPerUnit: row.credits_per_unit,
      policy: row.policy,
    },
    delivered,
    row.quoted,
  );
  try {
    await inTransaction(deps.db, (tx) => writeSettlement(deps, tx, row, attempt, outputs, delivered, charge));
  } catch (error) {
    if (error instanceof ClaimLost) return 'lost';
    if (!(error instanceof HoldEnded)) throw error;
    const done = await endGeneration(deps, row, {
      state: 'failed',
      code: 'hold_ended',
      errorClass: 'SYSTEM',
      detail: error.message,
      mayHaveCost: true,
    });
    return done ? 'failed' : 'lost';
  }
  failpoint('settle.committed');
  deps.log.info(
    {
      generation: row.id,
      person: row.person_id,
      attempt: attempt.id,
      quoted: row.quoted.toString(),
      captured: charge.toString(),
      released: (row.held - charge).toString(),
      delivered_units: delivered / 1000,
    },
    'generation succeeded',
  );
  deps.metrics.finished({
    model: row.model_id,
    status: 'succeeded',
    seconds: (Date.now() - row.created_at.getTime()) / 1000,
  });
  return 'settled';
}

/** What was delivered, in thousandths of the price's unit: milliseconds as measured in the files, or pieces. */
export function deliveredThousandths(
  row: Pick<GenerationRow, 'unit'>,
  outputs: readonly { durationMs: number | null }[],
): number {
  return row.unit === 'second'
    ? outputs.reduce((sum, output) => sum + (output.durationMs ?? 0), 0)
    : outputs.length * 1000;
}

async function writeSettlement(
  deps: GenerationDeps,
  tx: Tx,
  row: GenerationRow,
  attempt: AttemptRow,
  outputs: readonly StoredOutput[],
  delivered: number,
  charge: bigint,
): Promise<void> {
  const { rowCount } = await tx.query({
    name: 'succeed_generation',
    text: `update holdfast.generation
              set state = 'succeeded', claimed_until = null, due_at = null, finished_at = holdfast.clock(),
                  bound_to = null, bound_machine = null, bound_until = null, progress = 1,
                  captured = $3, released = held - $3, delivered_units = $4,
                  timeline = timeline || jsonb_build_array(jsonb_build_object('status', 'succeeded', 'at', holdfast.clock()))
            where id = $1 and claim = $2 and state = 'ingesting'`,
    values: [row.id, row.claim, charge, delivered / 1000],
  });
  if (rowCount !== 1) throw new ClaimLost();
  await tx.query({
    name: 'succeed_attempt',
    text: `update holdfast.attempt set state = 'succeeded', ended_at = holdfast.clock() where id = $1 and ended_at is null`,
    values: [attempt.id],
  });
  for (const [index, output] of outputs.entries()) await insertAsset(tx, row, index, output);
  if (row.hold_id === null) throw new Error(`${row.id} has no hold`);
  const settled = await captureHold(deps.credits, tx, {
    personId: row.person_id,
    generationId: row.id,
    hold: row.hold_id,
    amount: charge,
  });
  if (!settled.ok) throw new HoldEnded(`its hold was ${settled.state} before it could be charged`);
  if (settled.captured !== charge || settled.captured + settled.released !== row.held) {
    throw new Error(`${row.id}: the ledger captured ${settled.captured} and released ${settled.released}`);
  }
  failpoint('settle.captured');
}

async function insertAsset(tx: Tx, row: GenerationRow, output: number, file: StoredOutput): Promise<void> {
  await tx.query({
    name: 'insert_asset',
    text: `insert into holdfast.asset
             (id, person_id, generation_id, output, kind, sha256, content_type, bytes, width, height, duration_ms,
              poster_sha256, poster_content_type, poster_bytes)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    values: [
      newId('ast'),
      row.person_id,
      row.id,
      output,
      row.kind,
      file.sha256,
      file.contentType,
      file.bytes,
      file.width,
      file.height,
      file.durationMs,
      file.poster?.sha256 ?? null,
      file.poster?.contentType ?? null,
      file.poster?.bytes ?? null,
    ],
  });
}
