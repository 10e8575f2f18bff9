import type { Movement } from '@holdfast/client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../../api/queries.ts';
import { cx } from '../../lib/cx.ts';
import { formatCredits, signedCredits } from '../../lib/format.ts';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { Await, Bone, Empty } from '../../parts/states.tsx';
import { walletWords } from '../../words/wallet.ts';

const words = walletWords.history;

/** A line per movement, each linked to what caused it, with the balance after it. */
export function History() {
  const history = useInfiniteQuery(queries.history);
  return (
    <Section title={words.title} note={words.note}>
      <Await query={history} loading={<Loading />}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          if (items.length === 0) {
            return (
              <Card>
                <Empty title={words.emptyTitle}>{words.empty}</Empty>
              </Card>
            );
          }
          return (
            <>
              <Card className="overflow-hidden">
                <table className="w-full text-sm tabular-nums" data-testid="history">
                  <thead className="border-b border-line text-left text-xs text-ink-3">
                    <tr>
                      <th className="px-4 py-2.5 font-medium sm:px-5">{words.what}</th>
                      <th className="py-2.5 pr-4 text-right font-medium">{words.change}</th>
                      <th className="py-2.5 pr-4 text-right font-medium max-sm:hidden">{words.total}</th>
                      <th className="py-2.5 pr-4 text-right font-medium sm:pr-5">{words.available}</th>
                    </tr>
                  </thead>
                  <tbody className="divide-y divide-line">
                    {items.map((movement) => (
                      <MovementRow key={movement.id} movement={movement} />
                    ))}
                  </tbody>
                </table>
              </Card>
              <ShowMore query={history} end={items.length > 10 ? words.end : undefined} />
            </>
          );
        }}
      </Await>
    </Section>
  );
}

function MovementRow({ movement }: { movement: Movement }) {
  return (
    <tr className="align-baseline">
      <td className="px-4 py-2.5 sm:px-5">
        <span className="text-ink">{movement.description}</span>
        <span className="block text-xs text-ink-3">
          <Moment at={movement.at} />
          {movement.generation && (
            <>
              {' · '}
              <Link
                to="/generations/$id"
                params={{ id: movement.generation }}
                className="rounded text-accent underline underline-offset-3 hover:text-accent-hover"
              >
                {words.open}
              </Link>
            </>
          )}
        </span>
      </td>
      <td className="py-2.5 pr-4 text-right whitespace-nowrap">
        <span
          className={cx(
            'font-medium',
            movement.amount > 0 && 'text-accent',
            movement.amount < 0 && 'text-ink',
            movement.amount === 0 && 'text-ink-3',
          )}
        >
          {signedCredits(movement.amount)}
        </span>
        {movement.held_change !== 0 && (
          <span className="block text-xs text-held">
            {words.heldChange(signedCredits(movement.held_change))}
          </span>
        )}
      </td>
      <td className="py-2.5 pr-4 text-right text-ink-2 max-sm:hidden">{formatCredits(movement.total)}</td>
      <td className="py-2.5 pr-4 text-right text-ink-2 sm:pr-5">{formatCredits(movement.available)}</td>
    </tr>
  );
}

function Loading() {
  return <Bone className="h-64 rounded-2xl" />;
}
