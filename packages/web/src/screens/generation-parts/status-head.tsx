import type { Generation } from '@holdfast/client';
import { useNow } from '../../lib/use-now.ts';
import type { Watching } from '../../api/watch-generation.ts';
import { Moment } from '../../parts/moment.tsx';
import { cx } from '../../lib/cx.ts';
import { generationWords as words } from '../../words/generation.ts';

const dots: Record<Generation['status'], string> = {
  queued: 'bg-held-fill',
  submitting: 'bg-held-fill',
  running: 'bg-accent animate-breathe',
  ingesting: 'bg-accent animate-breathe',
  outcome_unknown: 'bg-held-fill animate-breathe',
  succeeded: 'bg-accent',
  failed: 'bg-bad',
  cancelled: 'bg-ink-3',
};

/** What is going on, in a line of words: state, place in the queue, when it will be ready. */
export function StatusHead({
  generation,
  modelName,
  watching,
}: {
  generation: Generation;
  modelName: string;
  watching: Watching;
}) {
  return (
    <div>
      <p className="flex items-center gap-2 text-lg font-semibold tracking-[-0.015em]" aria-live="polite">
        <span aria-hidden className={cx('size-2 rounded-full', dots[generation.status])} />
        <span data-testid="headline">{words.headline[generation.status]}</span>
      </p>
      {generation.status === 'outcome_unknown' && <p className="mt-1 text-sm text-ink-2">{words.unknown}</p>}
      {!generation.final && <Waiting generation={generation} />}
      <p className="mt-1.5 flex flex-wrap items-center gap-x-2 text-xs text-ink-3">
        <span>{modelName}</span>
        <span aria-hidden>·</span>
        <Moment at={generation.created_at} />
        {!generation.final && (
          <>
            <span aria-hidden>·</span>
            <span>{words.watching[watching]}</span>
          </>
        )}
      </p>
    </div>
  );
}

function Waiting({ generation }: { generation: Generation }) {
  const now = useNow();
  const said: string[] = [];
  const { queue } = generation;
  if (queue) said.push(words.waitsFor[queue.reason](queue.position, queue.of));
  if (generation.eta) {
    const from = (new Date(generation.eta.from).getTime() - now.getTime()) / 1_000;
    const to = (new Date(generation.eta.to).getTime() - now.getTime()) / 1_000;
    said.push(to < -5 ? words.late : words.eta(from, to));
  } else if (generation.status !== 'outcome_unknown' && queue?.reason !== 'model_waiting') {
    said.push(words.etaUnknown);
  }
  if (said.length === 0) return null;
  return (
    <p className="mt-1 text-sm text-ink-2 tabular-nums" data-testid="waiting">
      {said.join(' · ')}
    </p>
  );
}
