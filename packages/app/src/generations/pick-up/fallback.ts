import { InvalidInputError } from '../../platform/errors.ts';
import { readGate } from '../../providers/health/gate.ts';
import { models } from '../catalogue/catalogue.ts';
import type { Model } from '../catalogue/catalogue.ts';
import type { GenerationDeps } from '../deps.ts';
import { checkInput, unitsOf } from '../catalogue/input-rules.ts';
import type { GenerationRow } from '../rows.ts';
import { spentToday } from './spend.ts';

const batch = 200;

/**
 * Moves what waits for a model that can't be asked now to the fallback that the operator has set for it, where that makes the same kind for no
 * more than was quoted and accepts the request as it is. The person's quote stays. Returns how many were moved.
 */
export async function moveToFallbacks(deps: GenerationDeps): Promise<number> {
  const catalogue = await models(deps.db);
  const withFallback = [...catalogue.values()].filter(({ fallbackModelId }) => fallbackModelId !== null);
  let moved = 0;
  for (const model of withFallback) {
    const fallback = catalogue.get(model.fallbackModelId ?? '');
    if (fallback === undefined || !deps.providers.has(fallback.providerId) || fallback.pausedReason !== null)
      continue;
    if (!(await isHeldUp(deps, model)) || (await isHeldUp(deps, fallback))) continue;
    for (const row of await waitingFor(deps, model)) {
      if (!canMake(fallback, row)) continue;
      if (await moveTo(deps, row, fallback)) moved += 1;
    }
  }
  return moved;
}

/**
 * Where all attempts at it have failed by its provider's fault, and a fallback that is well could make it: the one to move it to.
 * Null also where it is there already.
 */
export async function fallbackFor(deps: GenerationDeps, row: GenerationRow): Promise<Model | null> {
  const catalogue = await models(deps.db);
  const model = catalogue.get(row.model_id);
  const fallback = catalogue.get(model?.fallbackModelId ?? '');
  if (model === undefined || fallback === undefined || !canMake(fallback, row)) return null;
  if (row.provider_id === fallback.providerId && row.provider_model === fallback.providerModel) return null;
  return (await isHeldUp(deps, fallback)) || fallback.pausedReason !== null ? null : fallback;
}

/** Switched off, at its cap, or behind an open circuit. A rate limit is no reason: that is over in seconds. */
async function isHeldUp(deps: GenerationDeps, model: Model): Promise<boolean> {
  if (!deps.providers.has(model.providerId)) return true;
  const gate = await readGate(deps.db, model.providerId);
  if (gate.paused) return true;
  if (gate.circuits.some((each) => ['', model.providerModel].includes(each.provider_model))) return true;
  return gate.capUsd !== null && (await spentToday(deps.db, model.providerId)) >= gate.capUsd;
}

async function waitingFor(deps: GenerationDeps, model: Model): Promise<GenerationRow[]> {
  const { rows } = await deps.db.query<GenerationRow>({
    name: 'waiting_for_model',
    text: `select * from holdfast.generation
            where state = 'queued' and provider_id = $1 and provider_model = $2 and model_id = $3
              and deadline_at > holdfast.clock()
            order by turn, id
            limit $4`,
    values: [model.providerId, model.providerModel, model.id, batch],
  });
  return rows;
}

/** The same kind, the request as it stands, and a price that the quote covers. */
export function canMake(
  fallback: Model,
  row: Pick<GenerationRow, 'kind' | 'unit' | 'input' | 'quoted' | 'quoted_units'>,
): boolean {
  const { price } = fallback;
  if (fallback.kind !== row.kind || price === null || price.unit !== row.unit) return false;
  if (price.creditsPerUnit * BigInt(row.quoted_units) > row.quoted) return false;
  try {
    return unitsOf(fallback, price.unit, checkInput(fallback, row.input)) === row.quoted_units;
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}

/** Into the fallback's queue, behind those of the same person's there. */
export async function moveTo(
  deps: GenerationDeps,
  row: Pick<GenerationRow, 'id' | 'claim' | 'state' | 'provider_id'>,
  fallback: Model,
): Promise<boolean> {
  const { rowCount } = await deps.db.query({
    name: 'move_to_fallback',
    text: `update holdfast.generation g
              set provider_id = $4, provider_model = $5, claim = claim + 1, due_at = holdfast.clock(),
                  timeline = timeline || jsonb_build_array(jsonb_build_object(
                    'status', 'queued', 'at', holdfast.clock(), 'provider', $4::text, 'model', $6::text)),
                  turn = coalesce(greatest(
                    (select min(o.turn) from holdfast.generation o where o.state = 'queued' and o.provider_id = $4),
                    (select max(o.turn) + 2520 / (select t.priority from holdfast.person p join holdfast.tier t on t.id = p.tier
                                                   where p.id = g.person_id)
                       from holdfast.generation o
                      where o.person_id = g.person_id and o.provider_id = $4 and o.due_at is not null)), 2520)
            where id = $1 and claim = $2 and state = $3`,
    values: [row.id, row.claim, row.state, fallback.providerId, fallback.providerModel, fallback.id],
  });
  if (rowCount !== 1) return false;
  deps.log.info(
    { generation: row.id, from: row.provider_id, to: fallback.providerId, model: fallback.id },
    'moved to a fallback',
  );
  deps.wake.queued(row.id);
  return true;
}
