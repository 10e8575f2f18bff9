import { isDeepStrictEqual } from 'node:util';
import { addPrice } from '../../credits/prices.ts';
import type { ChargePolicy } from '../../credits/rules.ts';
import { inTransaction } from '../../platform/database.ts';
import type { Database } from '../../platform/database.ts';
import { InvalidInputError, NotFoundError } from '../../platform/errors.ts';
import { catalogueFile } from './catalogue-file.ts';
import type { CatalogueFile, CatalogueModel } from './catalogue-file.ts';
import { forgetModels, models } from './catalogue.ts';
import type { Model } from './catalogue.ts';
import type { ModelDefinition } from './model-definition.ts';
import { unitOf, writeModel } from './write-model.ts';

/** The whole catalogue as it stands, with the prices in force. Models without a price are left out: nobody could ask for them. */
export async function exportCatalogue(db: Database): Promise<CatalogueFile> {
  forgetModels(db);
  const all = [...(await models(db)).values()];
  return { version: 1, models: all.flatMap((model) => (model.price === null ? [] : [toFile(model)])) };
}

export interface CatalogueChange {
  readonly model: string;
  readonly kind: 'added' | 'changed' | 'unchanged';
  /** Which parts differ. */
  readonly fields: readonly string[];
}

/**
 * Brings the catalogue to what a file says, in one transaction: new models are added, others replaced where they differ, prices get a
 * new version where they do. A model that the file doesn't name stays as it is. A dry run writes nothing.
 * @throws InvalidInputError `catalogue_invalid`, with every problem in `data.problems`
 */
export async function importCatalogue(
  db: Database,
  content: unknown,
  options: { dryRun: boolean },
): Promise<CatalogueChange[]> {
  const file = readFile(content);
  const now = await exportCatalogue(db);
  const known = await models(db);
  const existing = new Map(now.models.map((model) => [model.id, model]));
  for (const wanted of file.models) {
    const there = known.get(wanted.id);
    // What was made with it refers to it for ever.
    if (there !== undefined && (there.kind !== wanted.kind || there.providerId !== wanted.provider)) {
      throw invalid([
        `${wanted.id}: the kind and the provider of a model stay as they are; give it another id.`,
      ]);
    }
  }
  const changes = file.models.map((wanted): CatalogueChange => {
    const before = existing.get(wanted.id);
    if (before === undefined) return { model: wanted.id, kind: 'added', fields: [] };
    const fields = Object.keys(wanted).filter(
      (name) =>
        !isDeepStrictEqual(before[name as keyof CatalogueModel], wanted[name as keyof CatalogueModel]),
    );
    return { model: wanted.id, kind: fields.length === 0 ? 'unchanged' : 'changed', fields };
  });
  if (options.dryRun) return changes;
  await inTransaction(db, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 22))', ['catalogue']);
    for (const [index, wanted] of file.models.entries()) {
      if (changes[index]?.kind === 'unchanged') continue;
      const position = known.get(wanted.id)?.position ?? known.size + index;
      await writeModel(tx, toDefinition(wanted), position, 'operator');
      await tx.query('update holdfast.model set offered = $2 where id = $1', [wanted.id, wanted.offered]);
      await addPrice(tx, {
        modelId: wanted.id,
        unit: unitOf(wanted.kind),
        creditsPerUnit: BigInt(wanted.price.credits_per_unit),
        policy: wanted.price.policy,
      });
    }
  });
  forgetModels(db);
  return changes;
}

/** A new price for what is quoted from now on. @throws NotFoundError `model` */
export async function setModelPrice(
  db: Database,
  change: { model: string; creditsPerUnit: bigint; policy?: ChargePolicy },
): Promise<{ version: string; changed: boolean }> {
  const model = await existingModel(db, change.model);
  const done = await inTransaction(db, (tx) =>
    addPrice(tx, {
      modelId: model.id,
      unit: unitOf(model.kind),
      creditsPerUnit: change.creditsPerUnit,
      policy: change.policy ?? model.price?.policy ?? 'reserve',
    }),
  );
  forgetModels(db);
  return done;
}

/**
 * What its provider takes for a second or a piece, as somebody has just read it. What people pay stays as it is.
 * @throws NotFoundError `model`
 */
