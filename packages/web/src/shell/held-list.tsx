import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { Amount } from '../parts/amount.tsx';
import { HoldLink, titled_holds } from '../parts/hold-link.tsx';
import { Await, Bone } from '../parts/states.tsx';
import { commonWords } from '../words/common.ts';

const words = commonWords.header;

/** Which generations hold how much. */
export function HeldList() {
  const holds = useQuery(queries.holds);
  return (
    <>
      <p className="font-medium text-ink">{words.heldTitle}</p>
      <p className="mt-0.5 text-xs text-ink-3">{words.heldText}</p>
      <div className="mt-3 -mb-1">
        <Await query={holds} loading={<Bone className="h-10" />}>
          {(items) => (
            <ul className="divide-y divide-line border-t border-line">
              {items.map((hold, index) => (
                <li key={hold.id} className="flex items-center justify-between gap-4 py-2">
                  <HoldLink hold={hold} titled={index < titled_holds} />
                  <Amount value={hold.remaining} className="font-medium text-ink" />
                </li>
              ))}
            </ul>
          )}
        </Await>
      </div>
    </>
  );
}
