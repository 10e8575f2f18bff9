import type { DoubtfulLine } from '@holdfast/client';
import { useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { commonWords } from '../../words/common.ts';
import { operatorWords } from '../../words/operator.ts';
import { ActionDialog } from './action-dialog.tsx';
import type { Target } from './action-dialog.tsx';

const words = operatorWords.line;
const acts = {
  unknown: ['ask', 'adopt', 'release', 'resubmit'],
  stuck: ['ask', 'release'],
} as const;

/** Generations that an operator should look at, each with what can be done. */
export function Doubtful({ kind, lines }: { kind: 'unknown' | 'stuck'; lines: readonly DoubtfulLine[] }) {
  const { title, note, empty } = operatorWords[kind];
  const [target, setTarget] = useState<Target | null>(null);
  return (
    <Section title={title} note={note}>
      <Card>
        {lines.length === 0 ? (
          <p className="px-4 py-3.5 text-sm text-ink-3 sm:px-5">{empty}</p>
        ) : (
          <ul className="divide-y divide-line" data-testid={kind}>
            {lines.map((line) => (
              <li key={line.generation} className="px-4 py-3.5 sm:px-5">
                <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2.5">
                  <Facts line={line} />
                  <div className="flex flex-wrap gap-2">
                    {acts[kind].map((act) => (
                      <Button
                        key={act}
                        size="small"
                        look={act === 'resubmit' ? 'danger' : 'plain'}
                        onClick={() => setTarget({ act, id: line.generation, attempt: line.attempt })}
                      >
                        {operatorWords.acts[act]}
                      </Button>
                    ))}
                  </div>
                </div>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <ActionDialog target={target} onClose={() => setTarget(null)} />
    </Section>
  );
}

function Facts({ line }: { line: DoubtfulLine }) {
  const late = line.overdue_seconds > 30;
  return (
    <div className="min-w-0 flex-1 basis-80 text-sm">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">{commonWords.status[line.status]}</span>
        <span className="text-ink-2">
          {line.model} · {line.provider}
        </span>
      </p>
      <p className="mt-0.5 text-xs text-ink-2 tabular-nums">
        {words.age(line.age_seconds, line.usual_seconds)}
        {late && <span className={cx('text-bad')}> · {words.overdue(line.overdue_seconds)}</span>}
        {' · '}
        {words.ends} <Moment at={line.deadline_at} />
        {' · '}
        {words.held(line.held)}
      </p>
      <p className="mt-0.5 text-xs break-all text-ink-3">
        {line.who ?? words.somebody}
        {line.attempt !== null && ` · ${words.attempt(line.attempt)}`}
        {line.attempt !== null && ` · ${line.task === null ? words.noTask : words.task(line.task)}`}
      </p>
      {line.error && <p className="mt-1 text-xs break-words text-ink-3">{line.error}</p>}
      <p className="mt-0.5 flex items-center gap-1 font-mono text-2xs text-ink-3">
        <span className="truncate">{line.generation}</span>
        <CopyButton text={line.generation} label={line.generation} />
      </p>
    </div>
  );
}
