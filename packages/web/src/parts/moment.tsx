import { useNow } from '../lib/use-now.ts';
import { formatExact, formatMoment } from '../lib/format.ts';

/** A time in the reader's zone; the exact stamp on hover. */
export function Moment({
  at,
  format = formatMoment,
  className,
}: {
  at: string | Date;
  format?: (at: Date, now: Date) => string;
  className?: string;
}) {
  const now = useNow(false);
  const date = typeof at === 'string' ? new Date(at) : at;
  return (
    <time dateTime={date.toISOString()} title={formatExact(date)} className={className}>
      {format(date, now)}
    </time>
  );
}
