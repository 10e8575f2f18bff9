import type { ProviderState } from '@holdfast/client';
import { cx } from '../../lib/cx.ts';
import { Card, Section } from '../../parts/page.tsx';
import { inSight } from './in-sight.ts';
import { balanceInWords, dollars, operatorWords } from '../../words/operator.ts';

const words = operatorWords.providers;

export function Providers({
  providers,
  selected,
}: {
  providers: readonly ProviderState[];
  /** The one that somebody was sent to look at. */
  selected: string | undefined;
}) {
  return (
    <Section title={words.title}>
      <Card>
        <ul className="divide-y divide-line" data-testid="providers">
          {providers.map((provider) => (
            <li
              key={provider.id}
              {...inSight(
                provider.id === selected,
                'grid first:rounded-t-2xl last:rounded-b-2xl gap-x-6 gap-y-2 px-4 py-3.5 text-sm sm:grid-cols-[minmax(0,1fr)_11rem_11rem] sm:px-5',
              )}
            >
              <State provider={provider} />
              {provider.paid ? (
                <>
                  <Fact
                    label={words.balance}
                    note={provider.days_left === null ? null : words.daysLeft(provider.days_left)}
                  >
                    {provider.balance === null ? words.balanceUnknown : balanceInWords(provider.balance)}
                  </Fact>
                  <Fact
                    label={words.spent}
                    note={provider.daily_cap_usd === null ? null : words.cap(dollars(provider.daily_cap_usd))}
                  >
                    {dollars(provider.spent_today_usd)}
                  </Fact>
                </>
              ) : (
                <p className="text-xs text-ink-3 sm:col-span-2 sm:text-right">{words.free}</p>
              )}
            </li>
          ))}
        </ul>
      </Card>
    </Section>
  );
}

function State({ provider }: { provider: ProviderState }) {
  const troubles = [
    ...(provider.paused_reason === null ? [] : [words.paused(provider.paused_reason)]),
    ...provider.circuits.map(({ reason, model }) => words.circuit(reason, model)),
    ...(provider.reachable ? [] : [words.unreachable]),
  ];
  return (
    <div className="min-w-0">
      <p className="flex items-center gap-2 font-medium">
        <span
          aria-hidden
          className={cx('size-1.5 rounded-full', troubles.length > 0 ? 'bg-held-fill' : 'bg-accent')}
        />
        {provider.id}
      </p>
      {troubles.length === 0 ? (
        <p className="text-xs text-ink-3">{words.fine}</p>
      ) : (
        troubles.map((trouble) => (
          <p key={trouble} className="text-xs text-held">
            {trouble}
          </p>
        ))
      )}
      <p className="text-xs text-ink-3 tabular-nums">{words.load(provider.running, provider.queued)}</p>
    </div>
  );
}

function Fact({ label, note, children }: { label: string; note: string | null; children: string }) {
  return (
    <div className="tabular-nums sm:text-right">
      <p className="text-xs text-ink-3">{label}</p>
      <p className="font-medium">{children}</p>
      {note !== null && <p className="text-xs text-ink-3">{note}</p>}
    </div>
  );
}
