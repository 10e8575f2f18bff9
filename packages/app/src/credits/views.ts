/**
 * What the API shows of a person's credit. Field names are those of the HTTP contract, amounts are `bigint`, instants are `Date`: a door
 * only has to write them out.
 */
export interface BalanceView {
  readonly total: bigint;
  readonly held: bigint;
  readonly available: bigint;
  readonly debt: bigint;
  readonly expiring: bigint;
  readonly expiring_days: number;
  readonly next_expiry: { readonly at: Date; readonly amount: bigint } | null;
  readonly upcoming: bigint;
  readonly credits_balance: bigint;
  readonly tier: string;
  readonly tier_credits: bigint;
}

export interface LotView {
  readonly id: string;
  readonly source: string;
  readonly class: 'promotional' | 'paid';
  readonly granted: bigint;
  readonly remaining: bigint;
  readonly held: bigint;
  readonly effective_at: Date;
  readonly expires_at: Date | null;
  readonly state: 'upcoming' | 'active' | 'used' | 'expired' | 'voided';
  readonly order: number | null;
  readonly created_at: Date;
}

export interface HoldView {
  readonly id: string;
  readonly amount: bigint;
  readonly captured: bigint;
  readonly released: bigint;
  readonly remaining: bigint;
  readonly state: 'open' | 'captured' | 'released' | 'expired';
  readonly generation: string | null;
  readonly placed_at: Date;
  readonly lease_ends_at: Date;
}

export interface MovementView {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly amount: bigint;
  readonly held_change: bigint;
  readonly total: bigint;
  readonly available: bigint;
  readonly description: string;
  readonly generation: string | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
