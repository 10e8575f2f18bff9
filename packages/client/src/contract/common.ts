import { z } from 'zod';

/**
 * Credits: a whole number. JSON numbers carry it exactly, since no balance may leave ±(2^53 - 1): the server refuses a grant that
 * would.
 */
export const credits = z.int();

/** An instant, ISO 8601 in UTC. */
export const instant = z.iso.datetime();

/** A position in a list, to be sent back as it came. */
export const cursor = z.string().max(200);

export const pageQuery = z.object({
  cursor: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(25),
});

/** A page of a list: `next` is null at its end. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: cursor.nullable() });
}

/** Every write takes one; a retry with the same key and body returns the first answer. Kept for ever. */
export const idempotencyKey = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, 'printable ASCII without spaces');

/** RFC 9457, with a stable `code` and the facts a program needs beside it (for instance `shortfall`). */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  /** Names the request in the server's log. */
  request_id: z.string().optional(),
});
export type Problem = z.infer<typeof problem>;

/** The facts that come with `insufficient_credits`. */
export const insufficientCredits = problem.extend({
  code: z.literal('insufficient_credits'),
  total: credits,
  held: credits,
  available: credits,
  required: credits,
  shortfall: credits,
  pricing_url: z.string(),
});
