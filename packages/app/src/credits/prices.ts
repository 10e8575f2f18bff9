import type { Db } from '../platform/database.ts';
import type { ChargePolicy, Price, Unit } from './rules.ts';

interface PriceRow {
  model_id: string;
  version: string;
  unit: Unit;
  credits_per_unit: bigint;
  policy: ChargePolicy;
}

/** The price in force of every model, by the model's id. */
export async function currentPrices(db: Db): Promise<ReadonlyMap<string, Price>> {
  const { rows } = await db.query<PriceRow>({
    name: 'current_prices',
    text: `select distinct on (model_id) model_id, version, unit, credits_per_unit, policy
             from holdfast.price
            where effective_at <= holdfast.clock()
            order by model_id, effective_at desc, version desc`,
  });
  return new Map(rows.map((row) => [row.model_id, toPrice(row)]));
}

/** Null where there is none of this version. */
export async function priceOfVersion(db: Db, version: string): Promise<Price | null> {
  const { rows } = await db.query<PriceRow>({
    name: 'price_of_version',
    text: 'select model_id, version, unit, credits_per_unit, policy from holdfast.price where version = $1',
    values: [version],
  });
  return rows[0] ? toPrice(rows[0]) : null;
}

/** The first price of a model, where it has none yet: what the settings say counts for the first start only. */
export async function addFirstPrice(
  db: Db,
  first: { modelId: string; unit: Unit; creditsPerUnit: bigint },
): Promise<void> {
  await db.query(
    `insert into holdfast.price (version, model_id, unit, credits_per_unit)
     select $1 || '/1', $1, $2, $3
      where not exists (select from holdfast.price where model_id = $1)
     on conflict (version) do nothing`,
    [first.modelId, first.unit, first.creditsPerUnit],
  );
}

function toPrice(row: PriceRow): Price {
  return {
    version: row.version,
    unit: row.unit,
    creditsPerUnit: row.credits_per_unit,
    policy: row.policy,
  };
}
