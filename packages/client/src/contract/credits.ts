import { z } from 'zod';
import { credits, instant, pageOf } from './common.ts';

/** All from one reading at one instant: total = available + held (+ debt, where there is any, is taken off available). */
export const balance = z.object({
  total: credits,
  held: credits,
  available: credits,
  debt: credits,
  /** What expires within `expiring_days`. */
  expiring: credits,
  expiring_days: z.int(),
  next_expiry: z.object({ at: instant, amount: credits }).nullable(),
  /** Granted, not effective yet; not part of the total. */
  upcoming: credits,
  /** The same as `available`. */
  credits_balance: credits,
  tier: z.string(),
  tier_credits: credits,
});
export type Balance = z.infer<typeof balance>;

export const lot = z.object({
  id: z.string(),
  /** Where it came from: `sign_up`, `purchase`, `support`, ... */
  source: z.string(),
  class: z.enum(['promotional', 'paid']),
  granted: credits,
  remaining: credits,
  held: credits,
  effective_at: instant,
  expires_at: instant.nullable(),
  state: z.enum(['upcoming', 'active', 'used', 'expired', 'voided']),
  /** 1 is spent first; null where it can't be spent. */
  order: z.int().nullable(),
  created_at: instant,
});
export type Lot = z.infer<typeof lot>;
export const lotList = z.object({ items: z.array(lot) });

export const hold = z.object({
  id: z.string(),
  amount: credits,
  captured: credits,
  released: credits,
  remaining: credits,
  state: z.enum(['open', 'captured', 'released', 'expired']),
  /** The generation it is held for. */
  generation: z.string().nullable(),
  placed_at: instant,
  lease_ends_at: instant,
});
export type Hold = z.infer<typeof hold>;
export const holdList = z.object({ items: z.array(hold) });

export const movement = z.object({
  id: z.string(),
  at: instant,
  /** `grant`, `hold`, `capture`, `release`, `expire`, `refund`, ... */
  type: z.string(),
  /** Signed change of the total. */
  amount: credits,
  /** Signed change of what is held. */
  held_change: credits,
  /** After it. */
  total: credits,
  available: credits,
  /** A sentence for people. */
  description: z.string(),
  generation: z.string().nullable(),
});
export type Movement = z.infer<typeof movement>;
export const movementPage = pageOf(movement);
