import type { GenerationRow } from './rows.ts';
import { isFinal } from './rules.ts';
import type { ReceiptView } from './views.ts';

/**
 * Where the credits of a generation went. Once it is final: held = captured + released, and captured <= quoted; the table's
 * own constraints say so too.
 */
export function receiptOf(
  row: Pick<
    GenerationRow,
    | 'state'
    | 'policy'
    | 'price_version'
    | 'unit'
    | 'credits_per_unit'
    | 'quoted_units'
    | 'delivered_units'
    | 'quoted'
    | 'held'
    | 'captured'
    | 'released'
    | 'hold_id'
  >,
): ReceiptView {
  const captured = row.captured ?? 0n;
  const released = row.released ?? 0n;
  const delivered = row.delivered_units === null ? null : Number(row.delivered_units);
  const facts = { ...row, captured, released, delivered };
  return {
    policy: row.policy,
    price_version: row.price_version,
    unit: row.unit,
    credits_per_unit: row.credits_per_unit,
    quoted_units: row.quoted_units,
    delivered_units: delivered,
    quoted: row.quoted,
    held: row.held,
    captured,
    released,
    refunded: 0n,
    not_charged: isFinal(row.state) && captured === 0n,
    summary: summarize(facts),
    hold: row.hold_id,
  };
}

/** What a sentence about a failure ends with: what happened to the credits. */
export function creditsClause(row: { captured: bigint; released: bigint }): string {
  if (row.captured > 0n) return `${credits(row.captured)} charged.`;
  if (row.released > 0n) {
    return `You were not charged: ${credits(row.released)} ${row.released === 1n ? 'is' : 'are'} available again.`;
  }
  return 'You were not charged.';
}

function summarize(facts: {
  state: GenerationRow['state'];
  unit: GenerationRow['unit'];
  held: bigint;
  captured: bigint;
  released: bigint;
  delivered: number | null;
}): string {
  switch (facts.state) {
    case 'queued':
    case 'submitting':
    case 'running':
    case 'ingesting':
      return facts.unit === 'second'
        ? `${credits(facts.held)} held. You pay for the seconds you get, never more.`
        : `${credits(facts.held)} held. You pay when it is delivered.`;
    case 'outcome_unknown':
      return `${credits(facts.held)} held while we find out what became of it. You pay only if it is delivered.`;
    case 'succeeded':
      return succeeded(facts);
    case 'failed':
    case 'cancelled':
      return creditsClause(facts);
    default:
      throw new Error(`unknown state ${String(facts.state satisfies never)}`);
  }
}

function succeeded(facts: {
  unit: GenerationRow['unit'];
  captured: bigint;
  released: bigint;
  delivered: number | null;
}): string {
  const what = facts.unit === 'second' ? `${facts.delivered ?? 0} s delivered` : 'Delivered';
  if (facts.captured === 0n) return `${what}. You were not charged.`;
  const rest = facts.released > 0n ? `, ${facts.released} released` : '';
  return `${what}: ${credits(facts.captured)} charged${rest}.`;
}

function credits(amount: bigint): string {
  return `${amount} ${amount === 1n ? 'credit' : 'credits'}`;
}
