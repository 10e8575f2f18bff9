import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { inTransaction } from '../platform/database.ts';
import type { Database, Tx } from '../platform/database.ts';
import { InvalidInputError } from '../platform/errors.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'small letters, digits, - and _, at most 40');
const credits = z.int().min(0).max(1_000_000_000);
const prices = z
  .record(z.string().regex(/^[a-z]{3}$/, 'a currency such as usd'), z.int().min(0).max(1_000_000_000_000))
  .refine((all) => Object.keys(all).length > 0, 'at least one currency');
const product = {
  id,
  name: z.string().min(1).max(80),
  description: z.string().max(300).default(''),
  credits: credits.min(1),
  bonus_credits: credits.default(0),
  prices,
};

const catalogueFile = z.strictObject({
  tiers: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/),
        name: z.string().min(1).max(80),
        priority: z.int().min(1).max(10).default(1),
        max_running: z.int().min(1).max(1000).nullable().default(null),
      }),
    )
    .default([]),
  packs: z.array(
    z.strictObject({ ...product, lot_months: z.int().min(1).max(1200).nullable().default(null) }),
  ),
  plans: z.array(
    z.strictObject({ ...product, tier: z.string(), rollover_months: z.int().min(0).max(120).default(1) }),
  ),
});

/** What is sold, as a file says it. Amounts in the currency's minor unit. */
export type CatalogueFile = z.output<typeof catalogueFile>;

const first_catalogue = join(import.meta.dirname, '../../catalogue.json');

/** @throws InvalidInputError `catalogue_invalid`, naming the place */
export async function readCatalogueFile(path: string = first_catalogue): Promise<CatalogueFile> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new InvalidInputError(
      'catalogue_invalid',
      `${path} can't be read as JSON: ${(error as Error).message}`,
    );
  }
  const parsed = catalogueFile.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidInputError(
    'catalogue_invalid',
    `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`,
  );
}

export interface CatalogueChange {
  readonly product: string;
  readonly change: 'new' | 'new_version' | 'words' | 'withdrawn' | 'none';
  readonly offer: string | null;
}

export interface ApplyOptions {
  /** An operator's file decides over everything; a new version of Holdfast leaves alone what an operator has changed, and withdraws nothing. */
  readonly operator: boolean;
  readonly dryRun?: boolean;
}

/** Makes the catalogue what the file says. What changes in price or credits becomes a newer offer; what was bought keeps the older one. */
export async function applyCatalogue(
  db: Database,
  file: CatalogueFile,
  options: ApplyOptions,
): Promise<CatalogueChange[]> {
  const undone = new Error('a dry run writes nothing');
  let changes: CatalogueChange[] = [];
  try {
    await inTransaction(db, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtext('holdfast.catalogue'))`);
      changes = await write(tx, file, options);
      if (options.dryRun === true) throw undone;
    });
  } catch (error) {
    if (error !== undone) throw error;
  }
  return changes;
}

interface Listed {
  readonly id: string;
  readonly kind: 'pack' | 'plan';
  readonly name: string;
  readonly description: string;
  readonly position: number;
  readonly tier: string | null;
  readonly credits: number;
  readonly bonus: number;
  readonly lotMonths: number | null;
  readonly rolloverMonths: number | null;
  readonly prices: Readonly<Record<string, number>>;
}

function listed(file: CatalogueFile): Listed[] {
  return [
    ...file.packs.map((pack, position) =>
      Object.assign(
        { kind: 'pack' as const, position, tier: null, bonus: pack.bonus_credits, rolloverMonths: null },
        pack,
        {
          lotMonths: pack.lot_months,
        },
      ),
    ),
    ...file.plans.map((plan, position) =>
      Object.assign({ kind: 'plan' as const, position, lotMonths: null, bonus: plan.bonus_credits }, plan, {
        rolloverMonths: plan.rollover_months,
      }),
    ),
  ];
}

async function write(tx: Tx, file: CatalogueFile, { operator }: ApplyOptions): Promise<CatalogueChange[]> {
  for (const tier of file.tiers) {
    await tx.query(
      'insert into holdfast.tier (id, name, priority, max_running) values ($1, $2, $3, $4) on conflict (id) do nothing',
      [tier.id, tier.name, tier.priority, tier.max_running],
    );
  }
  const changes: CatalogueChange[] = [];
  const all = listed(file);
  for (const each of all) changes.push(await writeProduct(tx, each, operator));
  if (!operator) return changes;
  const { rows } = await tx.query<{ id: string }>(
    'update holdfast.product set offered = false, edited_at = holdfast.clock() where offered and not (id = any($1)) returning id',
    [all.map((each) => each.id)],
  );
  return [...changes, ...rows.map((row) => ({ product: row.id, change: 'withdrawn' as const, offer: null }))];
}

async function writeProduct(tx: Tx, each: Listed, operator: boolean): Promise<CatalogueChange> {
  const written = await tx.query<{ fresh: boolean; edited: boolean }>(
    `insert into holdfast.product as p (id, kind, name, description, position, tier, edited_at)
     values ($1, $2, $3, $4, $5, $6, case when $7 then holdfast.clock() end)
     on conflict (id) do update
        set name = excluded.name, description = excluded.description, position = excluded.position, tier = excluded.tier,
            offered = true, edited_at = coalesce(excluded.edited_at, p.edited_at)
      where p.kind = excluded.kind and ($7 or p.edited_at is null)
     returning xmax = 0 as fresh`,
    [each.id, each.kind, each.name, each.description, each.position, each.tier, operator],
  );
  // An operator's own, or another kind of thing under this name: left alone.
  if (written.rowCount !== 1) {
    if (!operator) return { product: each.id, change: 'none', offer: null };
    throw new InvalidInputError(
      'catalogue_invalid',
      `${each.id} is something else already: choose another id.`,
    );
  }
  const offer = await writeOffer(tx, each);
  if (offer === null) return { product: each.id, change: 'none', offer: null };
  return { product: each.id, change: written.rows[0]?.fresh ? 'new' : 'new_version', offer };
}

/** A newer offer where anything of the last one differs. @returns its id */
async function writeOffer(tx: Tx, each: Listed): Promise<string | null> {
  const { rows } = await tx.query<{ version: number; same: boolean }>(
    `select o.version, (o.credits, o.bonus_credits, coalesce(o.lot_months, 0), coalesce(o.rollover_months, 0)) = ($2::bigint, $3::bigint, coalesce($4, 0), coalesce($5, 0))
            and (select coalesce(jsonb_object_agg(c.currency, c.amount), '{}') from holdfast.offer_price c where c.offer_id = o.id) = $6::jsonb as same
       from holdfast.offer o where o.product_id = $1 order by o.version desc limit 1`,
    [each.id, each.credits, each.bonus, each.lotMonths, each.rolloverMonths, JSON.stringify(each.prices)],
  );
  const [last] = rows;
  if (last?.same) return null;
  const version = (last?.version ?? 0) + 1;
  const id = `${each.id}/${version}`;
  await tx.query(
    'insert into holdfast.offer (id, product_id, version, credits, bonus_credits, lot_months, rollover_months) values ($1, $2, $3, $4, $5, $6, $7)',
    [id, each.id, version, each.credits, each.bonus, each.lotMonths, each.rolloverMonths],
  );
  for (const [currency, amount] of Object.entries(each.prices)) {
    await tx.query('insert into holdfast.offer_price (offer_id, currency, amount) values ($1, $2, $3)', [
      id,
      currency,
      amount,
    ]);
  }
  return id;
}
