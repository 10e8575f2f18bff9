import type { Locale } from '../../platform/locale.ts';
import { outputsOf } from '../catalogue/input-rules.ts';
import type { GenerationRow } from '../rows.ts';
import { isFinal } from '../rules.ts';
import type { ReceiptView } from './views.ts';
import { creditsClause, wordsIn } from './words.ts';
import type { Words } from './words/words-table.ts';

/**
 * Where the credits of a generation went. Always: captured <= quoted. Once it is final, under `reserve`: held = captured + released; under
 * `prepaid`: captured = quoted, and what wasn't delivered is refunded; under `postpaid`: captured is what was delivered, and what of it is owed
 * became debt. The table's own constraints say so too.
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
    | 'refunded'
    | 'owed'
    | 'hold_id'
  > & {
    readonly input: Pick<GenerationRow['input'], 'count'>;
    readonly given_back?: bigint | null;
    readonly locked?: boolean;
  },
  locale: Locale = 'en',
): ReceiptView {
  const captured = row.captured ?? 0n;
  const released = row.released ?? 0n;
  const { owed } = row;
  // Paid for again to unlock the file: it is charged after all.
  const refunded = row.refunded + (row.locked === true ? (row.given_back ?? 0n) : 0n);
  const charged = captured - refunded;
  const delivered = row.delivered_units === null ? null : Number(row.delivered_units);
  const facts = { ...row, refunded, charged, released, delivered, asked: outputsOf(row.input) };
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
    refunded,
    charged,
    owed,
    not_charged: isFinal(row.state) && charged === 0n,
    summary: summarize(facts, locale),
    hold: row.hold_id,
  };
}

interface Facts {
  readonly state: GenerationRow['state'];
  readonly policy: GenerationRow['policy'];
  readonly unit: GenerationRow['unit'];
  readonly quoted: bigint;
  readonly held: bigint;
  readonly captured: bigint | null;
  readonly charged: bigint;
  readonly released: bigint;
  readonly refunded: bigint;
  readonly owed: bigint;
  readonly delivered: number | null;
  /** How many files were asked for. */
  readonly asked: number;
}

/** One sentence of where the credits are or went; its words are those of `words/`. */
function summarize(facts: Facts, locale: Locale): string {
  const { receipt: say } = wordsIn(locale);
  switch (facts.state) {
    case 'queued':
    case 'submitting':
    case 'running':
    case 'ingesting':
    case 'outcome_unknown':
      return underWay(facts, say);
    case 'succeeded':
      return succeeded(facts, say);
    case 'failed':
    case 'cancelled':
      return creditsClause({ ...facts, captured: facts.captured ?? 0n }, locale);
    default:
      throw new Error(`unknown state ${String(facts.state satisfies never)}`);
  }
}

function underWay(facts: Facts, say: Words['receipt']): string {
  switch (facts.policy) {
    case 'prepaid':
      return say.prepaid(facts.quoted);
    case 'postpaid':
      return say.postpaid(facts.quoted);
    case 'reserve':
      if (facts.state === 'outcome_unknown') return say.held_unknown(facts.held);
      return facts.unit === 'second' ? say.held_by_second(facts.held) : say.held_by_piece(facts.held);
    default:
      throw new Error(`unknown charge policy ${String(facts.policy satisfies never)}`);
  }
}

function succeeded(facts: Facts, say: Words['receipt']): string {
  const what = deliveredWords(facts, say);
  if (facts.charged === 0n) return say.not_charged(what);
  if (facts.refunded > 0n) return say.charged_and_refunded(what, facts.captured ?? 0n, facts.refunded);
  if (facts.owed > 0n) return say.charged_and_owed(what, facts.charged, facts.owed);
  return say.charged(what, facts.charged, facts.released);
}

function deliveredWords(facts: Facts, say: Words['receipt']): string {
  const delivered = facts.delivered ?? 0;
  if (facts.unit === 'second') return say.delivered_seconds(delivered);
  return facts.asked > 1 ? say.delivered_some(Math.min(delivered, facts.asked), facts.asked) : say.delivered;
}
