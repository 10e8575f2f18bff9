import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries.ts';
import { Amount } from '../../parts/amount.tsx';
import { HoldLink, titled_holds } from '../../parts/hold-link.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { walletWords } from '../../words/wallet.ts';

const words = walletWords.holds;

/** What is set aside, each with its generation. Not shown while nothing is. */
export function Holds() {
  const holds = useQuery({ ...queries.holds, refetchInterval: 5_000 });
  const open = holds.data ?? [];
  if (open.length === 0) return null;
  return (
    <Section title={words.title} note={words.note}>
      <Card>
        <ul className="divide-y divide-line">
          {open.map((hold, index) => (
            <li key={hold.id} className="flex items-center justify-between gap-4 px-4 py-3 text-sm sm:px-5">
              <span className="flex min-w-0 flex-wrap gap-x-2">
                <HoldLink hold={hold} titled={index < titled_holds} />
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
