import type { Receipt as ReceiptData } from '@holdfast/client';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../lib/cx.ts';
import { receiptWords as words } from '../words/generation.ts';
import { Amount } from './amount.tsx';

type Facts = Pick<
  ReceiptData,
  | 'policy'
  | 'unit'
  | 'credits_per_unit'
  | 'quoted_units'
  | 'delivered_units'
  | 'quoted'
  | 'held'
  | 'captured'
  | 'released'
  | 'refunded'
  | 'charged'
  | 'owed'
  | 'not_charged'
>;

/** Where the credits of one generation went, as a sum that the eye can check. */
export function ReceiptRows({ receipt, final }: { receipt: Facts; final: boolean }) {
  const sum = sumOf(receipt);
  const showCharge = final || receipt.captured > 0;
  return (
    <div className="text-sm" data-testid="receipt">
      <dl>
        <Row
          name={words.quoted}
          calc={words.units(receipt.quoted_units, receipt.unit, receipt.credits_per_unit)}
          value={receipt.quoted}
          testId="quoted"
        />
        {receipt.policy === 'reserve' && (
          <Row name={words.held} value={receipt.held} tone={final ? undefined : 'held'} testId="held" />
        )}
        {!showCharge && receipt.policy === 'postpaid' && (
          <Row name={words.chargedAtTheEnd} value={0} testId="captured" />
        )}
        {showCharge && (
          <Row
            name={chargeName(receipt, final)}
            calc={
              receipt.delivered_units === null || receipt.captured === 0 || receipt.policy === 'prepaid'
                ? undefined
                : words.units(receipt.delivered_units, receipt.unit, receipt.credits_per_unit)
            }
            value={receipt.captured}
            tone="strong"
            testId="captured"
          />
        )}
        {receipt.policy === 'reserve' && (final || receipt.released > 0) && (
          <Row name={words.released} value={receipt.released} testId="released" />
        )}
        {receipt.refunded > 0 && <Row name={words.refunded} value={receipt.refunded} testId="refunded" />}
        {receipt.owed > 0 && <Row name={words.owed} value={receipt.owed} testId="owed" />}
      </dl>
      <SplitBar whole={sum.whole} kept={sum.kept} back={sum.back} />
      {final && sum.words !== null && sum.whole === sum.kept + sum.back && !receipt.not_charged && (
        <p className="mt-2.5 flex items-center gap-1.5 text-xs text-ink-3 tabular-nums" data-testid="adds-up">
          <Check aria-hidden className="size-3.5 text-accent" strokeWidth={2.6} />
          {sum.words}
        </p>
      )}
      {receipt.not_charged && (
        <p
          data-testid="not-charged"
          className="mt-3 flex items-center gap-2 rounded-lg bg-accent-soft px-3 py-2 font-medium text-accent"
        >
          <Check aria-hidden className="size-4 shrink-0" strokeWidth={2.4} />
          {words.notCharged}
        </p>
      )}
    </div>
  );
}

function Row({
  name,
  calc,
  value,
  tone,
  testId,
}: {
  name: ReactNode;
  calc?: string;
  value: number;
  tone?: 'strong' | 'held';
  testId: string;
}) {
  return (
    <div className="flex items-baseline gap-2 py-1">
      <dt className={tone === 'strong' ? 'font-medium text-ink' : 'text-ink-2'}>{name}</dt>
      <dd className="flex flex-1 items-baseline gap-2">
        {calc && <span className="text-xs text-ink-3 tabular-nums">{calc}</span>}
        <span aria-hidden className="min-w-3 flex-1 border-b border-dotted border-line-strong" />
        <span
          data-testid={testId}
          className={cx(
            'tabular-nums',
            tone === 'strong' && 'font-semibold text-ink',
            tone === 'held' && 'font-medium text-held',
            !tone && 'text-ink',
          )}
        >
          <Amount value={value} />
        </span>
      </dd>
    </div>
  );
}

interface Sum {
  readonly whole: number;
  readonly kept: number;
  readonly back: number;
  /** The sum in words; null where there is nothing to add up. */
  readonly words: string | null;
}

/** What was taken first, and how it was divided into what is paid and what came back. */
function sumOf(receipt: Facts): Sum {
  switch (receipt.policy) {
    case 'reserve': {
      const { held, captured, released } = receipt;
      const text = held > 0 ? words.addsUp(held, captured, released) : null;
      return { whole: held, kept: captured, back: released, words: text };
    }
    case 'prepaid': {
      const { captured, charged, refunded } = receipt;
      const text = captured > 0 ? words.paidAddsUp(captured, charged, refunded) : null;
      return { whole: captured, kept: charged, back: refunded, words: text };
    }
    case 'postpaid':
      return { whole: 0, kept: 0, back: 0, words: null };
    default:
      throw new Error(`unknown charge policy ${String(receipt.policy satisfies never)}`);
  }
}

function chargeName(receipt: Facts, final: boolean): string {
  if (receipt.policy === 'prepaid') return words.chargedAtTheStart;
  return final ? words.charged : words.chargedSoFar;
}

/** A whole, and how it was divided. Drawn as an SVG, so that no inline style is needed. */
function SplitBar({ whole, kept, back }: { whole: number; kept: number; back: number }) {
  if (whole <= 0) return null;
  const charged = (100 * kept) / whole;
  const returned = (100 * back) / whole;
  return (
    <svg
      aria-hidden
      className="mt-2.5 h-1.5 w-full overflow-hidden rounded-full"
      preserveAspectRatio="none"
      viewBox="0 0 100 4"
    >
      <rect width="100" height="4" className="fill-held-fill" />
      <rect
        x={charged}
        width={100 - charged}
        height="4"
        className={returned > 0 ? 'fill-line-strong' : 'fill-held-fill'}
      />
      <rect width={charged} height="4" className="fill-accent" />
    </svg>
  );
}
