import type { Order } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import { creditsMoved, queries, queryClient } from '../../api/queries.ts';
import { cx } from '../../lib/cx.ts';
import { formatMoney, signedCredits } from '../../lib/format.ts';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { paymentWords } from '../../words/payments.ts';

const words = paymentWords.orders;
const tones: Record<Order['state'], string> = {
  pending: 'text-held',
  paid: 'text-accent',
  failed: 'text-bad',
  expired: 'text-ink-3',
};

/** Every payment, the pending ones first among them; and the button for whoever misses credits. */
export function Orders() {
  const catalogue = useQuery(queries.catalogue);
  const orders = useQuery(queries.orders);
  const off = catalogue.data?.mode === 'off';
  if (!orders.data || (off && orders.data.length === 0)) return null;
  // A plan's checkout is paid by its first invoice, which is listed itself: one payment is one line.
  const shown = orders.data.filter(({ kind, state }) => kind !== 'plan' || state !== 'paid');
  return (
    <Section
      title={words.title}
      note={words.note}
      aside={off ? undefined : <Portal bought={orders.data.length > 0} />}
    >
      <div className="grid gap-3">
        <Card>
          {shown.length === 0 ? (
            <p className="px-5 py-6 text-sm text-ink-3">{words.empty}</p>
          ) : (
            <ul className="divide-y divide-line">
              {shown.map((order) => (
                <Row key={order.id} order={order} />
              ))}
            </ul>
          )}
        </Card>
        {!off && <PaidBut />}
      </div>
    </Section>
  );
}

function Row({ order }: { order: Order }) {
  return (
    <li
      className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-4 py-3 text-sm sm:px-5"
      data-testid="order"
    >
      <div className="min-w-0">
        <p className="font-medium">
          {order.product ?? words.kinds[order.kind]}{' '}
          <span className={cx('font-normal', tones[order.state])}>{words.states[order.state]}</span>
        </p>
        <p className="text-xs text-ink-3">
          {words.kinds[order.kind]} · <Moment at={order.created_at} />
          {order.discount > 0 && ` · ${words.discount(formatMoney(order.discount, order.currency))}`}
          {order.tax > 0 && ` · ${words.tax(formatMoney(order.tax, order.currency))}`}
          {order.returned > 0 && ` · ${words.returned(formatMoney(order.returned, order.currency))}`}
        </p>
      </div>
      <div className="ml-auto flex items-baseline gap-4">
        {order.state === 'pending' && order.checkout_url && (
          <a
            href={order.checkout_url}
            className="rounded text-sm font-medium text-accent underline underline-offset-3"
          >
            {words.goOn}
          </a>
        )}
        {order.document_url && (
          <a
            href={order.document_url}
            target="_blank"
            rel="noreferrer"
            className="rounded text-xs text-ink-2 underline underline-offset-3 hover:text-ink"
          >
            {words.document}
          </a>
        )}
        <div className="text-right tabular-nums">
          <p className="font-semibold">{formatMoney(order.amount, order.currency)}</p>
          {order.credits !== null && order.credits > 0 && (
            <p className="text-xs text-accent">{signedCredits(order.credits)}</p>
          )}
        </div>
      </div>
    </li>
  );
}

function Portal({ bought }: { bought: boolean }) {
  const open = useMutation({
    mutationFn: () => api.portal(window.location.href),
    onSuccess: (url) => window.location.assign(url),
  });
  if (!bought) return null;
  return (
    <Button size="small" busy={open.isPending} onClick={() => open.mutate()}>
      {words.portal}
    </Button>
  );
}

function PaidBut() {
  const check = useMutation({
    mutationFn: () => api.checkPayments(),
    onSuccess: () => Promise.all([creditsMoved(), queryClient.invalidateQueries({ queryKey: ['payments'] })]),
  });
  return (
    <div className="grid gap-3">
      <div>
        <Button size="small" busy={check.isPending} onClick={() => check.mutate()}>
          {words.paidBut}
        </Button>
      </div>
      {check.data && (
        <div data-testid="paid-but">
          <Notice
            tone={
              check.data.outcome === 'repaired' ? 'good' : check.data.outcome === 'pending' ? 'held' : 'plain'
            }
          >
            {check.data.says}
          </Notice>
        </div>
      )}
      <ProblemNotice error={check.error} />
    </div>
  );
}
