import { z } from 'zod';
import { credits, instant, pageOf, pageQuery } from './common.ts';
import { kind } from './models.ts';
import { generationInput } from './quotes.ts';

/** Either a quote's id, or a model and its inputs (quoted at this instant). */
export const generationRequest = z.union([
  z.strictObject({ quote: z.string().min(1).max(80) }),
  z.strictObject({ model: z.string().min(1).max(80), input: generationInput }),
]);
export type GenerationRequest = z.infer<typeof generationRequest>;

export const generationStatus = z.enum([
  'queued',
  'submitting',
  'running',
  'ingesting',
  'outcome_unknown',
  'succeeded',
  'failed',
  'cancelled',
]);
export type GenerationStatus = z.infer<typeof generationStatus>;

/**
 * Where the credits went. Always: captured <= quoted, and charged = captured - refunded. Once final, by policy:
 * `reserve`: held = captured + released. `prepaid`: held = 0, captured = quoted (from the start), what wasn't delivered is refunded.
 * `postpaid`: held = 0, captured is what was delivered, and `owed` of it became debt.
 * While it runs, they are what they are so far.
 */
export const receipt = z.object({
  policy: z.enum(['reserve', 'prepaid', 'postpaid']),
  price_version: z.string(),
  unit: z.enum(['second', 'piece']),
  credits_per_unit: credits,
  /** Units asked for, and delivered (seconds as measured in the file; null until known). */
  quoted_units: z.number(),
  delivered_units: z.number().nullable(),
  quoted: credits,
  held: credits,
  captured: credits,
  released: credits,
  refunded: credits,
  /** What is paid for it: captured - refunded. */
  charged: credits,
  /** Of what was captured: not covered by credit when it was delivered, and so the account's debt. */
  owed: credits,
  /** True exactly where it is final and nothing was charged. */
  not_charged: z.boolean(),
  /** One sentence: what happened to the credits and why. */
  summary: z.string(),
  hold: z.string().nullable(),
});
export type Receipt = z.infer<typeof receipt>;

export const output = z.object({
  id: z.string(),
  kind,
  /** Signed, expiring; supports range requests. */
  url: z.string(),
  poster_url: z.string().nullable(),
  /** The same file as an attachment with a good name. */
  download_url: z.string(),
  content_type: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  width: z.int(),
  height: z.int(),
  duration_seconds: z.number().nullable(),
});
export type Output = z.infer<typeof output>;

export const generationError = z.object({
  code: z.string(),
  class: z.enum([
    'USER_INPUT',
    'USER_POLICY',
    'TRANSIENT',
    'SYSTEM',
    'OPERATOR_BALANCE',
    'OPERATOR_AUTH',
    'OPERATOR_CONFIG',
    'CANCELLED',
    'UNKNOWN',
  ]),
  /** For people; ends with what happened to the credits. */
  message: z.string(),
  /** Whether the same request may work later. */
  retryable: z.boolean(),
});

export const timelineEntry = z.object({ status: generationStatus, at: instant });

export const generation = z.object({
  id: z.string(),
  model: z.string(),
  kind,
  input: generationInput,
  status: generationStatus,
  /** True once the status can't change any more. */
  final: z.boolean(),
  can_cancel: z.boolean(),
  /** Real work done, 0 to 1 (frames rendered of frames to render); null where the provider doesn't say. */
  progress: z.number().min(0).max(1).nullable(),
  /** Only while queued: 1 is next. */
  queue_position: z.int().nullable(),
  /**
   * Only while queued: its place in the line of its provider (counted to 1,000), and what it waits for: its `turn`; the end of others of the
   * same person's (`own_limit`); or the model, which takes nothing at the moment (`model_waiting`).
   */
  queue: z
    .object({
      position: z.int(),
      of: z.int(),
      reason: z.enum(['turn', 'own_limit', 'model_waiting']),
    })
    .nullable(),
  /** When it will be ready, as a range from recent runs; null when final, or when nothing is known. */
  eta: z.object({ from: instant, to: instant }).nullable(),
  timeline: z.array(timelineEntry),
  receipt,
  outputs: z.array(output),
  error: generationError.nullable(),
  created_at: instant,
  finished_at: instant.nullable(),
  /** By then it has ended: at the latest here its credits are charged or released. */
  deadline_at: instant,
  /** Until when its files are kept; null: for ever, or there are none. */
  kept_until: instant.nullable(),
  /**
   * Its files are closed, because they did not reach the person and the credits went back; `POST /api/generations/:id/unlock` opens them for so many
   * credits. Null where they are open.
   */
  locked: z.object({ credits }).nullable(),
});
export type Generation = z.infer<typeof generation>;

export const generationPageQuery = pageQuery.extend({
  status: z.enum(['active', 'succeeded', 'failed', 'cancelled']).optional(),
  kind: kind.optional(),
});
export const generationPage = pageOf(generation);

/**
 * `GET /api/generations/:id/events`: server-sent events. Each is named `generation` and its data is the whole generation as
 * `GET /api/generations/:id` gives it; the stream ends after the final one. A reconnect starts with the present state.
 */
export const generationEventName = 'generation';
