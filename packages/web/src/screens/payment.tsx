import type { Order } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { CircleCheck, Clock, CircleX, type LucideIcon } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { creditsMoved, queries, queryClient } from '../api/queries.ts';
import { cx } from '../lib/cx.ts';
import { formatMoney } from '../lib/format.ts';
import { Button } from '../parts/button.tsx';
import { Card, Page } from '../parts/page.tsx';
import { Await, Bone } from '../parts/states.tsx';
import { paymentWords } from '../words/payments.ts';
import { NotFound } from './not-found.tsx';

const words = paymentWords.payment;
const route = getRouteApi('/private/payment');

/** Where a checkout leads back to: pending at once, and turning by itself. Each look asks Stripe, so no webhook is needed for it to turn. */
export function Payment() {
  const { order: id } = route.useSearch();
  if (id === undefined) return <NotFound />;
  return <Watched id={id} />;
}

function Watched({ id }: { id: string }) {
  const order = useQuery(queries.watchedOrder(id));
  const state = order.data?.state;
  useEffect(() => {
    if (state !== 'paid') return;
    void creditsMoved();
    void queryClient.invalidateQueries({ queryKey: ['payments'] });
  }, [state]);
  return (
    <Page title={words.title}>
      <Await query={order} loading={<Bone className="h-56 rounded-2xl" />}>
        {(data) => <Standing order={data} />}
      </Await>
    </Page>
  );
}

function Standing({ order }: { order: Order }) {
  const price = `${order.product ?? ''} · ${formatMoney(order.amount, order.currency)}`;
  switch (order.state) {
    case 'pending':
      return (
        <Said
          Icon={Clock}
          tone="text-held"
          title={words.pendingTitle}
          text={words.pending}
          price={price}
          state="pending"
        >
          {order.checkout_url && (
            <Button asChild>
              <a href={order.checkout_url}>{words.continue}</a>
            </Button>
          )}
          <Button asChild look="quiet">
            <Link to="/wallet">{words.wallet}</Link>
          </Button>
        </Said>
      );
    case 'paid':
      return (
        <Said
          Icon={CircleCheck}
          tone="text-accent"
          title={order.credits === null ? words.planPaidTitle : words.paidTitle(order.credits)}
          text={words.paid}
          price={price}
          state="paid"
        >
          <Button asChild look="primary">
            <Link to="/create">{words.create}</Link>
          </Button>
          <Button asChild>
            <Link to="/wallet">{words.wallet}</Link>
          </Button>
        </Said>
      );
    case 'failed':
    case 'expired':
      return (
        <Said
          Icon={CircleX}
          tone="text-bad"
          title={words.notPaidTitle}
          text={words.notPaid}
          price={price}
          state="not-paid"
        >
          <Button asChild look="primary">
            <Link to="/pricing">{words.again}</Link>
          </Button>
        </Said>
      );
    default:
      throw new Error(`unknown state ${String(order.state satisfies never)}`);
  }
}

function Said({
  Icon,
  tone,
  title,
  text,
  price,
  state,
  children,
}: {
  Icon: LucideIcon;
  tone: string;
  title: string;
  text: string;
  price: string;
  state: string;
  children: ReactNode;
}) {
  return (
    <Card className="flex flex-col items-center px-6 py-12 text-center">
      <Icon aria-hidden className={cx('mb-4 size-8', tone)} />
      <output className="block" data-testid={`payment-${state}`}>
        <h2 className="text-lg font-semibold">{title}</h2>
        <p className="mt-1 max-w-md text-sm text-ink-2">{text}</p>
      </output>
      <p className="mt-3 text-sm text-ink-3 tabular-nums">{price}</p>
      <div className="mt-6 flex flex-wrap justify-center gap-2">{children}</div>
    </Card>
  );
}
