import { chargeDelivered, lockStarts, refundCharge } from '../../credits/charges.ts';
import { chargesFor } from '../../credits/rules.ts';
import { deliveryIds, planDeliveries } from '../../delivery/plan.ts';
import type { StoredOutput } from '../../delivery/store-output.ts';
import { inTransaction, sqlState } from '../../platform/database.ts';
import type { Db, Tx } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { GenerationDeps } from '../deps.ts';
import { endGeneration } from './end.ts';
import { same_claim } from '../steps/fence.ts';
import { isRemoved } from '../../platform/test-switch.ts';
import { failpoint, isArmed } from '../failpoint.ts';
import { retrying } from '../steps/retrying.ts';
import { outputsOf } from '../catalogue/input-rules.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';

class ClaimLost extends Error {}

/** It can't be paid for any more, and so it is not handed over. */
class Unpayable extends Error {
  readonly ending: { readonly code: string; readonly errorClass: 'SYSTEM' | 'CANCELLED' };

  constructor(message: string, ending: Unpayable['ending']) {
    super(message);
    this.ending = ending;
  }
}

/** One file in storage; `output` is its place among those that were asked for, the first is 0. */
export interface Delivered {
  readonly output: number;
  readonly file: StoredOutput;
}

/**
 * Hands over and charges, in one transaction: the files' rows, `succeeded`, and what its policy asks for. `reserve` captures what was really
 * delivered (measured in the files, never more than the quote), each file under a key of its own, and releases the rest; `prepaid` refunds
 * what wasn't delivered; `postpaid` charges. A hold that has ended is never charged, and no debt goes beyond its limit: then it fails instead.
 */
