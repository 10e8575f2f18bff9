import type { Database } from '../src/platform/database.ts';
import type { StormModel } from './models.ts';

/** Writes the storm's models with their prices, as an operator does: they are data. */
export async function writeModels(db: Database, models: readonly StormModel[]): Promise<void> {
  for (const [position, { model, creditsPerUnit, policy }] of models.entries()) {
    await db.query(
      `insert into holdfast.model
         (id, name, description, kind, provider_id, provider_model, position, templates, aspect_ratios,
          min_seconds, max_seconds, default_seconds, submit_timeout_seconds, deadline_seconds, run_timeout_seconds,
          max_attempts, poll_seconds, edited_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, holdfast.clock())`,
      [
        model.id,
        model.name,
        model.description,
        model.kind,
        model.providerId,
        model.providerModel,
        1_000 + position,
        JSON.stringify(model.templates),
        model.aspectRatios,
        model.seconds?.min ?? null,
        model.seconds?.max ?? null,
        model.seconds?.default ?? null,
        model.submitTimeoutSeconds,
        Math.round(model.deadlineSeconds),
        model.runTimeoutSeconds,
        model.maxAttempts,
        model.pollSeconds,
      ],
    );
    await db.query(
      `insert into holdfast.price (version, model_id, unit, credits_per_unit, policy) values ($1 || '/1', $1, $2, $3, $4)`,
      [model.id, model.kind === 'video' ? 'second' : 'piece', creditsPerUnit, policy],
    );
  }
}
