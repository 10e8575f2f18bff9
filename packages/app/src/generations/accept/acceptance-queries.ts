import type { Db } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { isRemoved } from '../../platform/test-switch.ts';
import type { GenerationSettings } from '../deps.ts';
import type { Plan } from './plan.ts';
import { leaseSlackSeconds } from '../rules.ts';

export interface AcceptCommand {
  readonly personId: string;
  readonly name: 'create' | 'again';
  readonly key: string;
  readonly fingerprint: Buffer;
}

export interface RefusedAmounts {
  readonly total: bigint;
  readonly held: bigint;
  /** Quotes of postpaid generations under way, where the decision counted them. */
  readonly inFlight: bigint;
  readonly available: bigint;
  readonly required: bigint;
}

export type AcceptOutcome =
  | { readonly kind: 'conflict' | 'unavailable' | 'quote_expired' }
  | { readonly kind: 'replayed'; readonly generationId: string }
  | { readonly kind: 'cooldown'; readonly seconds: number }
  | { readonly kind: 'too_many'; readonly unfinished: number; readonly limit: number }
  | { readonly kind: 'refused'; readonly amounts: RefusedAmounts; readonly replayed: boolean }
  | {
      readonly kind: 'accepted';
      readonly amounts: RefusedAmounts;
      /** Of a hold, or of a charge at the start; null where the charge comes at the end. */
      readonly hold: string | null;
      readonly at: Date;
    };

interface OutcomeRow {
  outcome: AcceptOutcome['kind'];
  facts: Record<string, string | number> | null;
  hold_id: string | null;
  created_at: Date | null;
}

/** All that decides about one request, but what only the database knows. */
export interface Acceptance {
  readonly command: AcceptCommand;
  readonly plan: Plan;
  readonly generationId: string;
  readonly available: boolean;
  readonly settings: GenerationSettings;
}

/** The parameters of `holdfast.accept_generation`, in its order. */
const parameters = [
  ['person', 'text'],
  ['command', 'text'],
  ['key', 'text'],
  ['fingerprint', 'bytea'],
  ['id', 'text'],
  ['model', 'text'],
  ['provider', 'text'],
  ['provider_model', 'text'],
  ['kind', 'text'],
  ['input', 'jsonb'],
  ['price_version', 'text'],
  ['policy', 'text'],
  ['unit', 'text'],
  ['credits_per_unit', 'bigint'],
  ['units', 'integer'],
  ['quoted', 'bigint'],
  ['available', 'boolean'],
  ['quote_expires_at', 'timestamptz'],
  ['cooldown_seconds', 'integer'],
  ['max_unfinished', 'integer'],
  ['debt_limit', 'bigint'],
  ['deadline_seconds', 'integer'],
  ['lease_slack_seconds', 'integer'],
] as const;

function valuesOf({ command, plan, generationId, available, settings }: Acceptance): unknown[] {
  const { model, price } = plan;
  return [
    command.personId,
    command.name,
    // A test may have every sending of a key be another one.
    isRemoved('key') ? newId('key') : command.key,
    command.fingerprint,
    generationId,
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
    available,
    plan.quoteExpiresAt,
    settings.cooldownSeconds,
    settings.maxActivePerPerson,
    settings.postpaidDebtLimit,
    model.deadlineSeconds,
    leaseSlackSeconds,
  ];
}

const one_statement = `select * from holdfast.accept_generation(${parameters.map((_, index) => `$${index + 1}`).join(', ')})`;

/**
 * Checks, holds (or charges, by the price's policy) and writes in one statement, which is one transaction; see `holdfast.accept_generation`. What it refuses by the rules is
 * returned; the ledger's own errors (no account: LG001, frozen: LG003) are raised, and then nothing was written.
 */
export async function acceptInDatabase(db: Db, acceptance: Acceptance): Promise<AcceptOutcome> {
  const { rows } = await db.query<OutcomeRow>({
    name: 'accept_generation',
    text: one_statement,
    values: valuesOf(acceptance),
  });
  const row = rows[0];
  if (!row) throw new Error('accept_generation gave no outcome');
  return outcomeOf(row);
}

// By person, so that two of these that run at once take their locks in the same order.
const many_statement = `
  select asked.n, decided.*
    from (select * from unnest(${parameters.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')})
            with ordinality as a (${parameters.map(([name]) => name).join(', ')}, n)
           order by person collate "C", n offset 0) as asked
   cross join lateral holdfast.accept_generation(${parameters.map(([name]) => `asked.${name}`).join(', ')}) as decided`;

/** The same for several at once, in one transaction: all are decided, or (where one raises an error) none. In the order asked. */
export async function acceptTogether(db: Db, acceptances: readonly Acceptance[]): Promise<AcceptOutcome[]> {
  const asked = acceptances.map(valuesOf);
  const { rows } = await db.query<OutcomeRow & { n: bigint }>({
    name: 'accept_generations',
    text: many_statement,
    values: parameters.map((_, column) => asked.map((values) => values[column])),
  });
  const byPlace = new Map(rows.map((row) => [Number(row.n), row]));
  return acceptances.map((_, index) => {
    const row = byPlace.get(index + 1);
    if (!row) throw new Error('accept_generation gave no outcome');
    return outcomeOf(row);
  });
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
      return { kind: 'too_many', unfinished: Number(facts['unfinished']), limit: Number(facts['limit']) };
    case 'refused':
      return { kind: 'refused', amounts: amountsOf(facts), replayed: false };
    case 'accepted':
      if (row.created_at === null) break;
      return {
        kind: 'accepted',
        amounts: amountsOf(facts),
        hold: row.hold_id,
        at: row.created_at,
      };
    default:
      throw new Error(`unknown outcome ${String(row.outcome satisfies never)}`);
  }
  throw new Error('accepted, and nobody says when');
}

function amountsOf(facts: Record<string, string | number>): RefusedAmounts {
  const amount = (name: string): bigint => BigInt(facts[name] ?? 0);
  return {
    total: amount('total'),
    held: amount('held'),
    inFlight: amount('in_flight'),
    available: amount('available'),
    required: amount('required'),
  };
}