export async function setModelCost(
  db: Database,
  change: { model: string; usd: number; source: string },
): Promise<void> {
  const model = await existingModel(db, change.model);
  await db.query(
    `update holdfast.model
        set provider_price_usd = $2, provider_price_source = $3, provider_price_read_on = holdfast.clock()::date,
            edited_at = coalesce(edited_at, holdfast.clock())
      where id = $1`,
    [model.id, change.usd, change.source],
  );
  forgetModels(db);
}

/** Offers a model, or takes it from the list: what was asked for before is still made. @throws NotFoundError `model` */
export async function setModelOffered(db: Database, id: string, offered: boolean): Promise<void> {
  await existingModel(db, id);
  await db.query(
    'update holdfast.model set offered = $2, edited_at = coalesce(edited_at, holdfast.clock()) where id = $1',
    [id, offered],
  );
  forgetModels(db);
}

async function existingModel(db: Database, id: string): Promise<Model> {
  forgetModels(db);
  const model = (await models(db)).get(id);
  if (model === undefined) throw new NotFoundError('model');
  return model;
}

function readFile(content: unknown): CatalogueFile {
  const read = catalogueFile.safeParse(content);
  if (!read.success) {
    throw invalid(read.error.issues.slice(0, 50).map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const ids = read.data.models.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) throw invalid(twice.map((id) => `${id}: named twice`));
  return read.data;
}

function invalid(problems: readonly string[]): InvalidInputError {
  return new InvalidInputError(
    'catalogue_invalid',
    `The file is not a catalogue:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    { problems },
  );
}

function toFile(model: Model): CatalogueModel {
  return {
    id: model.id,
    name: model.name,
    description: model.description,
    kind: model.kind,
    provider: model.providerId,
    provider_model: model.providerModel,
    templates: model.templates as CatalogueModel['templates'],
    aspect_ratios: [...model.aspectRatios],
    seconds: model.seconds === null ? null : { ...model.seconds },
    allowed_seconds: model.allowedSeconds === null ? null : [...model.allowedSeconds],
    submit_timeout_seconds: model.submitTimeoutSeconds,
    deadline_seconds: model.deadlineSeconds,
    run_timeout_seconds: model.runTimeoutSeconds,
    max_attempts: model.maxAttempts,
    poll_seconds: model.pollSeconds,
    provider_price_usd: model.providerPriceUsd,
    provider_price_source: model.providerPriceSource,
    provider_price_read_on: model.providerPriceReadOn,
    max_unknown_cost_usd: model.maxUnknownCostUsd,
    fallback_model_id: model.fallbackModelId,
    mapping: (model.mapping ?? null) as CatalogueModel['mapping'],
    offered: model.offered,
    price: {
      credits_per_unit: Number(model.price?.creditsPerUnit ?? 0n),
      policy: model.price?.policy ?? 'reserve',
    },
  };
}

function toDefinition(file: CatalogueModel): ModelDefinition {
  return {
    id: file.id,
    name: file.name,
    description: file.description,
    kind: file.kind,
    providerId: file.provider,
    providerModel: file.provider_model,
    templates: file.templates,
    aspectRatios: file.aspect_ratios,
    seconds: file.seconds,
    submitTimeoutSeconds: file.submit_timeout_seconds,
    deadlineSeconds: file.deadline_seconds,
    runTimeoutSeconds: file.run_timeout_seconds,
    maxAttempts: file.max_attempts,
    pollSeconds: file.poll_seconds,
    ...(file.allowed_seconds === null ? {} : { allowedSeconds: file.allowed_seconds }),
    ...(file.mapping === null ? {} : { mapping: file.mapping }),
    ...(file.provider_price_usd === null ? {} : { providerPriceUsd: file.provider_price_usd }),
    ...(file.provider_price_source === null
      ? {}
      : { providerPriceFrom: { source: file.provider_price_source, readOn: file.provider_price_read_on } }),
    ...(file.max_unknown_cost_usd === null ? {} : { maxUnknownCostUsd: file.max_unknown_cost_usd }),
    ...(file.fallback_model_id === null ? {} : { fallbackModelId: file.fallback_model_id }),
  };
}
