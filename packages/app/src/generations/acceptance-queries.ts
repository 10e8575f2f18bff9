import type { Db } from '../platform/database.ts';
import type { GenerationSettings } from './deps.ts';
import type { Plan } from './plan.ts';
import { leaseSlackSeconds } from './rules.ts';

export interface AcceptCommand {
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

export type AcceptOutcome =
  | { readonly kind: 'conflict' | 'unavailable' | 'quote_expired' }
  | { readonly kind: 'replayed'; readonly generationId: string }
  | { readonly kind: 'cooldown'; readonly seconds: number }
  | { readonly kind: 'too_many'; readonly unfinished: number }
  | { readonly kind: 'refused'; readonly amounts: RefusedAmounts; readonly replayed: boolean }
  | {
      readonly kind: 'accepted';
      readonly amounts: RefusedAmounts;
      readonly hold: string;
      readonly leaseEndsAt: Date;
      readonly at: Date;
    };

interface OutcomeRow {
  outcome: AcceptOutcome['kind'];
  facts: Record<string, string | number> | null;
  hold_id: string | null;
  lease_ends_at: Date | null;
  created_at: Date | null;
}

/**
 * Checks, holds and writes in one statement, which is one transaction; see `holdfast.accept_generation`. What it refuses by the rules is
 * returned; the ledger's own errors (no account: LG001, frozen: LG003) are raised, and then nothing was written.
 */
export async function acceptInDatabase(
  db: Db,
  command: AcceptCommand,
  plan: Plan,
  facts: { generationId: string; available: boolean; settings: GenerationSettings },
): Promise<AcceptOutcome> {
  const { model, price } = plan;
  const { rows } = await db.query<OutcomeRow>({
    name: 'accept_generation',
    text: `select * from holdfast.accept_generation(
             $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
    values: [
      command.personId,
      command.name,
      command.key,
      command.fingerprint,
      facts.generationId,
      model.id,
      model.providerId,
      model.providerModel,
      model.kind,
      JSON.stringify(plan.input),
      price.version,
      price.policy,
      price.unit,
      price.creditsPerUnit,
      plan.units,
      plan.credits,
      facts.available,
      plan.quoteExpiresAt,
      facts.settings.cooldownSeconds,
      facts.settings.maxActivePerPerson,
      model.deadlineSeconds,
      leaseSlackSeconds,
    ],
  });
  const row = rows[0];
  if (!row) throw new Error('accept_generation gave no outcome');
  return outcomeOf(row);
}

function outcomeOf(row: OutcomeRow): AcceptOutcome {
  const facts = row.facts ?? {};
  switch (row.outcome) {
    case 'conflict':
    case 'unavailable':
    case 'quote_expired':
      return { kind: row.outcome };
    case 'replayed':
      return 'generation' in facts
        ? { kind: 'replayed', generationId: String(facts['generation']) }
        : { kind: 'refused', amounts: amountsOf(facts), replayed: true };
    case 'cooldown':
      return { kind: 'cooldown', seconds: Number(facts['seconds']) };
    case 'too_many':
      return { kind: 'too_many', unfinished: Number(facts['unfinished']) };
    case 'refused':
      return { kind: 'refused', amounts: amountsOf(facts), replayed: false };
    case 'accepted':
      if (row.hold_id === null || row.lease_ends_at === null || row.created_at === null) break;
      return {
        kind: 'accepted',
        amounts: amountsOf(facts),
        hold: row.hold_id,
        leaseEndsAt: row.lease_ends_at,
        at: row.created_at,
      };
    default:
      throw new Error(`unknown outcome ${String(row.outcome satisfies never)}`);
  }
  throw new Error('accepted, and without a hold');
}

function amountsOf(facts: Record<string, string | number>): RefusedAmounts {
  const amount = (name: string): bigint => BigInt(facts[name] ?? 0);
  return {
    total: amount('total'),
    held: amount('held'),
    available: amount('available'),
    required: amount('required'),
  };
}
