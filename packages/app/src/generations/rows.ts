import type { ChargePolicy, Unit } from '../credits/rules.ts';
import type { ErrorClass, ProviderOutput } from '../providers/port.ts';
import type { CheckedInput } from './catalogue/input-rules.ts';
import type { Kind } from './catalogue/model.ts';
import type { AttemptState, GenerationStatus } from './rules.ts';

/** `holdfast.generation` as it stands in the table. */
export interface GenerationRow {
  id: string;
  person_id: string;
  model_id: string;
  provider_id: string;
  provider_model: string;
  kind: Kind;
  input: CheckedInput;
  price_version: string;
  policy: ChargePolicy;
  unit: Unit;
  credits_per_unit: bigint;
  quoted_units: number;
  quoted: bigint;
  hold_id: string | null;
  held: bigint;
  /** Null where nothing is held. */
  lease_ends_at: Date | null;
  captured: bigint | null;
  released: bigint | null;
  /** Of what was captured: given back, and not covered by credit. */
  refunded: bigint;
  owed: bigint;
  /** numeric comes as text. */
  delivered_units: string | null;
  state: GenerationStatus;
  claim: bigint;
  claimed_until: Date | null;
  due_at: Date | null;
  deadline_at: Date;
  turn: bigint;
  bound_to: string | null;
  bound_machine: string | null;
  bound_until: Date | null;
  pickups: number;
  step_failures: number;
  /** How many callbacks have come in for it. */
  callbacks: number;
  cancel_requested_at: Date | null;
  progress: number | null;
  /** The first range that was shown of when it would be ready; null where none was. Unset where the row was only just written. */
  eta_from?: Date | null;
  eta_to?: Date | null;
  error_code: string | null;
  error_class: ErrorClass | null;
  error_detail: string | null;
  timeline: { status: GenerationStatus; at: string }[];
  created_at: Date;
  picked_up_at: Date | null;
  running_at: Date | null;
  finished_at: Date | null;
}

/** As it was when its step was claimed. */
export interface ClaimedRow extends GenerationRow {
  claimed_at?: Date;
}

/** `holdfast.attempt` as it stands in the table. */
export interface AttemptRow {
  id: string;
  generation_id: string;
  number: number;
  provider_id: string;
  /** Whose model was asked: another than the generation's first, where it went to a fallback. */
  provider_model: string | null;
  token: string;
  state: AttemptState;
  submit_started_at: Date;
  submitted_at: Date | null;
  task_id: string | null;
  task_urls: Record<string, string> | null;
  outputs: ProviderOutput[] | null;
  /** By its maker's word, where it hands the result over itself. numeric comes as text. */
  declared_seconds: string | null;
  error_code: string | null;
  unknown_until: Date | null;
  resubmitted_by: 'policy' | 'operator' | null;
}

/** Counted no further than people care. */
export interface QueuePlace {
  /** How many of anybody's are picked up before it. */
  ahead: number;
  /** How many of those are the same person's. */
  own_ahead: number;
  own_running: number;
  /** How many of this person's may run at once, by their tier; null: as the settings say. */
  own_limit: number | null;
}

/** What a view needs beside the generation's own row. */
export interface GenerationWithFiles extends GenerationRow {
  outputs: {
    id: string;
    kind: Kind;
    sha256: string;
    content_type: string;
    bytes: number;
    width: number;
    height: number;
    duration_ms: number | null;
    has_poster: boolean;
  }[];
  /** Where it stands in its provider's queue; null unless it is queued. */
  queue: QueuePlace | null;
  /** What went back because its files did not reach the person; and whether they are locked since. */
  given_back?: bigint | null;
  locked?: boolean;
  now: Date;
}

/** What a view shows of it. */
export type ViewedGeneration = Omit<
  GenerationWithFiles,
  | 'provider_model'
  | 'lease_ends_at'
  | 'claim'
  | 'claimed_until'
  | 'due_at'
  | 'turn'
  | 'bound_to'
  | 'bound_machine'
  | 'bound_until'
  | 'pickups'
  | 'step_failures'
  | 'callbacks'
  | 'error_detail'
  | 'running_at'
>;
