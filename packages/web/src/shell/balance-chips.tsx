import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Clock, Lock } from 'lucide-react';
import { queries } from '../api/queries.ts';
import { cx } from '../lib/cx.ts';
import { useNow } from '../lib/use-now.ts';
import { daysUntil, formatCredits } from '../lib/format.ts';
import { Popover } from '../parts/popover.tsx';
import { Bone } from '../parts/states.tsx';
import { commonWords } from '../words/common.ts';
import { HeldList } from './held-list.tsx';

const words = commonWords.header;
/** Below this the chip turns amber: about one short video. */
const low = 50;

/** The balance, everywhere: what can be spent, what is held and by what, what expires soon. */
export function BalanceChips() {
  const { data } = useQuery(queries.balance);
  const now = useNow(false);
  if (!data) return <Bone className="ml-auto h-8 w-24" />;
  const soon = data.expiring > 0 && data.next_expiry ? data.next_expiry : null;
  return (
    <div className="ml-auto flex items-center gap-1.5">
      {soon && (
        <Link
          to="/wallet"
          hash="lots"
          className="hidden h-8 items-center gap-1.5 rounded-full px-2.5 text-xs font-medium text-held hover:bg-held-soft sm:flex"
        >
          <Clock aria-hidden className="size-3.5" />
          {words.expiring(formatCredits(data.expiring), daysUntil(new Date(soon.at), now))}
        </Link>
      )}
      {data.held > 0 && (
        <Popover
          label={words.heldTitle}
          trigger={
            <button
              type="button"
              className="flex h-8 items-center gap-1.5 rounded-full bg-held-soft px-2.5 text-xs font-medium text-held tabular-nums transition-colors hover:brightness-95 dark:hover:brightness-110 pointer-coarse:h-10"
            >
              <Lock aria-hidden className="size-3" />
              {words.held(formatCredits(data.held))}
            </button>
          }
        >
          <HeldList />
        </Popover>
      )}
      <Link
        to="/wallet"
        data-testid="available"
        className={cx(
          'flex h-8 items-baseline gap-1.5 rounded-full border px-3 text-sm leading-[1.875rem] transition-colors pointer-coarse:h-10 pointer-coarse:leading-[2.375rem]',
          data.available <= 0 && 'border-bad-line bg-bad-soft text-bad',
          data.available > 0 && data.available < low && 'border-transparent bg-held-soft text-held',
          data.available >= low && 'border-line-strong bg-surface hover:border-ink-3',
        )}
      >
        <span className="font-semibold tabular-nums">{formatCredits(data.available)}</span>{' '}
        <span className={cx('text-xs max-[400px]:sr-only', data.available >= low && 'text-ink-3')}>
          {words.available}
        </span>
        <span className="sr-only">{words.openWallet}</span>
      </Link>
    </div>
  );
}
