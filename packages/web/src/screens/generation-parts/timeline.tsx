import type { Generation, GenerationStatus } from '@holdfast/client';
import { Check, X } from 'lucide-react';
import { cx } from '../../lib/cx.ts';
import { formatClock, formatSeconds } from '../../lib/format.ts';
import { Moment } from '../../parts/moment.tsx';
import { generationWords as words } from '../../words/generation.ts';

const usual: GenerationStatus[] = ['queued', 'submitting', 'running', 'ingesting', 'succeeded'];

/** What happened when, and while it runs what is still to come. */
export function Timeline({ generation }: { generation: Generation }) {
  const happened = generation.timeline;
  const last = happened.at(-1);
  const reached = last ? usual.indexOf(last.status) : -1;
  const ahead = generation.final ? [] : usual.slice(reached + 1);
  const total =
    generation.finished_at === null
      ? null
      : (new Date(generation.finished_at).getTime() - new Date(generation.created_at).getTime()) / 1_000;
  return (
    <>
      <ol className="text-sm" data-testid="timeline">
        {happened.map((entry, index) => {
          const next = happened[index + 1];
          const took = next ? (new Date(next.at).getTime() - new Date(entry.at).getTime()) / 1_000 : null;
          const current = index === happened.length - 1 && !generation.final;
          return (
            <li key={`${entry.status}-${entry.at}`} className="relative flex gap-3 pb-3 last:pb-0">
              <Knot status={entry.status} current={current} />
              {(next || ahead.length > 0) && <Thread done={Boolean(next)} />}
              <span className={cx('flex-1', current ? 'font-medium text-ink' : 'text-ink-2')}>
                {words.steps[entry.status]}
                {took !== null && took >= 0.05 && (
                  <span className="ml-2 text-xs text-ink-3 tabular-nums">{formatSeconds(took)}</span>
                )}
              </span>
              <Moment
                at={entry.at}
                format={formatClock}
                className="text-xs leading-5 text-ink-3 tabular-nums"
              />
            </li>
          );
        })}
        {ahead.map((status, index) => (
          <li key={status} className="relative flex gap-3 pb-3 text-ink-3 last:pb-0">
            <span
              aria-hidden
              className="relative z-10 mt-1 grid size-3 place-items-center rounded-full border border-line-strong bg-surface"
            />
            {index < ahead.length - 1 && <Thread done={false} />}
            {words.steps[status]}
          </li>
        ))}
      </ol>
      {total !== null && <p className="mt-3 text-xs text-ink-3 tabular-nums">{words.total(total)}</p>}
    </>
  );
}

function Thread({ done }: { done: boolean }) {
  return (
    <span
      aria-hidden
      className={cx(
        'absolute top-4 bottom-[-0.25rem] left-[0.34rem] w-px',
        done ? 'bg-accent-line' : 'bg-line',
      )}
    />
  );
}

function Knot({ status, current }: { status: GenerationStatus; current: boolean }) {
  if (status === 'failed' || status === 'cancelled') {
    return (
      <span
        aria-hidden
        className={cx(
          'relative z-10 mt-1 grid size-3 place-items-center rounded-full',
          status === 'failed' ? 'bg-bad' : 'bg-ink-3',
        )}
      >
        <X className="size-2 text-surface" strokeWidth={4} />
      </span>
    );
  }
  if (current) {
    return (
      <span
        aria-hidden
        className="relative z-10 mt-1 grid size-3 place-items-center rounded-full border-2 border-accent bg-surface"
      >
        <span className="size-1 animate-breathe rounded-full bg-accent" />
      </span>
    );
  }
  return (
    <span aria-hidden className="relative z-10 mt-1 grid size-3 place-items-center rounded-full bg-accent">
      <Check className="size-2 text-on-accent" strokeWidth={4} />
    </span>
  );
}
