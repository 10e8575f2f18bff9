import { z } from 'zod';

/**
 * `POST /api/callbacks/completion`: an external renderer says that a task has ended. It shows the shared key (`X-API-Key`, or as a bearer)
 * and the token that came with the task (`X-Callback-Token`, or `?token=`); or it signs the body's bytes with the shared key:
 * `X-Signature: sha256=<hex of HMAC-SHA256>`. The first word stands: the same again gets the same answer, another one 409.
 */
export const completionRequest = z.strictObject({
  /** As it was handed over; or the generation's id. */
  task_id: z.string().min(1).max(80),
  status: z.enum([
    'succeeded',
    'SUCCEEDED',
    'success',
    'SUCCESS',
    'completed',
    'COMPLETED',
    'failed',
    'FAILED',
    'failure',
    'FAILURE',
    'error',
    'ERROR',
  ]),
  /** What is charged for where there is no file; where there is one, the file is measured. Never charged above the quote. */
  output_duration_seconds: z.number().min(0).max(86_400).nullable().optional(),
  /** Fetched by a worker, looked at, and stored. Without it, the renderer has handed the result over itself. */
  output_url: z.url().max(2_000).nullable().optional(),
  /** Why it failed, for the operator. */
  error: z.string().max(2_000).nullable().optional(),
});
export type CompletionRequest = z.infer<typeof completionRequest>;

export const completionAnswer = z.object({
  received: z.literal(true),
  task_id: z.string(),
  status: z.enum(['succeeded', 'failed']),
  output_duration_seconds: z.number().nullable(),
  output_url: z.string().nullable(),
});
export type CompletionAnswer = z.infer<typeof completionAnswer>;
