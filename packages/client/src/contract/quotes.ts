import { z } from 'zod';
import { credits, instant } from './common.ts';
import { aspectRatio, kind } from './models.ts';

/**
 * What to make. Which inputs a model takes, and their limits, stand in `GET /api/models`; one that it doesn't know is refused.
 */
export const generationInput = z.strictObject({
  template: z.string().max(40).optional(),
  prompt: z.string().max(5_000).optional(),
  /** An upload's id. */
  image: z.string().max(80).optional(),
  /** Videos only. Whole seconds. */
  duration_seconds: z.int().min(1).max(3_600).optional(),
  aspect_ratio: aspectRatio.optional(),
  style: z.string().max(40).optional(),
  /** The same seed and inputs give the same result, where the model can. */
  seed: z.int().min(0).max(4_294_967_295).optional(),
  /** How many to make, where the model makes several; each is charged only if it is delivered. */
  count: z.int().min(1).max(16).optional(),
  product_name: z.string().max(200).optional(),
  product_price: z.string().max(60).optional(),
  selling_points: z.array(z.string().max(200)).max(10).optional(),
});
export type GenerationInput = z.infer<typeof generationInput>;

export const quoteRequest = z.strictObject({
  model: z.string().min(1).max(80),
  input: generationInput,
});
export type QuoteRequest = z.infer<typeof quoteRequest>;

/** A price that holds until `expires_at`, for exactly these inputs. Nothing is held yet. */
export const quote = z.object({
  id: z.string(),
  model: z.string(),
  kind,
  input: generationInput,
  /** The most that can be charged. */
  credits,
  unit: z.enum(['second', 'piece']),
  units: z.int(),
  credits_per_unit: credits,
  price_version: z.string(),
  policy: z.enum(['reserve', 'prepaid', 'postpaid']),
  expires_at: instant,
  balance: z.object({ total: credits, held: credits, available: credits }),
  sufficient: z.boolean(),
  /** 0 where it is sufficient. */
  shortfall: credits,
});
export type Quote = z.infer<typeof quote>;
