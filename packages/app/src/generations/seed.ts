import { addFirstPrice } from '../credits/prices.ts';
import { inTransaction } from '../platform/database.ts';
import type { Database } from '../platform/database.ts';
import { forgetModels } from './catalogue.ts';
import type { ModelDefinition } from './studio-models.ts';

/**
 * Writes models into the catalogue, with a first price where there is none. A model that an operator has edited is left as it is, and
 * prices are theirs from the first start on. Safe from several processes at once, and again.
 */
export async function seedCatalogue(
  db: Database,
  entries: readonly { model: ModelDefinition; creditsPerUnit: bigint }[],
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 22))', ['catalogue']);
    for (const [position, { model, creditsPerUnit }] of entries.entries()) {
      await tx.query(
        `insert into holdfast.model
           (id, name, description, kind, provider_id, provider_model, position, templates, aspect_ratios,
            min_seconds, max_seconds, default_seconds, submit_timeout_seconds, deadline_seconds, run_timeout_seconds,
            max_attempts, poll_seconds)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         on conflict (id) do update
            set name = excluded.name, description = excluded.description, provider_model = excluded.provider_model,
                templates = excluded.templates, aspect_ratios = excluded.aspect_ratios,
                min_seconds = excluded.min_seconds, max_seconds = excluded.max_seconds,
                default_seconds = excluded.default_seconds
          where model.edited_at is null`,
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
        ],
      );
      await addFirstPrice(tx, {
        modelId: model.id,
        unit: model.kind === 'video' ? 'second' : 'piece',
        creditsPerUnit,
      });
    }
  });
  forgetModels(db);
}
