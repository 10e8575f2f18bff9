import { clearAlert, raiseAlert } from '../../alerts/commands.ts';
import type { Db } from '../../platform/database.ts';
import { readGate } from '../../providers/health/gate.ts';
import type { GenerationDeps } from '../deps.ts';

/**
 * Dollars that a provider has cost since midnight UTC: what it told, else what the catalogue says, for every attempt that it accepted
 * or that may have been.
 */
export async function spentToday(db: Db, providerId: string): Promise<number> {
  const { rows } = await db.query<{ spent: number }>({
    name: 'spent_today',
    text: `select coalesce(sum(coalesce(cost_usd, estimated_usd)), 0)::double precision as spent
             from holdfast.attempt
            where provider_id = $1
              and submit_started_at >= date_trunc('day', holdfast.clock() at time zone 'UTC') at time zone 'UTC'
              and (ended_at is null or task_id is not null or error_class is null or error_code = 'outcome_unknown'
                   or resubmitted_by is not null)`,
    values: [providerId],
  });
  return rows[0]?.spent ?? 0;
}

/** Tasks that a provider has, or may have, at this moment. */
export async function runningAt(db: Db, providerId: string): Promise<number> {
  const { rows } = await db.query<{ running: number }>({
    name: 'running_at',
    text: `select count(*)::integer as running from holdfast.generation
            where provider_id = $1 and due_at is not null and state in ('submitting', 'running', 'outcome_unknown')`,
    values: [providerId],
  });
  return rows[0]?.running ?? 0;
}

const warning_share = 0.8;

/** Looks at every cap that is set. */
export async function watchCaps(deps: Pick<GenerationDeps, 'db' | 'providers'>): Promise<void> {
  for (const { id } of deps.providers.all()) {
    const { capUsd } = await readGate(deps.db, id);
    await watchCap(deps.db, { id, capUsd, spentUsd: capUsd === null ? 0 : await spentToday(deps.db, id) });
  }
}

/** Tells the operator at four fifths of a cap and at the whole of it, and again when that is over. */
async function watchCap(
  db: Db,
  provider: { id: string; capUsd: number | null; spentUsd: number },
): Promise<void> {
  const { id, capUsd, spentUsd } = provider;
  const key = `provider/${id}/cap`;
  if (capUsd === null || spentUsd < capUsd * warning_share) {
    await clearAlert({ db }, key);
    return;
  }
  const full = spentUsd >= capUsd;
  await raiseAlert(
    { db },
    {
      key,
      link: `/operator?provider=${encodeURIComponent(id)}`,
      severity: full ? 'critical' : 'warning',
      title: full
        ? `${id} has reached today's cap`
        : `${id} has used ${Math.floor((100 * spentUsd) / capUsd)} % of today's cap`,
      detail: `About $${spentUsd.toFixed(2)} of $${capUsd.toFixed(2)} since midnight UTC. ${
        full
          ? 'Nothing more is submitted until midnight UTC; what is asked for waits, up to its deadline.'
          : 'At the cap nothing more is submitted until midnight UTC.'
      } "holdfast providers cap ${id} <dollars>" changes it.`,
    },
  );
}

/** What the cheapest request that waits at a provider should cost it; where none waits, the cheapest that could be asked for. */
export async function cheapestAt(db: Db, providerId: string): Promise<number | null> {
  const { rows } = await db.query<{ usd: number | null }>({
    name: 'cheapest_at',
    text: `select coalesce(
             (select min(m.provider_price_usd * g.quoted_units)
                from holdfast.generation g
                join holdfast.model m on m.provider_id = g.provider_id and m.provider_model = g.provider_model
               where g.state = 'queued' and g.provider_id = $1),
             (select min(m.provider_price_usd * coalesce(m.min_seconds, 1))
                from holdfast.model m where m.provider_id = $1 and m.offered and m.provider_price_usd > 0)
           )::double precision as usd`,
    values: [providerId],
  });
  return rows[0]?.usd ?? null;
}
