import type { Unit } from '../../credits/rules.ts';
import type { Tx } from '../../platform/database.ts';
import type { ModelDefinition } from './model-definition.ts';
import type { Kind } from './model.ts';

/** What a model is priced by. */
export function unitOf(kind: Kind): Unit {
  return kind === 'video' ? 'second' : 'piece';
}

/**
 * Writes a model's row. A seed leaves what an operator has edited, and never touches the limits of time, costs and fallbacks of a row that is there; an
 * operator's own word replaces all of it, and is kept from then on.
 */
export async function writeModel(
  tx: Tx,
  model: ModelDefinition,
  position: number,
  by: 'seed' | 'operator',
): Promise<void> {
  await tx.query(
    `insert into holdfast.model
       (id, name, description, kind, provider_id, provider_model, position, templates, aspect_ratios,
        min_seconds, max_seconds, default_seconds, submit_timeout_seconds, deadline_seconds, run_timeout_seconds,
        max_attempts, poll_seconds, allowed_seconds, mapping, provider_price_usd, max_unknown_cost_usd,
        fallback_model_id, provider_price_source, provider_price_read_on, edited_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
        $23, $24,
        ${by === 'operator' ? 'holdfast.clock()' : 'null'})
     on conflict (id) do update
        set name = excluded.name, description = excluded.description, provider_model = excluded.provider_model,
            templates = excluded.templates, aspect_ratios = excluded.aspect_ratios,
            min_seconds = excluded.min_seconds, max_seconds = excluded.max_seconds,
            default_seconds = excluded.default_seconds, allowed_seconds = excluded.allowed_seconds,
            mapping = excluded.mapping
            ${
              by === 'seed'
                ? ''
                : `, position = excluded.position, submit_timeout_seconds = excluded.submit_timeout_seconds,
            deadline_seconds = excluded.deadline_seconds, run_timeout_seconds = excluded.run_timeout_seconds,
            max_attempts = excluded.max_attempts, poll_seconds = excluded.poll_seconds,
            provider_price_usd = excluded.provider_price_usd,
            provider_price_source = excluded.provider_price_source,
            provider_price_read_on = excluded.provider_price_read_on, max_unknown_cost_usd = excluded.max_unknown_cost_usd,
            fallback_model_id = excluded.fallback_model_id, edited_at = excluded.edited_at`
            }
      ${by === 'seed' ? 'where model.edited_at is null' : ''}`,
    [
      model.id,
      model.name,
      model.description,
      model.kind,
      model.providerId,
      model.providerModel,
      position,
      JSON.stringify(model.templates),
      model.aspectRatios,
      model.seconds?.min ?? null,
      model.seconds?.max ?? null,
      model.seconds?.default ?? null,
      model.submitTimeoutSeconds,
      model.deadlineSeconds,
      model.runTimeoutSeconds,
      model.maxAttempts,
      model.pollSeconds,
      model.allowedSeconds ?? null,
      model.mapping === undefined ? null : JSON.stringify(model.mapping),
      model.providerPriceUsd ?? null,
      model.maxUnknownCostUsd ?? null,
      model.fallbackModelId ?? null,
      model.providerPriceFrom?.source ?? null,
      model.providerPriceFrom?.readOn ?? null,
    ],
  );
}
