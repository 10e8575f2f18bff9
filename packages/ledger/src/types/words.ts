/** The vocabulary of the ledger. Amounts are `bigint` in the account's smallest unit, times are `Date`, ids are text. */

/** A small JSON object kept with an operation; at most 8 KB. It is the caller's own and decides nothing. */
export type Metadata = Record<string, unknown>;

/** What a credit is worth in the order of spending and in repayment: bought, or given away. */
export type LotClass = 'paid' | 'promotional';

/** Whose fault it is that credit comes back. A fault of ours or of a provider gives expired credit a new lot. */
export type Fault = 'customer' | 'ours' | 'provider';

/** What a capture above the hold does: it is refused, or capped at what is held with the shortfall reported. */
export type OverCapture = 'reject' | 'cap';

export type HoldState = 'open' | 'captured' | 'released' | 'expired';

/** Every kind of operation in the journal. The last three are booked by the ledger itself when their time comes. */
export type OperationKind =
  | 'open_account'
  | 'close_account'
  | 'grant'
  | 'place_hold'
  | 'extend_hold'
  | 'capture'
  | 'release'
  | 'refund'
  | 'charge'
  | 'repay'
  | 'void_lot'
  | 'change_expiry'
  | 'clawback'
  | 'merge_out'
  | 'merge_in'
  | 'freeze'
  | 'thaw'
  | 'start_lot'
  | 'expire_lot'
  | 'expire_hold';

/** A balance at one instant, all from one reading. `available = total - held - debt`; only debt makes it negative. */
export type Amounts = {
  /** What is left in lots that have started and not expired, plus what open holds still pin in expired ones. */
  total: bigint;
  /** What open holds pin. */
  held: bigint;
  available: bigint;
  debt: bigint;
  /** What is left in lots that have not started yet; not part of `total`. */
  upcoming: bigint;
};

/** A part of a lot (or, where `debt` is true, of a debt) that an operation touched, in order. */
export type Slice = { lot: string; amount: bigint; debt: boolean };
