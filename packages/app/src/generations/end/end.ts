import { refundCharge } from '../../credits/charges.ts';
import { releaseHold } from '../../credits/holds.ts';
import { planDeliveries } from '../../delivery/plan.ts';
import { inTransaction } from '../../platform/database.ts';
import type { Tx } from '../../platform/database.ts';
import type { ErrorClass } from '../../providers/port.ts';
import type { GenerationDeps } from '../deps.ts';
import { same_claim } from '../steps/fence.ts';
import { failpoint } from '../failpoint.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';

export interface Ending {
  readonly state: 'failed' | 'cancelled';
  readonly code: string;
  readonly errorClass: ErrorClass;
  /** For the operator. */
  readonly detail: string;
  /** Whether the provider may have taken money for it: not where it said itself that it made nothing. */
  readonly mayHaveCost: boolean;
  /** How much that was, where its provider said so. */
  readonly costUsd?: number | null;
}

class ClaimLost extends Error {}

/**
 * Ends a generation without a result: its state and the release of its hold (or the refund of its charge) are one transaction, guarded by the state and claim that the
 * caller saw. Where a paid provider may have taken money for it, that is noted as the operator's.
 * @returns false where somebody else had claimed or ended it: nothing was written
 */
export async function endGeneration(
  deps: GenerationDeps,
  row: GenerationRow,
  ending: Ending,
): Promise<boolean> {
  try {
    await inTransaction(deps.db, (tx) => writeEnding(deps, tx, row, ending), { idempotent: false });
  } catch (error) {
    if (error instanceof ClaimLost) return false;
    throw error;
  }
  failpoint('end.committed');
  deps.log.info(
    {
      generation: row.id,
      person: row.person_id,
      state: ending.state,
      code: ending.code,
      class: ending.errorClass,
      detail: ending.detail,
      from: row.state,
    },
    `generation ${ending.state}`,
  );
  deps.metrics.finished({
    model: row.model_id,
    status: ending.state,
    seconds: (Date.now() - row.created_at.getTime()) / 1000,
  });
  return true;
}

async function writeEnding(deps: GenerationDeps, tx: Tx, row: GenerationRow, ending: Ending): Promise<void> {
  const failed = ending.state === 'failed';
  const { rowCount } = await tx.query({
    name: 'end_generation',
    text: `update holdfast.generation
              set state = $4, claim = claim + 1, claimed_until = null, due_at = null, finished_at = holdfast.clock(),
                  bound_to = null, bound_machine = null, bound_until = null,
                  captured = case policy when 'prepaid' then captured else 0 end, released = held,
                  refunded = coalesce(captured, 0), error_code = $5, error_class = $6, error_detail = $7,
                  timeline = timeline || jsonb_build_array(jsonb_build_object('status', $4::text, 'at', holdfast.clock()))
            where id = $1 and ${same_claim} and state = $3`,
    values: [
      row.id,
      row.claim,
      row.state,
      ending.state,
      failed ? ending.code : null,
      failed ? ending.errorClass : null,
      ending.detail.slice(0, 4_000),
    ],
  });
  if (rowCount !== 1) throw new ClaimLost();
  await planDeliveries(tx, { generationId: row.id, personId: row.person_id, event: ending.state });
  const attempt = await endAttempt(tx, row.id, ending);
  await noteOrphanCost(deps, tx, row, attempt, ending);
  await giveBack(deps, tx, row, ending);
  failpoint('end.released');
}

async function giveBack(deps: GenerationDeps, tx: Tx, row: GenerationRow, ending: Ending): Promise<void> {
  if (row.hold_id === null) return;
  const about = { personId: row.person_id, generationId: row.id, fault: faultOf(ending) };
  if (row.policy === 'prepaid') {
    await refundCharge(deps.credits, tx, { ...about, charge: row.hold_id, amount: row.quoted });
    return;
  }
  const released = await releaseHold(deps.credits, tx, {
    ...about,
    hold: row.hold_id,
  });
  if (!released.ok && released.captured > 0n) {
    deps.log.error(
      { generation: row.id, captured: released.captured.toString() },
      'a generation without a result has a captured hold',
    );
    throw new Error(`${row.id} ends without a result, and its hold was captured`);
  }
}

type EndedAttempt = Pick<AttemptRow, 'id' | 'provider_id' | 'task_id' | 'state'>;

/** The attempt that was alive ends with it. Gives it as it was before. */
async function endAttempt(tx: Tx, generationId: string, ending: Ending): Promise<EndedAttempt | null> {
  const { rows } = await tx.query<EndedAttempt>({
    name: 'end_attempt',
    text: `update holdfast.attempt a
              set state = 'failed', ended_at = holdfast.clock(),
                  error_code = $2, error_class = $3, error_detail = $4, cost_usd = coalesce($5, a.cost_usd)
             from holdfast.attempt as before
            where a.generation_id = $1 and a.ended_at is null and before.id = a.id
        returning a.id, a.provider_id, a.task_id, before.state`,
    values: [
      generationId,
      ending.code,
      ending.errorClass,
      ending.detail.slice(0, 4_000),
      ending.costUsd ?? null,
    ],
  });
  return rows[0] ?? null;
}

async function noteOrphanCost(
  deps: GenerationDeps,
  tx: Tx,
  row: GenerationRow,
  attempt: EndedAttempt | null,
  ending: Ending,
): Promise<void> {
  if (attempt === null || !ending.mayHaveCost) return;
  const free = deps.providers.has(row.provider_id) && !deps.providers.get(row.provider_id).capabilities.paid;
  if (free) return;
  await tx.query(
    `insert into holdfast.orphan_cost (attempt_id, generation_id, provider_id, task_id, reason, cost_usd)
     select id, generation_id, provider_id, task_id, $2, cost_usd from holdfast.attempt where id = $1
     on conflict (attempt_id) do nothing`,
    [attempt.id, `${ending.code}: the attempt was ${attempt.state}`],
  );
}

/** Whose fault it is decides what becomes of credit whose lot has expired meanwhile. */
function faultOf(ending: Ending): 'customer' | 'ours' | 'provider' {
  switch (ending.errorClass) {
    case 'USER_INPUT':
    case 'USER_POLICY':
    case 'CANCELLED':
      return 'customer';
    case 'TRANSIENT':
    case 'SYSTEM':
    case 'UNKNOWN':
      return 'provider';
    case 'OPERATOR_BALANCE':
    case 'OPERATOR_AUTH':
    case 'OPERATOR_CONFIG':
      return 'ours';
    default:
      throw new Error(`unknown class of error ${String(ending.errorClass satisfies never)}`);
  }
}
