import { NotFoundError } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { Page } from '../parts/page.tsx';
import { deskWords as words } from '../words/operator-payments.ts';
import { NotFound } from './not-found.tsx';
import { Books } from './operator-payment-parts/books.tsx';
import { DeskOrders } from './operator-payment-parts/desk-orders.tsx';
import { Events } from './operator-payment-parts/events.tsx';

/** Money as an operator sees it: what waits, every order, and the comparison of books. To everybody else there is no such page. */
export function OperatorPayments() {
  const waiting = useQuery(queries.deskEvents('waiting'));
  const { event, order } = useSearch({ from: '/private/operator/payments' });
  if (waiting.error instanceof NotFoundError) return <NotFound />;
  return (
    <Page
      title={words.title}
      wide
      aside={
        <Link to="/operator" className="rounded text-sm font-medium text-accent underline underline-offset-3">
          {words.back}
        </Link>
      }
    >
      <div className="grid gap-9">
        <Books />
        <Events selected={event} />
        <DeskOrders selected={order} />
      </div>
    </Page>
  );
}
