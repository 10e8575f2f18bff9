import type { OpenAlert } from '@holdfast/client';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { inSight } from './in-sight.ts';
import { operatorWords } from '../../words/operator.ts';

const words = operatorWords.alerts;

export function Alerts({
  alerts,
  selected,
}: {
  alerts: readonly OpenAlert[];
  /** The key of the one that somebody was sent to look at. */
  selected: string | undefined;
}) {
  return (
    <Section title={words.title}>
      <ul className="grid gap-2.5">
        {alerts.map((alert) => (
          <li key={alert.key} {...inSight(alert.key === selected, 'rounded-xl')}>
            <Notice
              tone={alert.severity === 'critical' ? 'bad' : 'held'}
              title={alert.title}
              action={
                alert.link &&
                !alert.link.startsWith('/operator?alert=') && (
                  <Button asChild size="small">
                    <a href={alert.link}>{words.open}</a>
                  </Button>
                )
              }
            >
              <p>{alert.detail}</p>
              <p className="mt-1 text-xs text-ink-2">
                <Moment at={alert.opened_at} />
                {words.raised(alert.raises)}
              </p>
            </Notice>
          </li>
        ))}
      </ul>
    </Section>
  );
}
