import type { OperatorLine } from '@holdfast/client';
import { Moment } from '../../parts/moment.tsx';
import { Card, Section } from '../../parts/page.tsx';
import { operatorWords } from '../../words/operator.ts';

const words = operatorWords.log;

/** Who did what and why, newest first. */
export function ActionLog({ lines }: { lines: readonly OperatorLine[] }) {
  return (
    <Section title={words.title} note={words.note}>
      <Card>
        {lines.length === 0 ? (
          <p className="px-4 py-3.5 text-sm text-ink-3 sm:px-5">{words.empty}</p>
        ) : (
          <ul className="divide-y divide-line" data-testid="actions">
            {lines.map((line) => (
              <li key={line.id} className="px-4 py-3 text-sm sm:px-5">
                <p className="flex flex-wrap items-baseline gap-x-2">
                  <span className="font-medium">{words.acts[line.action] ?? line.action}</span>
                  <span className="text-ink-2">{outcomeOf(line)}</span>
                  <span className="text-xs text-ink-3">
                    {line.operator}, <Moment at={line.at} />
                  </span>
                </p>
                <p className="mt-0.5 text-xs break-words text-ink-2">{line.reason}</p>
                <p className="mt-0.5 font-mono text-2xs break-all text-ink-3">{line.subject}</p>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </Section>
  );
}

function outcomeOf({ outcome }: OperatorLine): string {
  return outcome === null ? words.brokeOff : (words.outcomes[outcome] ?? outcome.replaceAll('_', ' '));
}
