import type { Locale } from '../platform/locale.ts';
import type { GenerationRow } from './rows.ts';
import { isFinal } from './rules.ts';
import type { ReceiptView } from './views.ts';
import { creditsClause, wordsIn } from './words.ts';

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
  locale: Locale = 'en',
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
    summary: summarize(facts, locale),
    hold: row.hold_id,
  };
}

interface Facts {
  readonly state: GenerationRow['state'];
  readonly unit: GenerationRow['unit'];
  readonly held: bigint;
  readonly captured: bigint;
  readonly released: bigint;
  readonly delivered: number | null;
}

/** One sentence of where the credits are or went; its words are those of `words/`. */
function summarize(facts: Facts, locale: Locale): string {
  const { receipt: say } = wordsIn(locale);
  switch (facts.state) {
    case 'queued':
    case 'submitting':
    case 'running':
    case 'ingesting':
      return facts.unit === 'second' ? say.held_by_second(facts.held) : say.held_by_piece(facts.held);
    case 'outcome_unknown':
      return say.held_unknown(facts.held);
    case 'succeeded': {
      const what = facts.unit === 'second' ? say.delivered_seconds(facts.delivered ?? 0) : say.delivered;
      return facts.captured === 0n
        ? say.not_charged(what)
        : say.charged(what, facts.captured, facts.released);
    }
    case 'failed':
    case 'cancelled':
      return creditsClause(facts, locale);
    default:
      throw new Error(`unknown state ${String(facts.state satisfies never)}`);
  }
}
