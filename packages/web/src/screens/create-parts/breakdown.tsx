import type { Balance, Model } from '@holdfast/client';
import { Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { Amount } from '../../parts/amount.tsx';
import { Popover } from '../../parts/popover.tsx';
import { createWords } from '../../words/create.ts';

const words = createWords.breakdown;

/** How the price is made, and what it leaves. */
export function Breakdown({
  model,
  price,
  balance,
}: {
  model: Model;
  price: { units: number; credits: number };
  balance: Balance | undefined;
}) {
  const { unit, credits_per_unit, version } = model.price;
  return (
    <div className="text-sm text-ink-2">
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
        <dt>
          {words.most}
          <span className="block text-xs text-ink-3 tabular-nums">
            {words.calc(price.units, unit, credits_per_unit)}
          </span>
        </dt>
        <dd className="font-medium text-ink">
          <Amount value={price.credits} />
        </dd>
        {balance && (
          <>
            <dt>{words.available}</dt>
            <dd className="text-right">
              <Amount value={balance.available} />
            </dd>
            <dt className="border-t border-line pt-1.5">{words.after}</dt>
            <dd className="border-t border-line pt-1.5 text-right font-semibold text-ink">
              <Amount value={balance.available - price.credits} />
            </dd>
          </>
        )}
      </dl>
      <p className="mt-3 text-xs text-ink-3">{unit === 'second' ? words.explain : words.explainPiece}</p>
      <p className="mt-1.5 text-2xs text-ink-3">
        {words.version} {version}
      </p>
    </div>
  );
}

/** For fingers, which can't hover. */
export function BreakdownButton({ children }: { children: ReactNode }) {
  return (
    <Popover
      label={words.open}
      trigger={
        <button
          type="button"
          className="flex items-center gap-1 rounded-md px-1 py-0.5 text-ink-3 hover:text-ink pointer-coarse:py-2"
        >
          <Info aria-hidden className="size-3.5" />
          {words.open}
        </button>
      }
    >
      {children}
    </Popover>
  );
}
