import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../../api/queries.ts';
import { Amount } from '../../parts/amount.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { walletWords } from '../../words/wallet.ts';

const words = walletWords.holds;

/** What is set aside, each with its generation. Not shown while nothing is. */
export function Holds() {
  const holds = useQuery({ ...queries.holds, refetchInterval: 5_000 });
  const open = holds.data?.filter((hold) => hold.state === 'open') ?? [];
  if (open.length === 0) return null;
  return (
    <Section title={words.title} note={words.note}>
      <Card>
        <ul className="divide-y divide-line">
          {open.map((hold) => (
            <li key={hold.id} className="flex items-center justify-between gap-4 px-4 py-3 text-sm sm:px-5">
              <span className="min-w-0">
                {hold.generation ? (
                  <Link
                    to="/generations/$id"
                    params={{ id: hold.generation }}
                    className="rounded font-medium text-accent underline-offset-3 hover:underline"
                  >
                    {words.generation}
                  </Link>
                ) : (
                  <span className="font-medium">{hold.id}</span>
                )}{' '}
                <span className="text-ink-3">
                  {words.since} <Moment at={hold.placed_at} />
                </span>
              </span>
              <Amount value={hold.remaining} className="font-semibold text-held" />
            </li>
          ))}
        </ul>
      </Card>
    </Section>
  );
}
