import type { OperatorOrder, Order } from '@holdfast/client';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../../api/queries.ts';
import { formatMoney, signedCredits } from '../../lib/format.ts';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { Segmented } from '../../parts/segmented.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { Await, Bone } from '../../parts/states.tsx';
import { deskWords } from '../../words/operator-payments.ts';
import { inSight } from '../operator-parts/in-sight.ts';

const words = deskWords.orders;
type Shown = Order['state'] | 'all';

/** Every order, with what it brought and what went back. */
export function DeskOrders({ selected }: { selected: string | undefined }) {
  const [shown, setShown] = useState<Shown>('all');
  const orders = useInfiniteQuery(queries.deskOrders(shown));
  const choices = [
    { value: 'all' as const, label: words.all },
    { value: 'pending' as const, label: words.states.pending },
    { value: 'paid' as const, label: words.states.paid },
    { value: 'failed' as const, label: words.states.failed },
  ];
  return (
    <Section
      title={words.title}
      note={words.note}
      aside={<Segmented<Shown> label={words.title} value={shown} choices={choices} onChange={setShown} />}
    >
      {selected !== undefined && <Wanted id={selected} />}
      <Await query={orders} loading={<Bone className="h-40 rounded-2xl" />}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items).filter(({ id }) => id !== selected);
          return (
            <>
              <Card>
                {items.length === 0 ? (
                  <p className="px-5 py-4 text-sm text-ink-3">{words.empty}</p>
                ) : (
                  <ul className="divide-y divide-line" data-testid="desk-orders">
                    {items.map((order) => (
                      <Row key={order.id} order={order} selected={false} />
                    ))}
                  </ul>
                )}
              </Card>
              <ShowMore query={orders} />
            </>
          );
        }}
      </Await>
    </Section>
  );
}

/** The one that an alert's link names. */
function Wanted({ id }: { id: string }) {
  const order = useQuery(queries.deskOrder(id));
  return (
    <Await query={order} loading={<Bone className="h-20 rounded-2xl" />}>
      {(found) => (
        <Card className="mb-3">
          <ul data-testid="wanted-order">
            <Row order={found} selected />
          </ul>
        </Card>
      )}
    </Await>
  );
}

function Row({ order, selected }: { order: OperatorOrder; selected: boolean }) {
  const money = (amount: number) => formatMoney(amount, order.currency);
  const besides = [
    // Its money is the invoice's, which has a line of its own.
    ...(order.kind === 'plan' && order.state === 'paid' ? [words.invoiced] : []),
    ...(order.credits === null ? [] : [signedCredits(order.credits)]),
    ...(order.discount > 0 ? [words.discount(money(order.discount))] : []),
    ...(order.tax > 0 ? [words.tax(money(order.tax))] : []),
    ...(order.returned > 0 ? [`−${money(order.returned)}`] : []),
  ];
  return (
    <li
      {...inSight(
        selected,
        'flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 px-4 py-3 text-sm sm:px-5',
      )}
    >
      <div className="min-w-0">
        <p>
          <span className="font-medium">{order.product ?? order.kind}</span>{' '}
          <span className="text-ink-2">{words.states[order.state]}</span>
        </p>
        <p className="text-xs text-ink-3">
          <Moment at={order.created_at} /> · {order.kind}
        </p>
        <p className="font-mono text-2xs break-all text-ink-3">
          {order.id} · {order.person} · {order.object ?? '–'}
        </p>
      </div>
      <div className="ml-auto text-right tabular-nums">
        <p className="font-semibold">{money(order.amount)}</p>
        <p className="text-xs text-ink-3">{besides.join(' · ')}</p>
      </div>
    </li>
  );
}
