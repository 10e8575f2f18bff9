import { NotFoundError, type OperatorOverview } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { Await, Bone } from '../parts/states.tsx';
import { operatorWords as words } from '../words/operator.ts';
import { NotFound } from './not-found.tsx';
import { ActionLog } from './operator-parts/action-log.tsx';
import { Alerts } from './operator-parts/alerts.tsx';
import { Counts } from './operator-parts/counts.tsx';
import { Doubtful } from './operator-parts/doubtful.tsx';
import { Orphans } from './operator-parts/orphans.tsx';
import { Providers } from './operator-parts/providers.tsx';

/** What needs an operator, worst first, and what can be done about it. To everybody else there is no such page. */
export function Operator() {
  const overview = useQuery(queries.operatorOverview);
  if (overview.error instanceof NotFoundError) return <NotFound />;
  return (
    <Page
      title={words.title}
      wide
      aside={
        <Link
          to="/operator/payments"
          className="rounded text-sm font-medium text-accent underline underline-offset-3"
        >
          {words.payments}
        </Link>
      }
    >
      <Await query={overview} loading={<Loading />}>
        {(data) => <Shown overview={data} />}
      </Await>
    </Page>
  );
}

function Shown({ overview }: { overview: OperatorOverview }) {
  const { alerts, unknown, stuck, orphans, providers, actions } = overview;
  const looking = useSearch({ from: '/private/operator' });
  const calm = alerts.length + unknown.length + stuck.length + orphans.length === 0;
  return (
    <div className="grid gap-9">
      {calm && <Notice tone="good">{words.calm}</Notice>}
      {alerts.length > 0 && <Alerts alerts={alerts} selected={looking.alert} />}
      <Counts overview={overview} />
      <Doubtful kind="unknown" lines={unknown} />
      <Doubtful kind="stuck" lines={stuck} />
      <Orphans lines={orphans} />
      <Providers providers={providers} selected={looking.provider} />
      <ActionLog lines={actions} />
    </div>
  );
}

function Loading() {
  return (
    <div className="grid gap-9">
      <Bone className="h-24 rounded-2xl" />
      <Bone className="h-40 rounded-2xl" />
      <Bone className="h-40 rounded-2xl" />
    </div>
  );
}
