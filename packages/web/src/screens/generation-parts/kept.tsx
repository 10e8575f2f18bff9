import type { Generation } from '@holdfast/client';
import { Hourglass } from 'lucide-react';
import { formatDay, formatMoment } from '../../lib/format.ts';
import { isGone } from '../../lib/is-gone.ts';
import { useNow } from '../../lib/use-now.ts';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';
import { generationWords as words } from '../../words/generation.ts';

/** Until when its files are kept, where that is not for ever; and that they are gone, once they are. */
export function Kept({ generation }: { generation: Generation }) {
  const now = useNow(false);
  if (generation.kept_until === null) return null;
  const until = new Date(generation.kept_until);
  if (isGone(generation, now)) {
    return (
      <Notice>
        <span data-testid="gone">
          {words.gone} <Moment at={until} format={formatDay} /> {words.goneReceipt}
        </span>
      </Notice>
    );
  }
  if (generation.outputs.length === 0) return null;
  const soon = until.getTime() - now.getTime() < soon_ms;
  return (
    <p
      data-testid="kept-until"
      className={`flex items-center gap-2 text-sm ${soon ? 'font-medium text-held' : 'text-ink-2'}`}
    >
      <Hourglass aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
      <span>
        {words.keptUntil} <Moment at={until} format={soon ? formatMoment : formatDay} />. {words.keptSave}
      </span>
    </p>
  );
}

/** From here on it is said louder. */
const soon_ms = 3 * 86_400_000;
