import { spentToday } from '../generations/pick-up/spend.ts';
import { readBalance } from '../providers/health/balances.ts';
import type { OperationsDeps } from './deps.ts';

/** A provider as its operator wants to see it at a glance. */
export interface ProviderState {
  readonly id: string;
  readonly paid: boolean;
  /** Set up on the machine that answers. */
  readonly reachable: boolean;
  readonly paused_reason: string | null;
  readonly circuits: readonly { readonly model: string; readonly reason: string; readonly since: Date }[];
  readonly running: number;
  readonly queued: number;
  /** As the provider counts it, and in dollars where that is known; null where it was never asked. */
  readonly balance: { readonly units: number; readonly usd: number | null; readonly at: Date } | null;
  /** At the rate of the last day or week, whichever was faster; null where nothing was spent, or the balance isn't known in dollars. */
  readonly days_left: number | null;
  /** Since midnight UTC, what was billed or, until that is known, expected. */
  readonly spent_today_usd: number;
  readonly daily_cap_usd: number | null;
}

interface Row {
  id: string;
  paused_reason: string | null;
  daily_cap_usd: number | null;
  running: number;
  queued: number;
  circuits: { model: string; reason: string; since: string }[];
}

export async function listProviderStates(deps: OperationsDeps): Promise<ProviderState[]> {
  const { providers } = deps.generations;
  const here = providers.all().map(({ id }) => id);
  const { rows } = await deps.db.query<Row>(
    `with known as (
       select id from unnest($1::text[]) as here (id)
       union select provider_id from holdfast.provider_account
       union select provider_id from holdfast.generation where due_at is not null
     )
     select k.id, a.paused_reason, a.daily_cap_usd::double precision as daily_cap_usd,
            coalesce(c.running, 0)::integer as running, coalesce(c.queued, 0)::integer as queued,
            (select coalesce(json_agg(json_build_object('model', o.provider_model, 'reason', o.reason, 'since', o.opened_at)
                                      order by o.opened_at), '[]')
               from holdfast.provider_circuit o where o.provider_id = k.id and o.state = 'open') as circuits
       from known k
       left join holdfast.provider_account a on a.provider_id = k.id
       left join (select provider_id, count(*) filter (where state <> 'queued') as running,
                         count(*) filter (where state = 'queued') as queued
                    from holdfast.generation where due_at is not null group by provider_id) as c on c.provider_id = k.id
      order by k.id`,
    [here],
  );
  return Promise.all(
    rows.map(async (row) => {
      const balance = await readBalance(deps.db, row.id);
      return {
        id: row.id,
        paid: !providers.has(row.id) || providers.get(row.id).capabilities.paid,
        reachable: providers.has(row.id),
        paused_reason: row.paused_reason,
        circuits: row.circuits.map(({ model, reason, since }) => ({ model, reason, since: new Date(since) })),
        running: row.running,
        queued: row.queued,
        balance: balance === null ? null : { units: balance.units, usd: balance.usd, at: balance.askedAt },
        days_left: balance?.daysLeft == null ? null : Math.floor(balance.daysLeft * 10) / 10,
        spent_today_usd: round(await spentToday(deps.db, row.id)),
        daily_cap_usd: row.daily_cap_usd,
      };
    }),
  );
}

function round(usd: number): number {
  return Math.round(usd * 10_000) / 10_000;
}
