import type { ChargePolicy } from '../../credits/rules.ts';
import type { ModelTemplate } from './catalogue.ts';
import type { Mapping } from './mapping.ts';
import type { AspectRatio, Kind } from './model.ts';

/** A model as it is first written into the catalogue; afterwards its row is the truth. */
export interface ModelDefinition {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly kind: Kind;
  readonly providerId: string;
  readonly providerModel: string;
  readonly templates: readonly ModelTemplate[];
  readonly aspectRatios: readonly AspectRatio[];
  readonly seconds: { readonly min: number; readonly max: number; readonly default: number } | null;
  /** Where not every whole second between the limits can be had. Ascending. */
  readonly allowedSeconds?: readonly number[];
  readonly submitTimeoutSeconds: number;
  readonly deadlineSeconds: number;
  readonly runTimeoutSeconds: number | null;
  readonly maxAttempts: number;
  readonly pollSeconds: number;
  /** Unset: inputs are handed on as they are. */
  readonly mapping?: Mapping;
  /** For a second or a piece. Unset: it costs nothing. */
  readonly providerPriceUsd?: number;
  /** Where that was read, and on which day: `2026-10-07`. */
  readonly providerPriceFrom?: { readonly source: string; readonly readOn: string | null };
  /** See `holdfast.model.max_unknown_cost_usd`. Unset: never made anew in doubt. */
  readonly maxUnknownCostUsd?: number;
  /** What makes the same while this one can't. */
  readonly fallbackModelId?: string;
  /** Of its first price; `reserve` unless told. */
  readonly policy?: ChargePolicy;
}
