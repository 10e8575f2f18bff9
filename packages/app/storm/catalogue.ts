import { unitOf, writeModel } from '../src/generations/catalogue/write-model.ts';
import { inTransaction } from '../src/platform/database.ts';
import type { Database } from '../src/platform/database.ts';
import type { StormModel } from './models.ts';

/** Writes the storm's models with their prices, as an operator does: they are data. */
export async function writeModels(db: Database, models: readonly StormModel[]): Promise<void> {
  await inTransaction(db, async (tx) => {
    for (const [position, { model, creditsPerUnit, policy }] of models.entries()) {
      await writeModel(tx, model, 1_000 + position, 'operator');
      await tx.query(
        `insert into holdfast.price (version, model_id, unit, credits_per_unit, policy) values ($1 || '/1', $1, $2, $3, $4)`,
        [model.id, unitOf(model.kind), creditsPerUnit, policy],
      );
    }
    // The bot offers what is on offer first.
    await tx.query(
      `update holdfast.model set offered = false where provider_id = 'studio' and id not like 'storm-%'`,
    );
  });
}
