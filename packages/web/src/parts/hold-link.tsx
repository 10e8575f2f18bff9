import type { Hold } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { titleOf } from '../lib/title-of.ts';
import { commonWords } from '../words/common.ts';

/** The way from a hold to the generation it is for, by that one's title where it can be told at once. */
export function HoldLink({ hold, titled }: { hold: Hold; titled: boolean }) {
  const generation = useQuery({
    ...queries.generation(hold.generation ?? ''),
    enabled: titled && hold.generation !== null,
    staleTime: 60_000,
  });
  if (!hold.generation) return <span className="font-medium">{hold.id}</span>;
  return (
    <Link
      to="/generations/$id"
      params={{ id: hold.generation }}
      className="truncate rounded font-medium text-accent underline-offset-3 hover:underline"
    >
      {generation.data ? titleOf(generation.data) : commonWords.header.holdFor}
    </Link>
  );
}

/** More than so many are not asked for one by one. */
export const titled_holds = 8;
