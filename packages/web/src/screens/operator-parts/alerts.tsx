import type { OpenAlert } from '@holdfast/client';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { operatorWords } from '../../words/operator.ts';

const words = operatorWords.alerts;

export function Alerts({ alerts }: { alerts: readonly OpenAlert[] }) {
  return (
    <Section title={words.title}>
      <ul className="grid gap-2.5">
        {alerts.map((alert) => (
          <li key={alert.key}>
            <Notice
              tone={alert.severity === 'critical' ? 'bad' : 'held'}
              title={alert.title}
              action={
                alert.link && (
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
