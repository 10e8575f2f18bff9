import { currentPrices } from '../../credits/prices.ts';
import type { ChargePolicy, Price, Unit } from '../../credits/rules.ts';
import type { Database } from '../../platform/database.ts';
import type { GenerationDeps } from '../deps.ts';
import { readPace, typicalWait } from '../estimate/eta.ts';
import type { AspectRatio, Kind } from './model.ts';

/** One input of a template with its limits: enough to draw a form, and what a request is checked against. */
export type ModelInput =
  | {
      type: 'text';
      name: string;
      label: string;
      required: boolean;
      max_length: number;
      multiline: boolean;
    }
  | {
      type: 'text_list';
      name: string;
      label: string;
      required: boolean;
      max_items: number;
      max_length: number;
    }
  | { type: 'image'; name: string; label: string; required: boolean }
  | {
      type: 'choice';
      name: string;
      label: string;
      required: boolean;
      choices: { value: string; label: string }[];
      default: string | null;
    }
  | {
      type: 'number';
      name: string;
      label: string;
      required: boolean;
      min: number;
      max: number;
      step: number;
      default: number | null;
    };

export interface ModelTemplate {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly inputs: readonly ModelInput[];
}

/** A model as its row says, with the price in force. */
export interface Model {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly kind: Kind;
  readonly providerId: string;
  readonly providerModel: string;
  readonly templates: readonly ModelTemplate[];
  readonly aspectRatios: readonly AspectRatio[];
  readonly seconds: { readonly min: number; readonly max: number; readonly default: number } | null;
  /** Where not every whole second between the limits can be had. */
  readonly allowedSeconds: readonly number[] | null;
  /** See `mapping.ts`: checked where it is used. */
  readonly mapping: unknown;
  /** When that changed last; null: never. */
  readonly mappingChangedAt: Date | null;
  /** For one unit of its price. */
  readonly providerPriceUsd: number | null;
  /** Where that was read, and on which day: `2026-10-07`. */
  readonly providerPriceSource: string | null;
  readonly providerPriceReadOn: string | null;
  readonly maxUnknownCostUsd: number | null;
  readonly fallbackModelId: string | null;
  readonly position: number;
  readonly submitTimeoutSeconds: number;
  readonly deadlineSeconds: number;
  readonly runTimeoutSeconds: number | null;
  readonly maxAttempts: number;
  readonly pollSeconds: number;
  readonly maxOutputBytes: number;
  readonly offered: boolean;
  readonly pausedReason: string | null;
  /** Its provider's switch: why nothing new is accepted for any of its models; null while it is on. */
  readonly providerPausedReason: string | null;
  readonly price: Price | null;
}

export interface ModelView {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly kind: Kind;
  readonly provider: string;
  readonly templates: readonly ModelTemplate[];
  readonly aspect_ratios: readonly AspectRatio[];
  readonly duration_seconds: {
    readonly min: number;
    readonly max: number;
    readonly default: number;
    readonly choices?: readonly number[];
  } | null;
  readonly price: {
    readonly version: string;
    readonly unit: Unit;
    readonly credits_per_unit: bigint;
    readonly policy: ChargePolicy;
  };
  readonly typical_wait_seconds: { readonly from: number; readonly to: number } | null;
  readonly available: boolean;
}

/** An operator's edit of a model or a price is seen by every process within this time. */
const freshMs = 2_000;
const cached = new WeakMap<Database, { at: number; models: Promise<ReadonlyMap<string, Model>> }>();

/** Every model by its id, also those no longer offered (generations of theirs may still be under way). */
export async function models(db: Database): Promise<ReadonlyMap<string, Model>> {
  const now = performance.now();
  const known = cached.get(db);
  if (known && now - known.at < freshMs) return known.models;
  const loading = loadModels(db);
  cached.set(db, { at: now, models: loading });
  // A failed reading is not kept: the next caller asks again.
  loading.catch(() => cached.delete(db));
  return loading;
}

/** What was written just now is seen at the next look, in this process. */
export function forgetModels(db: Database): void {
  cached.delete(db);
}

