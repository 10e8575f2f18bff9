import type { OrphanLine } from '@holdfast/client';
import { useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { dollars, operatorWords, orphanReason } from '../../words/operator.ts';
import { ActionDialog } from './action-dialog.tsx';
import type { Target } from './action-dialog.tsx';

const words = operatorWords.orphans;

/** What a provider may have taken for nothing, until somebody has looked into it. */
export function Orphans({ lines }: { lines: readonly OrphanLine[] }) {
  const [target, setTarget] = useState<Target | null>(null);
  return (
    <Section title={words.title} note={words.note}>
      <Card>
        {lines.length === 0 ? (
          <p className="px-4 py-3.5 text-sm text-ink-3 sm:px-5">{words.empty}</p>
        ) : (
          <ul className="divide-y divide-line" data-testid="orphans">
            {lines.map((line) => (
              <li
                key={line.attempt}
                className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2.5 px-4 py-3.5 sm:px-5"
              >
                <div className="min-w-0 flex-1 basis-80 text-sm">
                  <p className="tabular-nums">
                    <span className="font-medium">
                      {line.cost_usd === null ? words.unknownCost : dollars(line.cost_usd)}
                    </span>{' '}
                    <span className="text-ink-2">{line.provider}</span>
                  </p>
                  <p className="mt-0.5 text-xs text-ink-2">{orphanReason(line.reason)}</p>
                  <p className="mt-0.5 text-xs break-all text-ink-3">
                    <Moment at={line.found_at} />
                    {' · '}
                    {line.task === null ? operatorWords.line.noTask : operatorWords.line.task(line.task)}
                    {' · '}
                    <span className="font-mono text-2xs">{line.generation}</span>
                  </p>
                </div>
                <Button
                  size="small"
                  onClick={() => setTarget({ act: 'settle', id: line.attempt, attempt: null })}
                >
                  {operatorWords.acts.settle}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <ActionDialog target={target} onClose={() => setTarget(null)} />
    </Section>
  );
}
