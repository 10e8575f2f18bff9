import type { Balance } from '@holdfast/client';
import { Clock, Check } from 'lucide-react';
import { cx } from '../../lib/cx.ts';
import { Amount } from '../../parts/amount.tsx';
import { Card } from '../../parts/page.tsx';
import { walletWords as words } from '../../words/wallet.ts';

/** Total = available + held, as numbers, as a bar and as a line that can be checked. */
export function BalanceSum({ balance }: { balance: Balance }) {
  const { total, available, held, debt } = balance;
  const addsUp = total === available + held - debt || total === available + held;
  const width = Math.max(1, Math.max(0, available) + held);
  return (
    <Card className="overflow-hidden">
      <div className="grid grid-cols-2 gap-y-5 p-5 max-sm:[&>:first-child]:col-span-2 sm:grid-cols-[1.2fr_auto_1fr_auto_1fr] sm:items-center sm:p-6">
        <Figure name={words.total} note={words.totalNote} value={total} large testId="total" />
        <Sign>=</Sign>
        <Figure
          name={words.available}
          note={words.availableNote}
          value={available}
          dot="bg-accent"
          testId="wallet-available"
        />
        <Sign>+</Sign>
        <Figure name={words.held} note={words.heldNote} value={held} dot="bg-held-fill" testId="held-total" />
      </div>
      <svg aria-hidden viewBox="0 0 1000 8" preserveAspectRatio="none" className="block h-1.5 w-full">
        <rect width="1000" height="8" className="fill-line" />
        <rect width={(1_000 * Math.max(0, available)) / width} height="8" className="fill-accent" />
        <rect
          x={(1_000 * Math.max(0, available)) / width}
          width={(1_000 * held) / width}
          height="8"
          className="fill-held-fill"
        />
      </svg>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1 px-5 py-3 text-xs text-ink-3 tabular-nums sm:px-6">
        {addsUp && (
          <span className="flex items-center gap-1.5" data-testid="balance-adds-up">
            <Check aria-hidden className="size-3.5 text-accent" strokeWidth={2.6} />
            {words.addsUp(total, available, held, debt)}
          </span>
        )}
        {balance.expiring > 0 && (
          <a href="#lots" className="flex items-center gap-1.5 font-medium text-held hover:underline">
            <Clock aria-hidden className="size-3.5" />
            {words.expiring(balance.expiring, balance.expiring_days)}
          </a>
        )}
        {balance.upcoming > 0 && <span>{words.upcoming(balance.upcoming)}</span>}
        {debt > 0 && (
          <span className="text-bad">
            {words.debt}: <Amount value={debt} />. {words.debtNote}.
          </span>
        )}
      </div>
    </Card>
  );
}

function Figure({
  name,
  note,
  value,
  large,
  dot,
  testId,
}: {
  name: string;
  note: string;
  value: number;
  large?: boolean;
  dot?: string;
  testId: string;
}) {
  return (
    <div>
      <p className="flex items-center gap-1.5 text-sm font-medium text-ink-2">
        {dot && <span aria-hidden className={cx('size-2 rounded-full', dot)} />}
        {name}
      </p>
      <p
        data-testid={testId}
        className={cx('mt-0.5 font-semibold tracking-[-0.03em]', large ? 'text-4xl' : 'text-2xl')}
      >
        <Amount value={value} />
      </p>
      <p className="text-xs text-ink-3">{note}</p>
    </div>
  );
}

function Sign({ children }: { children: string }) {
  return (
    <span aria-hidden className="hidden px-6 text-xl text-ink-3 sm:block">
      {children}
    </span>
  );
}
