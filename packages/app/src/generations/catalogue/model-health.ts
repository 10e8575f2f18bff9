import type { Database } from '../../platform/database.ts';
import type { CircuitReason } from '../../providers/health/circuits.ts';
import { models } from './catalogue.ts';

export interface ModelHealth {
  /** Of what ended in the last 24 hours and was not the person's own doing; null where nothing did. */
  readonly success_rate_24h: number | null;
  /** From being picked up to the file, over the last 24 hours; null where nothing was delivered. */
  readonly median_seconds: number | null;
  /** `probing`: an attempt is under way, or due, that shows whether it is back. */
  readonly circuit: 'closed' | 'open' | 'probing';
  /** Why it isn't closed. `paused` and `cap` are the operator's own decisions. */
  readonly reason: CircuitReason | 'paused' | null;
}

/** How every model does now: what a public status shows, and why something waits. Keyed by the catalogue's id. */
export async function modelHealth(db: Database): Promise<Map<string, ModelHealth>> {
  const [catalogue, outcomes, obstacles] = await Promise.all([
    models(db),
    readOutcomes(db),
    readObstacles(db),
  ]);
  return new Map(
    [...catalogue.values()].map((model) => {
      const outcome = outcomes.get(model.id);
      const obstacle =
        obstacles.get(`${model.providerId}/`) ?? obstacles.get(`${model.providerId}/${model.providerModel}`);
      const health: ModelHealth = {
        success_rate_24h: outcome?.rate ?? null,
        median_seconds: outcome?.median ?? null,
        circuit: obstacle === undefined ? 'closed' : obstacle.probing ? 'probing' : 'open',
        reason: obstacle?.reason ?? null,
      };
      return [model.id, health];
    }),
  );
}

interface Outcome {
  model_id: string;
  rate: number | null;
  median: number | null;
}

async function readOutcomes(db: Database): Promise<Map<string, Outcome>> {
  const { rows } = await db.query<Outcome>({
    name: 'model_outcomes',
    text: `select model_id,
                  (count(*) filter (where state = 'succeeded'))::double precision / nullif(count(*), 0) as rate,
                  percentile_cont(0.5) within group (order by extract(epoch from finished_at - picked_up_at)::double precision)
                    filter (where state = 'succeeded') as median
             from holdfast.generation
            where finished_at > holdfast.clock() - interval '24 hours'
              and (state = 'succeeded'
                   or (state = 'failed' and error_class not in ('USER_INPUT', 'USER_POLICY', 'CANCELLED')))
            group by model_id`,
  });
  return new Map(rows.map((row) => [row.model_id, row]));
}

interface Obstacle {
  what: string;
  reason: CircuitReason | 'paused';
  probing: boolean;
}

async function readObstacles(db: Database): Promise<Map<string, Obstacle>> {
  const { rows } = await db.query<Obstacle>({
    name: 'model_obstacles',
    text: `select provider_id || '/' || provider_model as what, reason,
                  probe_attempt_id is not null or coalesce(probe_at <= holdfast.clock(), false) as probing
             from holdfast.provider_circuit where state = 'open'
            union all
           select provider_id || '/', 'paused', false from holdfast.provider_account where paused_at is not null`,
  });
  return new Map(rows.map((row) => [row.what, row]));
}
