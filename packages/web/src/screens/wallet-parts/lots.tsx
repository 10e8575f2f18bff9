import type { Lot } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../../api/queries.ts';
import { cx } from '../../lib/cx.ts';
import { useNow } from '../../lib/use-now.ts';
import { daysUntil, formatCredits, formatDay } from '../../lib/format.ts';
import { Amount } from '../../parts/amount.tsx';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { Await, Bone, Empty } from '../../parts/states.tsx';
import { walletWords } from '../../words/wallet.ts';

const words = walletWords.lots;
const soonDays = 30;
/** What has no turn yet comes after all that have. */
const last = Number.MAX_SAFE_INTEGER;

/** Where the credits came from, when they expire, and in which order they are spent. */
export function Lots() {
  const lots = useQuery(queries.lots);
  const [past, setPast] = useState(false);
  return (
    <Section id="lots" title={words.title} note={words.note}>
      <Await query={lots} loading={<Bone className="h-24 rounded-2xl" />}>
        {(items) => {
          const live = items
            .filter((lot) => lot.state === 'active' || lot.state === 'upcoming')
            .toSorted((one, other) => (one.order ?? last) - (other.order ?? last));
          const gone = items.length - live.length;
          const shown = past ? [...live, ...items.filter((lot) => !live.includes(lot))] : live;
          return (
            <>
              <Card>
                {shown.length === 0 ? (
                  <Empty title={words.emptyTitle}>{words.empty}</Empty>
                ) : (
                  <ul className="divide-y divide-line">
                    {shown.map((lot) => (
                      <LotRow key={lot.id} lot={lot} />
                    ))}
                  </ul>
                )}
              </Card>
              {gone > 0 && (
                <Button look="quiet" size="small" className="mt-2" onClick={() => setPast(!past)}>
                  {past ? words.hidePast : words.past(gone)}
                </Button>
              )}
            </>
          );
        }}
      </Await>
    </Section>
  );
}

function LotRow({ lot }: { lot: Lot }) {
  const live = lot.state === 'active';
  return (
    <li className={cx('flex items-center gap-4 px-4 py-3 text-sm sm:px-5', !live && 'text-ink-3')}>
      <span
        title={words.order}
        className={cx(
          'grid size-6 shrink-0 place-items-center rounded-full text-xs font-semibold tabular-nums',
          lot.order === 1 ? 'bg-accent-soft text-accent' : 'bg-sunken text-ink-3',
        )}
      >
        <span className="sr-only">{words.order}: </span>
        {lot.order ?? '–'}
      </span>
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          {words.sources[lot.source] ?? lot.source}
          {lot.order === 1 && <span className="ml-2 text-xs font-normal text-accent">{words.next}</span>}
          {!live && <span className="ml-2 text-xs font-normal">{words.states[lot.state]}</span>}
        </p>
        <Expiry lot={lot} />
      </div>
      <div className="text-right tabular-nums">
        <p>
          <Amount value={lot.remaining} className="font-semibold" />
          <span className="text-ink-3"> / {formatCredits(lot.granted)}</span>
        </p>
        {lot.held > 0 && <p className="text-xs text-held">{words.heldPart(formatCredits(lot.held))}</p>}
      </div>
    </li>
  );
}

function Expiry({ lot }: { lot: Lot }) {
  const now = useNow(false);
  if (!lot.expires_at) {
    return (
      <p className="text-xs text-ink-3">
        {words.expires}: {words.never}
      </p>
    );
  }
  const days = daysUntil(new Date(lot.expires_at), now);
  const soon = lot.state === 'active' && days <= soonDays;
  return (
    <p className={cx('text-xs', soon ? 'font-medium text-held' : 'text-ink-3')}>
      {words.expires} <Moment at={lot.expires_at} format={formatDay} />
    </p>
  );
}
