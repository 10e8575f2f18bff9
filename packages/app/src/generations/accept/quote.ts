import { readAmounts } from '../../credits/queries.ts';
import { newId } from '../../platform/ids.ts';
import type { GenerationDeps } from '../deps.ts';
import type { GenerationInput } from '../catalogue/model.ts';
import { planNow } from './plan.ts';
import type { Plan } from './plan.ts';
import type { QuoteView } from '../view/views.ts';

export type CostView = Omit<QuoteView, 'id' | 'expires_at'>;

/**
 * Pins a price, a provider and exactly these inputs until `expires_at`. Holds nothing.
 * @throws InvalidInputError (`data.field` names the input), NotFoundError `model` or `upload`
 */
export async function createQuote(
  deps: GenerationDeps,
  request: { personId: string; model: string; input: GenerationInput },
): Promise<QuoteView> {
  const plan = await planNow(deps, request);
  const id = newId('quo');
  const [{ rows }, cost] = await Promise.all([
    deps.db.query<{ expires_at: Date }>(
      `insert into holdfast.quote
         (id, person_id, model_id, provider_id, price_version, input, units, credits, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, holdfast.clock() + make_interval(secs => $9))
       returning expires_at`,
      [
        id,
        request.personId,
        plan.model.id,
        plan.model.providerId,
        plan.price.version,
        JSON.stringify(plan.input),
        plan.units,
        plan.credits,
        deps.settings.quoteLifetimeSeconds,
      ],
    ),
    costOf(deps, request.personId, plan),
  ]);
  const expires_at = rows[0]?.expires_at;
  if (!expires_at) throw new Error('the quote was not written');
  return { id, ...cost, expires_at };
}

/** What a request would cost, without writing a quote. Throws as `createQuote`. */
export async function calculateCost(
  deps: GenerationDeps,
  request: { personId: string; model: string; input: GenerationInput },
): Promise<CostView> {
  return costOf(deps, request.personId, await planNow(deps, request));
}

async function costOf(deps: GenerationDeps, personId: string, plan: Plan): Promise<CostView> {
  const { total, held, available } = await readAmounts(deps.credits, personId);
  const spokenFor = plan.price.policy === 'postpaid' ? await inFlight(deps, personId) : 0n;
  const short = plan.credits - (available - spokenFor);
  return {
    model: plan.model.id,
    kind: plan.model.kind,
    input: plan.input,
    credits: plan.credits,
    unit: plan.price.unit,
    units: plan.units,
    credits_per_unit: plan.price.creditsPerUnit,
    price_version: plan.price.version,
    policy: plan.price.policy,
    balance: { total, held, available },
    sufficient: short <= 0n,
    shortfall: short > 0n ? short : 0n,
  };
}

/** What their generations under way will cost at the most when they are charged at their end. */
async function inFlight(deps: GenerationDeps, personId: string): Promise<bigint> {
  const { rows } = await deps.db.query<{ quoted: string }>(
    `select coalesce(sum(quoted), 0)::text as quoted from holdfast.generation
      where person_id = $1 and policy = 'postpaid' and due_at is not null`,
    [personId],
  );
  return BigInt(rows[0]?.quoted ?? 0);
}