/** Every model on offer, in the operator's order. */
export async function listModels(deps: GenerationDeps): Promise<ModelView[]> {
  const views: ModelView[] = [];
  for (const model of (await models(deps.db)).values()) {
    // What nobody here can reach isn't shown at all; what is only paused is.
    if (!model.offered || model.price === null || !deps.providers.has(model.providerId)) continue;
    const pace = await readPace(deps, { model: model.id, provider: model.providerId });
    const units = model.seconds?.default ?? 1;
    views.push({
      id: model.id,
      name: model.name,
      description: model.description,
      kind: model.kind,
      provider: model.providerId,
      templates: model.templates,
      aspect_ratios: model.aspectRatios,
      duration_seconds:
        model.seconds === null || model.allowedSeconds === null
          ? model.seconds
          : { ...model.seconds, choices: model.allowedSeconds },
      price: {
        version: model.price.version,
        unit: model.price.unit,
        credits_per_unit: model.price.creditsPerUnit,
        policy: model.price.policy,
      },
      typical_wait_seconds: typicalWait(pace, units),
      available: isAvailable(deps, model),
    });
  }
  return views;
}

/** False while it or its provider is paused, or while this process can't reach its provider. */
export function isAvailable(deps: GenerationDeps, model: Model): boolean {
  return (
    model.pausedReason === null && model.providerPausedReason === null && deps.providers.has(model.providerId)
  );
}

interface ModelRow {
  id: string;
  name: string;
  description: string;
  kind: Kind;
  provider_id: string;
  provider_model: string;
  templates: ModelTemplate[];
  aspect_ratios: AspectRatio[];
  min_seconds: number | null;
  max_seconds: number | null;
  default_seconds: number | null;
  allowed_seconds: number[] | null;
  mapping: unknown;
  mapping_changed_at: Date | null;
  /** numeric comes as text. */
  provider_price_usd: string | null;
  provider_price_source: string | null;
  price_read_on: string | null;
  max_unknown_cost_usd: string | null;
  fallback_model_id: string | null;
  position: number;
  submit_timeout_seconds: number;
  deadline_seconds: number;
  run_timeout_seconds: number | null;
  max_attempts: number;
  poll_seconds: number;
  max_output_bytes: bigint;
  offered: boolean;
  paused_reason: string | null;
  provider_paused_reason: string | null;
}

async function loadModels(db: Database): Promise<ReadonlyMap<string, Model>> {
  const [{ rows }, prices] = await Promise.all([
    db.query<ModelRow>(
      `select m.*, to_char(m.provider_price_read_on, 'YYYY-MM-DD') as price_read_on,
              a.paused_reason as provider_paused_reason
         from holdfast.model m
         left join holdfast.provider_account a on a.provider_id = m.provider_id
        order by m.position, m.id`,
    ),
    currentPrices(db),
  ]);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        name: row.name,
        description: row.description,
        kind: row.kind,
        providerId: row.provider_id,
        providerModel: row.provider_model,
        templates: row.templates,
        aspectRatios: row.aspect_ratios,
        seconds:
          row.min_seconds === null || row.max_seconds === null || row.default_seconds === null
            ? null
            : { min: row.min_seconds, max: row.max_seconds, default: row.default_seconds },
        allowedSeconds: row.allowed_seconds,
        mapping: row.mapping,
        mappingChangedAt: row.mapping_changed_at,
        providerPriceUsd: numberOrNull(row.provider_price_usd),
        providerPriceSource: row.provider_price_source,
        providerPriceReadOn: row.price_read_on,
        maxUnknownCostUsd: numberOrNull(row.max_unknown_cost_usd),
        fallbackModelId: row.fallback_model_id,
        position: row.position,
        submitTimeoutSeconds: row.submit_timeout_seconds,
        deadlineSeconds: row.deadline_seconds,
        runTimeoutSeconds: row.run_timeout_seconds,
        maxAttempts: row.max_attempts,
        pollSeconds: row.poll_seconds,
        maxOutputBytes: Number(row.max_output_bytes),
        offered: row.offered,
        pausedReason: row.paused_reason,
        providerPausedReason: row.provider_paused_reason,
        price: prices.get(row.id) ?? null,
      },
    ]),
  );
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}
