import type { Db, Tx } from '../platform/database.ts';
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
  first: { modelId: string; unit: Unit; creditsPerUnit: bigint; policy?: ChargePolicy },
): Promise<void> {
  await db.query(
    `insert into holdfast.price (version, model_id, unit, credits_per_unit, policy)
     select $1 || '/1', $1, $2, $3, $4
      where not exists (select from holdfast.price where model_id = $1)
     on conflict (version) do nothing`,
    [first.modelId, first.unit, first.creditsPerUnit, first.policy ?? 'reserve'],
  );
}

/**
 * A new price takes the old one's place for whatever is quoted from now on; what was quoted keeps its own. The same price again
 * writes nothing.
 * @returns the version in force
 */
export async function addPrice(
  tx: Tx,
  next: { modelId: string; unit: Unit; creditsPerUnit: bigint; policy: ChargePolicy },
): Promise<{ version: string; changed: boolean }> {
  // Two operators at once: the second sees the first one's version.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 23))', [next.modelId]);
  const now = (await currentPrices(tx)).get(next.modelId);
  if (
    now !== undefined &&
    now.unit === next.unit &&
    now.creditsPerUnit === next.creditsPerUnit &&
    now.policy === next.policy
  ) {
    return { version: now.version, changed: false };
  }
  const { rows } = await tx.query<{ version: string }>(
    `insert into holdfast.price (version, model_id, unit, credits_per_unit, policy, effective_at)
     select $1 || '/' || (1 + count(*)), $1, $2, $3, $4, greatest(holdfast.clock(), max(effective_at) + interval '1 microsecond')
       from holdfast.price where model_id = $1
     returning version`,
    [next.modelId, next.unit, next.creditsPerUnit, next.policy],
  );
  const version = rows[0]?.version;
  if (version === undefined) throw new Error(`no price was written for ${next.modelId}`);
  return { version, changed: true };
}

function toPrice(row: PriceRow): Price {
  return {
    version: row.version,
    unit: row.unit,
    creditsPerUnit: row.credits_per_unit,
    policy: row.policy,
  };
}
