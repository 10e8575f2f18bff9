import type { GenerationDeps } from './deps.ts';
import type { AspectRatio, Kind } from './model.ts';
import type { ChargePolicy, Unit } from './views.ts';

export type ModelInput =
  | { type: 'text'; name: string; label: string; required: boolean; max_length: number; multiline: boolean }
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

export interface ModelView {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly kind: Kind;
  readonly provider: string;
  readonly templates: readonly ModelTemplate[];
  readonly aspect_ratios: readonly AspectRatio[];
  readonly duration_seconds: { readonly min: number; readonly max: number; readonly default: number } | null;
  readonly price: {
    readonly version: string;
    readonly unit: Unit;
    readonly credits_per_unit: bigint;
    readonly policy: ChargePolicy;
  };
  readonly typical_wait_seconds: { readonly from: number; readonly to: number } | null;
  readonly available: boolean;
}

/** Every model on offer, in the operator's order. */
export declare function listModels(deps: GenerationDeps): Promise<ModelView[]>;
