import type { Delivery } from '@holdfast/client';
import { formatMoment } from '../../lib/format.ts';
import { Moment } from '../../parts/moment.tsx';
import { cx } from '../../lib/cx.ts';
import { deliveryWords as words } from '../../words/delivery.ts';

/** Every send of one delivery, newest first: when, what came of it, and why. */
export function Attempts({ attempts }: { attempts: Delivery['attempts'] }) {
  return (
    <ol className="grid gap-1.5 text-xs text-ink-2" data-testid="attempts">
      {attempts.map((attempt) => (
        <li key={attempt.number} className="grid grid-cols-[5.5rem_minmax(0,1fr)] gap-x-3">
          <Moment at={attempt.started_at} format={formatMoment} className="text-ink-3 tabular-nums" />
          <span className={cx('wrap-anywhere', attempt.outcome === 'delivered' && 'text-accent')}>
            <span className="sr-only">{words.attempt(attempt.number)}: </span>
            {attempt.outcome === null ? words.underWay : (words.outcome[attempt.outcome] ?? attempt.outcome)}
            {attempt.reason && ` · ${words.reason(attempt.reason)}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
