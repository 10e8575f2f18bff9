import type { ModelStatus } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { cx } from '../lib/cx.ts';
import { formatSeconds } from '../lib/format.ts';
import { Notice } from '../parts/notice.tsx';
import { Card, Page } from '../parts/page.tsx';
import { Await, Bone } from '../parts/states.tsx';
import { percent, statusWords as words } from '../words/public.ts';

const dots: Record<ModelStatus['status'], string> = {
  working: 'bg-accent',
  degraded: 'bg-held-fill',
  recovering: 'bg-held-fill',
  waiting: 'bg-held-fill',
  paused: 'bg-bad',
};

/** Whether what can be made is being made, for everybody to see. */
export function Status() {
  const status = useQuery(queries.modelStatus);
  return (
    <Page title={words.title}>
      <p className="-mt-3 mb-6 text-base text-ink-2">{words.lead}</p>
      <Await query={status} loading={<Bone className="h-48 rounded-2xl" />}>
        {(models) => (
          <div className="grid gap-4">
            {models.every((model) => model.status === 'working') ? (
              <Notice tone="good">{words.allFine}</Notice>
            ) : (
              <Notice tone="held">{words.someWait}</Notice>
            )}
            <Card>
              <ul className="divide-y divide-line" data-testid="status">
                {models.map((model) => (
                  <Row key={model.id} model={model} />
                ))}
              </ul>
            </Card>
            <p className="text-xs text-ink-3">{words.note}</p>
          </div>
        )}
      </Await>
    </Page>
  );
}

function Row({ model }: { model: ModelStatus }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1.5 px-4 py-3.5 text-sm sm:px-5">
      <div className="min-w-0">
        <p className="font-medium">{model.name}</p>
        <p className="flex items-center gap-1.5 text-xs text-ink-2">
          <span aria-hidden className={cx('size-1.5 rounded-full', dots[model.status])} />
          {words.states[model.status]}
        </p>
      </div>
      {model.success_rate === null ? (
        <p className="text-xs text-ink-3">{words.none}</p>
      ) : (
        <dl className="flex gap-8 tabular-nums">
          <Fact label={words.success} value={percent(model.success_rate)} />
          <Fact
            label={words.median}
            value={model.median_seconds === null ? '\u2013' : formatSeconds(model.median_seconds)}
          />
        </dl>
      )}
    </li>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div className="text-right">
      <dt className="text-xs text-ink-3">{label}</dt>
      <dd className="font-medium">{value}</dd>
    </div>
  );
}
