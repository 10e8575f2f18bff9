import type { OperatorOverview } from '@holdfast/client';
import { formatCredits } from '../../lib/format.ts';
import { Card } from '../../parts/page.tsx';
import { operatorWords } from '../../words/operator.ts';

const words = operatorWords.underWay;

/** How much is going on, in four numbers. */
export function Counts({ overview: { under_way: now, estimates } }: { overview: OperatorOverview }) {
  const of = (...states: string[]) => states.reduce((sum, state) => sum + (now[state] ?? 0), 0);
  const { shown, held, percent } = estimates;
  return (
    <Card className="p-4 sm:p-5">
      <h2 className="sr-only">{words.title}</h2>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-4">
        <Count label={words.queued} value={formatCredits(of('queued'))} />
        <Count label={words.running} value={formatCredits(of('submitting', 'running', 'ingesting'))} />
        <Count label={words.unknown} value={formatCredits(of('outcome_unknown'))} />
        <Count
          label={words.estimates}
          value={percent === null ? '–' : `${Math.round(percent)} %`}
          note={percent === null ? words.estimatesNone : words.estimatesNote(held, shown)}
        />
      </dl>
    </Card>
  );
}

function Count({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div>
      <dt className="text-xs text-ink-3">{label}</dt>
      <dd className="text-xl font-semibold tracking-[-0.015em] tabular-nums">{value}</dd>
      {note && <dd className="text-xs text-ink-3 tabular-nums">{note}</dd>}
    </div>
  );
}
