import { listAlerts } from '../alerts/queries.ts';
import type { AlertRow } from '../alerts/queries.ts';
import { etaAccuracy } from '../generations/estimate/eta.ts';
import type { GenerationStatus } from '../generations/rules.ts';
import type { Db } from '../platform/database.ts';
import type { OperationsDeps } from './deps.ts';
import { listActions } from './operator-log.ts';
import type { OperatorLine } from './operator-log.ts';
import { listProviderStates } from './provider-states.ts';
import type { ProviderState } from './provider-states.ts';

/** How many of each are listed. */
const most = 100;

/** Something under way that an operator should look at. */
export interface DoubtfulLine {
  readonly generation: string;
  readonly person: string;
  readonly who: string | null;
  readonly model: string;
  readonly provider: string;
  readonly status: GenerationStatus;
  readonly held: bigint;
  readonly created_at: Date;
  readonly deadline_at: Date;
  readonly age_seconds: number;
  /** How long 19 in 20 take; null where too few have been made. */
  readonly usual_seconds: number | null;
  /** Past the time at which somebody should have looked at it. */
  readonly overdue_seconds: number;
  readonly attempt: number | null;
  readonly task: string | null;
  readonly error: string | null;
}

export interface OrphanLine {
  readonly attempt: string;
  readonly generation: string;
  readonly provider: string;
  readonly task: string | null;
  readonly reason: string;
  readonly cost_usd: number | null;
  readonly found_at: Date;
}

const line = `
  select g.id as generation, g.person_id as person, i.email as who, g.model_id as model, g.provider_id as provider,
         g.state as status, g.held, g.created_at, g.deadline_at,
         extract(epoch from holdfast.clock() - g.created_at)::double precision as age_seconds,
         usual.seconds as usual_seconds,
         case when g.state = 'queued' then 0
              else greatest(0, extract(epoch from holdfast.clock() - g.due_at))::double precision end as overdue_seconds,
         a.number as attempt, a.task_id as task,
         nullif(concat_ws(' ', a.error_code, a.error_detail), '') as error
    from holdfast.generation g
    left join auth.identity i on i.id = g.person_id
    left join lateral (select t.number, t.task_id, t.error_code, left(t.error_detail, 300) as error_detail
                         from holdfast.attempt t where t.generation_id = g.id order by t.number desc limit 1) as a on true`;

/** How long 19 in 20 of a model's last two hundred took. */
const usual = `
  select m.id as model_id, recent.seconds, m.deadline_seconds
    from holdfast.model m
   cross join lateral (
     select case when count(*) >= 5 then percentile_cont(0.95) within group (order by took) end as seconds
       from (select extract(epoch from r.finished_at - r.created_at)::double precision as took
               from holdfast.generation r
              where r.model_id = m.id and r.state = 'succeeded'
              order by r.finished_at desc limit 200) as last) as recent`;

/** Longer under way than 19 in 20 of its model's (or half its deadline, where few have been made), or overdue. The latest first. */
export async function listStuck(db: Db, limit = most): Promise<DoubtfulLine[]> {
  const { rows } = await db.query<DoubtfulLine>(
    `with usual as (${usual})
     ${line}
    left join usual on usual.model_id = g.model_id
   where g.due_at is not null and g.state <> 'outcome_unknown'
     and (g.created_at < holdfast.clock() - make_interval(secs => greatest(15, coalesce(usual.seconds, usual.deadline_seconds * 0.5)))
          or (g.state <> 'queued' and g.due_at < holdfast.clock() - interval '30 seconds'))
   order by g.deadline_at
   limit $1`,
    [limit],
  );
  return rows;
}

/** Submitted, and nobody knows what became of it. The nearest deadline first. */
export async function listUnknown(db: Db, limit = most): Promise<DoubtfulLine[]> {
  const { rows } = await db.query<DoubtfulLine>(
    `with usual as (${usual})
     ${line}
    left join usual on usual.model_id = g.model_id
   where g.due_at is not null and g.state = 'outcome_unknown'
   order by g.deadline_at
   limit $1`,
    [limit],
  );
  return rows;
}

/** What providers may have taken for nothing, newest first, until somebody has looked into it. */
export async function listOrphans(db: Db, limit = most): Promise<OrphanLine[]> {
  const { rows } = await db.query<OrphanLine>(
    `select attempt_id as attempt, generation_id as generation, provider_id as provider, task_id as task, reason,
            cost_usd::double precision as cost_usd, found_at
       from holdfast.orphan_cost
      where resolved_at is null
      order by found_at desc
      limit $1`,
    [limit],
  );
  return rows;
}

export interface Overview {
  readonly under_way: Readonly<Record<string, number>>;
  readonly stuck: readonly DoubtfulLine[];
  readonly unknown: readonly DoubtfulLine[];
  readonly orphans: readonly OrphanLine[];
  readonly alerts: readonly AlertRow[];
  readonly providers: readonly ProviderState[];
  readonly estimates: { readonly shown: number; readonly held: number; readonly percent: number | null };
  readonly actions: readonly OperatorLine[];
}

/** Everything that an operator looks at first. */
export async function readOverview(deps: OperationsDeps): Promise<Overview> {
  const { db } = deps;
  const weekAgo = new Date(Date.now() - 7 * 86_400_000);
  const [counts, stuck, unknown, orphans, alerts, providers, estimates, actions] = await Promise.all([
    countUnderWay(db),
    listStuck(db),
    listUnknown(db),
    listOrphans(db),
    listAlerts(db),
    listProviderStates(deps),
    etaAccuracy(db, weekAgo),
    listActions(db, { limit: 20 }),
  ]);
  return {
    under_way: counts,
    stuck,
    unknown,
    orphans,
    alerts: alerts.filter(({ cleared_at }) => cleared_at === null),
    providers,
    estimates,
    actions,
  };
}

async function countUnderWay(db: Db): Promise<Record<string, number>> {
  const { rows } = await db.query<{ state: string; count: number }>(
    'select state, count(*)::integer as count from holdfast.generation where due_at is not null group by state',
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
