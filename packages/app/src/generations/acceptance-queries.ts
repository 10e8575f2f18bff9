import type { Tx } from '../platform/database.ts';
import type { Kind } from './model.ts';
import type { Plan } from './plan.ts';
import type { GenerationRow } from './rows.ts';

interface CommandKey {
  readonly personId: string;
  readonly name: 'create' | 'again';
  readonly key: string;
  readonly fingerprint: Buffer;
}

export interface RefusedAmounts {
  readonly total: bigint;
  readonly held: bigint;
  readonly available: bigint;
  readonly required: bigint;
}

export type AcceptanceCheck = {
  readonly unfinished: number;
  readonly secondsSinceStart: number | null;
  readonly now: Date;
} & (
  | { readonly fingerprint: null }
  | { readonly fingerprint: Buffer; readonly refusal: RefusedAmounts }
  | { readonly fingerprint: Buffer; readonly refusal: null; readonly generationId: string }
);

/** Takes the person's lock, so that their concurrent requests are judged one after another, and reads what decides. */
export async function checkAcceptance(tx: Tx, command: CommandKey, kind: Kind): Promise<AcceptanceCheck> {
  const { rows } = await tx.query<{
    fingerprint: Buffer | null;
    generation_id: string | null;
    refusal: Record<keyof RefusedAmounts, string> | null;
    unfinished: number;
    seconds_since_start: number | null;
    now: Date;
  }>({
    name: 'check_acceptance',
    text: 'select * from holdfast.check_acceptance($1, $2, $3, $4)',
    values: [command.personId, command.name, command.key, kind],
  });
  const row = rows[0];
  if (!row) throw new Error('check_acceptance gave no row');
  const facts = { unfinished: row.unfinished, secondsSinceStart: row.seconds_since_start, now: row.now };
  if (row.fingerprint === null) return { ...facts, fingerprint: null };
  if (row.refusal !== null) {
    const { total, held, available, required } = row.refusal;
    const refusal = {
      total: BigInt(total),
      held: BigInt(held),
      available: BigInt(available),
      required: BigInt(required),
    };
    return { ...facts, fingerprint: row.fingerprint, refusal };
  }
  if (row.generation_id === null) throw new Error('an answered request has neither result nor refusal');
  return { ...facts, fingerprint: row.fingerprint, refusal: null, generationId: row.generation_id };
}

export async function rememberRefusal(tx: Tx, command: CommandKey, refusal: RefusedAmounts): Promise<void> {
  const text = Object.fromEntries(Object.entries(refusal).map(([name, amount]) => [name, amount.toString()]));
  await tx.query(
    `insert into holdfast.generation_request (person_id, command, key, fingerprint, refusal)
     values ($1, $2, $3, $4, $5)`,
    [command.personId, command.name, command.key, command.fingerprint, JSON.stringify(text)],
  );
}

/**
 * Writes the row and the idempotency record. Its turn: after those of this person's that wait already, but not behind more than one round
 * of anybody else's.
 */
export async function insertGeneration(
  tx: Tx,
  accepted: CommandKey & { generationId: string; plan: Plan; hold: string; leaseEndsAt: Date },
): Promise<GenerationRow> {
  const { plan } = accepted;
  const { rows } = await tx.query<GenerationRow>({
    name: 'insert_generation',
    text: `
      with accepted as (
        insert into holdfast.generation (
          id, person_id, model_id, provider_id, provider_model, kind, input,
          price_version, policy, unit, credits_per_unit, quoted_units, quoted,
          hold_id, held, lease_ends_at, due_at, deadline_at, timeline, created_at, turn)
        select $1, $2, $3, $4, $5, $6, $7,
               $8, $9, $10, $11, $12, $13,
               $14, $13, $15, t.now, t.now + make_interval(secs => $16),
               jsonb_build_array(jsonb_build_object('status', 'queued', 'at', t.now)), t.now,
               coalesce(greatest(
                 (select min(turn) from holdfast.generation where state = 'queued' and provider_id = $4),
                 (select 1 + max(turn) from holdfast.generation
                   where person_id = $2 and due_at is not null and state = 'queued' and provider_id = $4)), 1)
          from (select holdfast.clock() as now) as t
        returning *
      ), remembered as (
        insert into holdfast.generation_request (person_id, command, key, fingerprint, generation_id)
        select person_id, $17, $18, $19, id from accepted
      )
      select * from accepted`,
    values: [
      accepted.generationId,
      accepted.personId,
      plan.model.id,
      plan.model.providerId,
      plan.model.providerModel,
      plan.model.kind,
      JSON.stringify(plan.input),
      plan.price.version,
      plan.price.policy,
      plan.price.unit,
      plan.price.creditsPerUnit,
      plan.units,
      plan.credits,
      accepted.hold,
      accepted.leaseEndsAt,
      plan.model.deadlineSeconds,
      accepted.name,
      accepted.key,
      accepted.fingerprint,
    ],
  });
  const row = rows[0];
  if (!row) throw new Error('the generation was not written');
  return row;
}
