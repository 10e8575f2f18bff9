import type { Receipt as ReceiptData } from '@holdfast/client';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../lib/cx.ts';
import { receiptWords as words } from '../words/generation.ts';
import { Amount } from './amount.tsx';

type Facts = Pick<
  ReceiptData,
  | 'unit'
  | 'credits_per_unit'
  | 'quoted_units'
  | 'delivered_units'
  | 'quoted'
  | 'held'
  | 'captured'
  | 'released'
  | 'refunded'
  | 'not_charged'
>;

/** Where the credits of one generation went, as a sum that the eye can check. */
export function ReceiptRows({ receipt, final }: { receipt: Facts; final: boolean }) {
  const addsUp = receipt.held === receipt.captured + receipt.released;
  return (
    <div className="text-sm" data-testid="receipt">
      <dl>
        <Row
          name={words.quoted}
          calc={words.units(receipt.quoted_units, receipt.unit, receipt.credits_per_unit)}
          value={receipt.quoted}
          testId="quoted"
        />
        <Row name={words.held} value={receipt.held} tone={final ? undefined : 'held'} testId="held" />
        {(final || receipt.captured > 0) && (
          <Row
            name={final ? words.charged : words.chargedSoFar}
            calc={
              receipt.delivered_units === null || receipt.captured === 0
                ? undefined
                : words.units(receipt.delivered_units, receipt.unit, receipt.credits_per_unit)
            }
            value={receipt.captured}
            tone="strong"
            testId="captured"
          />
        )}
        {(final || receipt.released > 0) && (
          <Row name={words.released} value={receipt.released} testId="released" />
        )}
        {receipt.refunded > 0 && <Row name={words.refunded} value={receipt.refunded} testId="refunded" />}
      </dl>
      <SplitBar held={receipt.held} captured={receipt.captured} released={receipt.released} />
      {final && addsUp && receipt.held > 0 && !receipt.not_charged && (
        <p className="mt-2.5 flex items-center gap-1.5 text-xs text-ink-3 tabular-nums" data-testid="adds-up">
          <Check aria-hidden className="size-3.5 text-accent" strokeWidth={2.6} />
          {words.addsUp(receipt.held, receipt.captured, receipt.released)}
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

/** What was held, and how it was divided. Drawn as an SVG, so that no inline style is needed. */
function SplitBar({ held, captured, released }: { held: number; captured: number; released: number }) {
  if (held <= 0) return null;
  const charged = (100 * captured) / held;
  const returned = (100 * released) / held;
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
