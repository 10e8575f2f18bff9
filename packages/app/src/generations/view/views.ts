import type { ChargePolicy, Unit } from '../../credits/rules.ts';
import type { GenerationInput } from '../catalogue/model.ts';
import type { GenerationStatus } from '../rules.ts';
import type { ErrorClass } from '../../providers/port.ts';
import type { Kind } from '../catalogue/model.ts';

/**
 * What the API shows of models, quotes and generations. Field names are those of the HTTP contract, amounts are `bigint`,
 * instants are `Date`: a door only has to write them out.
 */
export interface QuoteView {
  readonly id: string;
  readonly model: string;
  readonly kind: Kind;
  readonly input: GenerationInput;
  readonly credits: bigint;
  readonly unit: Unit;
  readonly units: number;
  readonly credits_per_unit: bigint;
  readonly price_version: string;
  readonly policy: ChargePolicy;
  readonly expires_at: Date;
  readonly balance: { readonly total: bigint; readonly held: bigint; readonly available: bigint };
  readonly sufficient: boolean;
  readonly shortfall: bigint;
}

export interface ReceiptView {
  readonly policy: ChargePolicy;
  readonly price_version: string;
  readonly unit: Unit;
  readonly credits_per_unit: bigint;
  readonly quoted_units: number;
  readonly delivered_units: number | null;
  readonly quoted: bigint;
  readonly held: bigint;
  readonly captured: bigint;
  readonly released: bigint;
  readonly refunded: bigint;
  readonly charged: bigint;
  readonly owed: bigint;
  readonly not_charged: boolean;
  readonly summary: string;
  readonly hold: string | null;
}

export interface OutputView {
  /** The asset's id: what a signed link names. */
  readonly id: string;
  readonly kind: Kind;
  readonly url: string;
  readonly poster_url: string | null;
  readonly download_url: string;
  readonly content_type: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly duration_seconds: number | null;
}

export interface GenerationErrorView {
  readonly code: string;
  readonly class: ErrorClass;
  readonly message: string;
  readonly retryable: boolean;
}

/** What something queued waits for: its turn, the end of others of the same person's, or the model itself. */
export interface QueueView {
  /** 1 is next. */
  readonly position: number;
  readonly of: number;
  readonly reason: 'turn' | 'own_limit' | 'model_waiting';
}

export interface GenerationView {
  readonly id: string;
  readonly model: string;
  readonly kind: Kind;
  readonly input: GenerationInput;
  readonly status: GenerationStatus;
  readonly final: boolean;
  readonly can_cancel: boolean;
  readonly progress: number | null;
  readonly queue_position: number | null;
  readonly queue: QueueView | null;
  readonly eta: { readonly from: Date; readonly to: Date } | null;
  readonly timeline: readonly { readonly status: GenerationStatus; readonly at: Date }[];
  readonly receipt: ReceiptView;
  readonly outputs: readonly OutputView[];
  readonly error: GenerationErrorView | null;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  readonly deadline_at: Date;
  /** Until when its files are kept; null: for ever, or there are none. */
  readonly kept_until: Date | null;
  /** Its files are closed, since their credits went back; they open for so many. Null where they are open. */
  readonly locked: { readonly credits: bigint } | null;
}
