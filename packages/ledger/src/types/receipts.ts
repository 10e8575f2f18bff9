import type { Amounts, HoldState, OperationKind, Slice } from './words.ts';

/** What each write returns. */

/** What every write returns. */
export type Receipt = {
  account: string;
  /** The operation's number within its account: 1, 2, 3, without gaps. */
  operation: bigint;
  kind: OperationKind;
  at: Date;
  /** True when this key had already been used with the same intent: nothing was done again. */
  replayed: boolean;
  /** The balance right after this operation. */
  balance: Amounts;
};

export type OpenAccountReceipt = Receipt & { unit: string };

export type GrantReceipt = Receipt & {
  amount: bigint;
  /** The new lot, and the bonus lot where one was asked for. */
  lot: string;
  bonusLot: string | null;
  /** How much of the grant repaid debt at once. */
  repaid: bigint;
};

/** A hold as it stood right after the operation. `amount = captured + released` once it is not open. */
export type HoldReceipt = Receipt & {
  hold: {
    /** The hold's id within its account; every call takes (account, hold). */
    id: string;
    amount: bigint;
    captured: bigint;
    released: bigint;
    state: HoldState;
    leaseUntil: Date | null;
  };
  /** What this operation moved: held, captured or released. */
  amount: bigint;
};

export type PlaceHoldReceipt = HoldReceipt & {
  /** The parts of lots that are pinned, in the order in which they will be consumed. */
  slices: Slice[];
};

export type CaptureReceipt = HoldReceipt & {
  /** How much less was captured than asked for; above zero only for holds placed with `overCapture: 'cap'`. */
  shortfall: bigint;
  /** True when the lease had ended and the credit was taken from what was spendable at the time. */
  late: boolean;
  slices: Slice[];
};

export type ChargeReceipt = Receipt & {
  /** The charge's id; refund takes it where it takes a hold's. */
  hold: string;
  amount: bigint;
  /** How much of it became debt. */
  owed: bigint;
  slices: Slice[];
};

export type RefundReceipt = Receipt & {
  hold: string;
  amount: bigint;
  /** The sum of all refunds of this hold or charge so far, and what was captured. */
  refunded: bigint;
  captured: bigint;
  /** How much of it expired again at once. */
  expired: bigint;
  /** New lots with grace that stand in for expired ones. */
  replacementLots: string[];
};

export type RepayReceipt = Receipt & { amount: bigint };

export type LotReceipt = Receipt & {
  lot: string;
  /** What was removed now (a void), or 0. */
  amount: bigint;
  /** What is still held and will be removed when it is released. */
  pending: bigint;
};

export type ClawbackReceipt = Receipt & {
  payment: string;
  /** What this event changed: above zero taken, below zero restored, zero when nothing new was learned. */
  amount: bigint;
  /** All that has been clawed back for this payment, however it was met. */
  target: bigint;
  /** How `target` stands now: taken from lots, waiting on held slices, owed. */
  taken: bigint;
  pending: bigint;
  owed: bigint;
};

export type MergeReceipt = {
  from: Receipt;
  into: Receipt;
  /** Credit moved, upcoming lots included. */
  amount: bigint;
  debt: bigint;
};
