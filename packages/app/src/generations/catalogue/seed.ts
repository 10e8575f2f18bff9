import { addFirstPrice } from '../../credits/prices.ts';
import { inTransaction } from '../../platform/database.ts';
import type { Database } from '../../platform/database.ts';
import { forgetModels } from './catalogue.ts';
import { unitOf, writeModel } from './write-model.ts';
import type { ModelDefinition } from './model-definition.ts';

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
      await writeModel(tx, model, position, 'seed');
      await addFirstPrice(tx, {
        modelId: model.id,
        unit: unitOf(model.kind),
        creditsPerUnit,
        policy: model.policy ?? 'reserve',
      });
    }
  });
  forgetModels(db);
}
