import { creditsInWords, formatCredits } from '../lib/format.ts';
import { cx } from '../lib/cx.ts';

/** Credits as a number that lines up, read out with its word. */
export function Amount({ value, className }: { value: number; className?: string }) {
  return (
    <span className={cx('tabular-nums', className)}>
      <span aria-hidden>{formatCredits(value)}</span>
      <span className="sr-only">{creditsInWords(value)}</span>
    </span>
  );
}