export async function settle(
  deps: GenerationDeps,
  row: GenerationRow,
  attempt: AttemptRow,
  outputs: readonly Delivered[],
): Promise<'settled' | 'failed' | 'lost'> {
  const bill = billFor(row, outputs.length > 0 ? measured(row, outputs) : declared(row, attempt));
  try {
    if (row.policy === 'reserve') await settleReserved(deps, row, attempt, outputs, bill);
    else await inTransaction(deps.db, (tx) => writeSettlement(deps, tx, row, attempt, outputs, bill));
  } catch (error) {
    if (error instanceof ClaimLost) return 'lost';
    if (!(error instanceof Unpayable)) throw error;
    const done = await endGeneration(deps, row, {
      state: 'failed',
      ...error.ending,
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
      policy: row.policy,
      quoted: row.quoted.toString(),
      charged: bill.charge.toString(),
      given_back: (row.policy === 'postpaid' ? 0n : row.quoted - bill.charge).toString(),
      delivered_units: bill.delivered / 1000,
      outputs: outputs.length,
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

interface Bill {
  /** For each file. */
  readonly amounts: readonly bigint[];
  readonly charge: bigint;
  /** In thousandths of the price's unit. */
  readonly delivered: number;
}

/** Of each file, in thousandths of the price's unit: as it was measured, whatever anybody says. */
function measured(row: GenerationRow, outputs: readonly Delivered[]): number[] {
  return outputs.map(({ file }) => (row.unit === 'second' ? (file.durationMs ?? 0) : 1000));
}

/** The same where its maker has handed it over itself: all there is to go by is its word, and what was asked for. */
function declared(row: GenerationRow, attempt: AttemptRow): number[] {
  if (attempt.declared_seconds === null) throw new Error(`${row.id} has neither files nor anybody's word`);
  return [
    row.unit === 'second' ? Math.round(Number(attempt.declared_seconds) * 1000) : outputsOf(row.input) * 1000,
  ];
}

/** What is due for so much of each output. */
function billFor(row: GenerationRow, each: readonly number[]): Bill {
  const price = {
    version: row.price_version,
    unit: row.unit,
    creditsPerUnit: row.credits_per_unit,
    policy: row.policy,
  };
  const amounts = chargesFor(price, each, row.quoted);
  return {
    amounts,
    charge: amounts.reduce((sum, amount) => sum + amount, 0n),
    delivered: each.reduce((sum, thousandths) => sum + thousandths, 0),
  };
}

interface Paid {
  captured: bigint;
  released: bigint;
  total: bigint;
  held: bigint;
  available: bigint;
}

/** By far the most settle so: one statement, and so one commit and nothing between. */
async function settleReserved(
  deps: GenerationDeps,
  row: GenerationRow,
  attempt: AttemptRow,
  outputs: readonly Delivered[],
  bill: Bill,
): Promise<void> {
  const statement = {
    name: 'settle_reserved',
    text: 'select * from holdfast.settle_reserved($1, $2, $3, $4, $5, $6, $7, $8)',
    values: [
      row.id,
      isRemoved('claim') ? null : row.claim,
      bill.delivered / 1000,
      outputs.length === 0,
      attempt.id,
      JSON.stringify(outputs.map(assetOf)),
      bill.amounts,
      deliveryIds(),
    ],
  };
  const write = async (db: Db): Promise<Paid | undefined> => (await db.query<Paid>(statement)).rows[0];
  const dying = async (tx: Tx): Promise<Paid | undefined> => {
    const paid = await write(tx);
    failpoint('settle.captured');
    return paid;
  };
  try {
    const paid = isArmed('settle.captured')
      ? await inTransaction(deps.db, dying)
      : await retrying(() => write(deps.db));
    if (paid === undefined) throw new ClaimLost();
    logCaptured(deps, row, paid);
  } catch (error) {
    const ended = stateOfEndedHold(error);
    if (ended === null) throw error;
    throw new Unpayable(`its hold was ${ended} before it could be charged`, {
      code: 'hold_ended',
      errorClass: 'SYSTEM',
    });
  }
}

/** Null for any other error. */
function stateOfEndedHold(error: unknown): string | null {
  if (sqlState(error) !== 'HF002') return null;
  const detail = JSON.parse(String((error as { detail?: unknown }).detail)) as {
    refusal?: string;
    state?: string;
  };
  return detail.refusal === 'hold_not_open' ? (detail.state ?? 'ended') : null;
}

function logCaptured(deps: GenerationDeps, row: GenerationRow, paid: Paid): void {
  deps.log.info(
    {
      person: row.person_id,
      generation: row.id,
      hold: row.hold_id,
      total: paid.total.toString(),
      held: paid.held.toString(),
      available: paid.available.toString(),
      required: paid.captured.toString(),
      decision: 'settled',
    },
    'credits captured',
  );
}

async function writeSettlement(
  deps: GenerationDeps,
  tx: Tx,
  row: GenerationRow,
  attempt: AttemptRow,
  outputs: readonly Delivered[],
  bill: Bill,
): Promise<void> {
  if (row.policy === 'postpaid') await lockStarts(tx, row.person_id);
  const { rowCount } = await tx.query({
    name: 'succeed_generation',
    text: `with moved as (
             update holdfast.generation
                set state = 'succeeded', claimed_until = null, due_at = null, finished_at = holdfast.clock(),
                    bound_to = null, bound_machine = null, bound_until = null, progress = 1,
                    captured = case policy when 'prepaid' then captured else $3 end,
                    released = case policy when 'reserve' then held - $3 else 0 end,
                    refunded = case policy when 'prepaid' then captured - $3 else 0 end,
                    delivered_units = $4, delivered_elsewhere = $5,
                    timeline = timeline || jsonb_build_array(jsonb_build_object('status', 'succeeded', 'at', holdfast.clock()))
              where id = $1 and ${same_claim} and state = 'ingesting'
             returning id, person_id, kind
           ), ended as (
             update holdfast.attempt set state = 'succeeded', ended_at = holdfast.clock()
              where id = $6 and ended_at is null and exists (select from moved)
           ), stored as (
             insert into holdfast.asset
               (id, person_id, generation_id, output, kind, sha256, content_type, bytes, width, height, duration_ms,
                poster_sha256, poster_content_type, poster_bytes)
             select f.id, moved.person_id, moved.id, f.output, moved.kind, f.sha256, f.content_type, f.bytes, f.width,
                    f.height, f.duration_ms, f.poster_sha256, f.poster_content_type, f.poster_bytes
               from moved, jsonb_to_recordset($7::jsonb) as f (
                      id text, output integer, sha256 text, content_type text, bytes bigint, width integer, height integer,
                      duration_ms integer, poster_sha256 text, poster_content_type text, poster_bytes bigint)
           )
           select from moved`,
    values: [
      row.id,
      row.claim,
      bill.charge,
      bill.delivered / 1000,
      outputs.length === 0,
      attempt.id,
      JSON.stringify(outputs.map(assetOf)),
    ],
  });
  if (rowCount !== 1) throw new ClaimLost();
  await pay(deps, tx, row, bill);
  await planDeliveries(tx, { generationId: row.id, personId: row.person_id, event: 'succeeded' });
  failpoint('settle.captured');
}

async function pay(deps: GenerationDeps, tx: Tx, row: GenerationRow, bill: Bill): Promise<void> {
  const about = { personId: row.person_id, generationId: row.id };
  switch (row.policy) {
    case 'reserve':
      throw new Error(`${row.id} is settled in one statement`);
    case 'prepaid': {
      const amount = row.quoted - bill.charge;
      if (amount === 0n) return;
      await refundCharge(deps.credits, tx, { ...about, charge: holdOf(row), amount, fault: 'provider' });
      return;
    }
    case 'postpaid':
      return payDelivered(deps, tx, row, bill);
    default:
      throw new Error(`unknown charge policy ${String(row.policy satisfies never)}`);
  }
}

async function payDelivered(deps: GenerationDeps, tx: Tx, row: GenerationRow, bill: Bill): Promise<void> {
  if (bill.charge === 0n) return;
  const charged = await chargeDelivered(deps.credits, tx, {
    personId: row.person_id,
    generationId: row.id,
    amount: bill.charge,
    debtLimit: deps.settings.postpaidDebtLimit,
  });
  if (!charged.ok) {
    throw new Unpayable('the credit for it was gone when it was done, and debt has its limit', {
      code: 'credit_gone',
      errorClass: 'CANCELLED',
    });
  }
  await tx.query({
    name: 'note_charge',
    text: 'update holdfast.generation set hold_id = $2, owed = $3 where id = $1',
    values: [row.id, charged.charge, charged.owed],
  });
}

function holdOf(row: GenerationRow): string {
  if (row.hold_id === null) throw new Error(`${row.id} has no hold`);
  return row.hold_id;
}

function assetOf({ output, file }: Delivered): Record<string, string | number | null> {
  return {
    id: newId('ast'),
    output,
    sha256: file.sha256,
    content_type: file.contentType,
    bytes: file.bytes,
    width: file.width,
    height: file.height,
    duration_ms: file.durationMs,
    poster_sha256: file.poster?.sha256 ?? null,
    poster_content_type: file.poster?.contentType ?? null,
    poster_bytes: file.poster?.bytes ?? null,
  };
}
