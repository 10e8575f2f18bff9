/** A generation's states. The last three are final. */
export const generationStatuses = [
  'queued',
  'submitting',
  'running',
  'ingesting',
  'outcome_unknown',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type GenerationStatus = (typeof generationStatuses)[number];
export type FinalStatus = 'succeeded' | 'failed' | 'cancelled';

/**
 * Every legal move of a generation. Back to `queued`: a proven failure is tried anew, or a local render is taken up again after its
 * machine was lost.
 */
export const generationMoves = {
  queued: ['submitting', 'failed', 'cancelled'],
  submitting: ['running', 'queued', 'outcome_unknown', 'failed', 'cancelled'],
  running: ['ingesting', 'queued', 'failed', 'cancelled'],
  ingesting: ['succeeded', 'queued', 'failed'],
  outcome_unknown: ['running', 'queued', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<GenerationStatus, readonly GenerationStatus[]>;

export type AttemptState = 'submitting' | 'submitted' | 'submit_unknown' | 'succeeded' | 'failed';

/** Every legal move of an attempt. */
export const attemptMoves = {
  submitting: ['submitted', 'submit_unknown', 'failed'],
  submitted: ['succeeded', 'failed'],
  submit_unknown: ['submitted', 'failed'],
  succeeded: [],
  failed: [],
} as const satisfies Record<AttemptState, readonly AttemptState[]>;

export function canMove(from: GenerationStatus, to: GenerationStatus): boolean {
  return (generationMoves[from] as readonly GenerationStatus[]).includes(to);
}

export function isFinal(status: GenerationStatus): status is FinalStatus {
  return generationMoves[status].length === 0;
}

/** How a person's wish to cancel can be met. `at_provider`: the provider is asked, and its answer decides. */
export type Cancellability = 'at_once' | 'at_provider' | 'no';

/**
 * Whether it may be cancelled, derived from the moves: at once while nothing has left for the provider, afterwards only where the
 * provider can stop; never once the result is being fetched.
 */
export function cancellability(generation: {
  readonly status: GenerationStatus;
  readonly cancelRequested: boolean;
  readonly providerCanCancel: boolean;
}): Cancellability {
  if (generation.cancelRequested || !canMove(generation.status, 'cancelled')) return 'no';
  if (generation.status === 'queued') return 'at_once';
  return generation.providerCanCancel && generation.status !== 'outcome_unknown' ? 'at_provider' : 'no';
}

/** How long a hold outlives its generation's deadline, at which it is released. */
export const leaseSlackSeconds = 3_600;

/** A step that nobody renews for this long is taken over. */
export const claimSeconds = 15;
export const claimRenewalSeconds = 5;

/** A local render whose worker hasn't been heard of for this long is taken up elsewhere. */
export const bindingSeconds = 12;

/** So often a generation may be picked up from the queue: a render that kills its worker each time must end. */
export const maxPickups = 5;

/** So often in a row a step may end in an unexpected error. */
export const maxStepFailures = 8;

/** How long a submit's answer may still be under way after its time-out, before the outcome is called unknown. */
export const submitMarginSeconds = 15;

/** A marker older than this (by a monotonic clock) is not followed by a request: somebody may have taken the step over. */
export const markerMaxAgeMs = 10_000;

/** Waiting time after the n-th failure in a row, in seconds: doubling from one, a minute at most, jittered by a fifth. */
export function backoffSeconds(failures: number, random: number): number {
  const base = Math.min(60, 2 ** Math.max(0, failures - 1));
  return base * (0.9 + 0.2 * random);
}
