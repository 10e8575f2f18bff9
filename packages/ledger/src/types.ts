/**
 * The vocabulary of the ledger. Amounts are `bigint` in the account's smallest unit, times are `Date`, ids are text.
 */

/**
 * Anything that runs a parameterised query: a `pg` client or pool, a transaction of it, PGlite, or a three-line
 * adapter over postgres.js, Kysely or Drizzle. Values are text, numbers, booleans, null or arrays of those.
 */
export type Queryable = {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
};

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

/** What every write takes. */
export type Write = {
  /** The caller's own id of the account, 1 to 200 characters. */
  account: string;
  /**
   * Idempotency key, 1 to 200 characters, unique per account and never expiring. The same key with the same intent
   * returns the first result with `replayed: true`; with another intent it throws `IdempotencyConflictError`.
   */
  key: string;
  /** What this is about in the caller's own words, for example a generation's or an order's id; 200 characters. */
  reference?: string;
  /** A label kept with the operation; part of the intent, so a retry passes the same. */
  metadata?: Metadata;
  /** When it happened outside; only a label, the ledger's own clock orders operations. */
  eventAt?: Date;
};

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

/** A part of a lot (or, where `debt` is true, of a debt) that an operation touched, in order. */
export type Slice = { lot: string; amount: bigint; debt: boolean };

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

export type GrantReceipt = Receipt & {
  amount: bigint;
  /** The new lot, and the bonus lot where one was asked for. */
  lot: string;
  bonusLot: string | null;
  /** How much of the grant repaid debt at once. */
  repaid: bigint;
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

export type RepayReceipt = Receipt & { amount: bigint };

export type MergeReceipt = {
  from: Receipt;
  into: Receipt;
  /** Credit moved, upcoming lots included. */
  amount: bigint;
  debt: bigint;
};

export type OpenAccountReceipt = Receipt & { unit: string };

export type OpenAccount = Omit<Write, 'key'> & {
  /** Default `ledger:open`; opening again with the same unit replays. */
  key?: string;
  /** What is counted, for example `credit`; 1 to 40 characters; it can never change. Default `credit`. */
  unit?: string;
};

/** How long something is valid, from the moment of the operation. Months are calendar months in UTC, clamped. */
export type Validity = { months?: number; days?: number; seconds?: number };

export type Expiry =
  | { expiresAt?: Date; validFor?: undefined }
  | {
      expiresAt?: undefined;
      /** Prefer this to a date computed from "now": a retry then has the same intent. */
      validFor?: Validity;
    };

export type Grant = Write &
  Expiry & {
    /** 0 to 1,000,000,000,000,000. */
    amount: bigint;
    /** Default `promotional`; `paid` where `payment` is given. */
    class?: LotClass;
    /** Lower is spent first; -1000 to 1000, default 0. */
    priority?: number;
    /** From when it can be spent; default at once. */
    effectiveAt?: Date;
    /** The payment that bought it: its id belongs to one grant of one account, for ever. `paid` in the currency's minor unit. */
    payment?: { id: string; paid: bigint };
    /** A promotional lot granted together with it; it goes with the payment when that is clawed back. */
    bonus?: Expiry & { amount: bigint; priority?: number };
    /** Whether it repays open debt first; default for `paid` only. */
    repayDebt?: boolean;
  };

export type PlaceHold = Write & {
  /** 0 means free; at most 1,000,000,000,000,000. */
  amount: bigint;
  /** After this the hold has expired and its slices are free: 1 to 31,536,000. Extend it before. */
  leaseSeconds: number;
  /** How long after the lease a late capture is still accepted, as a charge of whatever is spendable; default 3,600. */
  lateSeconds?: number;
  /** Default `reject`. */
  overCapture?: OverCapture;
};

export type ExtendHold = Write & {
  hold: string;
  /** The lease ends this long from now, or where it already ends if that is later. */
  leaseSeconds: number;
};

export type Capture = Write & {
  hold: string;
  amount: bigint;
  /** False keeps the rest held for further captures; default true: the rest is released. */
  final?: boolean;
  /** Whose fault it is that the rest is not used; decides what becomes of credit whose lot has expired. */
  fault?: Fault;
  /** How long a replacement lot lives; default 7 days, at most 90; never beyond 90 days from its root lot's expiry. */
  graceSeconds?: number;
};

export type Release = Write & { hold: string; fault?: Fault; graceSeconds?: number };

export type Refund = Write & {
  /** The id of a captured hold, or of a charge. */
  hold: string;
  /** Default: all that has not been refunded yet. */
  amount?: bigint;
  fault?: Fault;
  graceSeconds?: number;
};

export type Charge = Write & {
  amount: bigint;
  /** How much debt the account may have after this charge; default 0: refused where credit is short. */
  debtLimit?: bigint;
};

export type Repay = Write & {
  /** Default: as much as possible. */
  amount?: bigint;
};

export type VoidLot = Write & { lot: string };

export type ChangeExpiry = Write & {
  lot: string;
  /** `null`: never. A time in the past expires it now. */
  expiresAt: Date | null;
};

export type Clawback = Write & {
  payment: string;
  /** What has been refunded of the payment in all, in the currency's minor unit. An older, smaller figure changes nothing. */
  refunded?: bigint;
  /** One dispute: what was withdrawn and what was given back in all. Older, smaller figures change nothing. */
  dispute?: { id: string; withdrawn: bigint; reinstated?: bigint };
};

export type Merge = Omit<Write, 'account'> & {
  /** Emptied and closed. It must have no open hold. */
  from: string;
  into: string;
};

export type Freeze = Write & { reason: string };

export type Balance = Amounts & {
  account: string;
  unit: string;
  at: Date;
  /** What of the free credit expires within `expiringWithinDays`. */
  expiring: bigint;
  /** When the next of it expires, if ever. */
  nextExpiryAt: Date | null;
  /** The number of open holds behind `held`. For a past instant this and the two above are 0 and null. */
  openHolds: number;
  frozen: boolean;
  closed: boolean;
  /** The last operation this balance includes. */
  operation: bigint;
};

export type LotState = 'upcoming' | 'live' | 'expired' | 'voided' | 'spent';

export type Lot = {
  id: string;
  state: LotState;
  class: LotClass;
  priority: number;
  granted: bigint;
  remaining: bigint;
  held: bigint;
  consumed: bigint;
  refunded: bigint;
  expired: bigint;
  voided: bigint;
  clawedBack: bigint;
  /** Moved into a replacement lot or another account. */
  moved: bigint;
  effectiveAt: Date;
  expiresAt: Date | null;
  payment: string | null;
  /** The lot this one replaces or was moved from, or itself. */
  rootLot: string;
  reference: string | null;
  createdAt: Date;
};

export type Hold = {
  id: string;
  amount: bigint;
  captured: bigint;
  released: bigint;
  refunded: bigint;
  state: HoldState;
  overCapture: OverCapture;
  /** True for a direct charge. */
  charge: boolean;
  late: boolean;
  leaseUntil: Date | null;
  lateUntil: Date | null;
  placedAt: Date;
  closedAt: Date | null;
  key: string | null;
  reference: string | null;
  slices: Slice[];
};

export type Entry = {
  /** `account`: the customer's side; anything else is a contra. */
  side: 'account' | 'issued' | 'earned' | 'expired' | 'voided' | 'clawed_back' | 'transferred';
  lot: string | null;
  debt: string | null;
  amount: bigint;
};

export type StatementLine = {
  operation: bigint;
  at: Date;
  kind: OperationKind;
  key: string | null;
  /** The headline: granted, held, captured, released, refunded, expired. */
  amount: bigint;
  hold: string | null;
  reference: string | null;
  metadata: Metadata | null;
  eventAt: Date | null;
  balance: Amounts;
  /** What moved on the account and on which contra; they sum to 0. */
  entries: Entry[];
};

export type Statement = {
  lines: StatementLine[];
  /** Pass it as `cursor` for the next page; null at the end. */
  next: string | null;
};

export type Explanation = {
  balance: Balance;
  /** One line per thing that made the balance, in words, oldest first. They add up. */
  lines: { at: Date | null; amount: bigint; text: string }[];
};

export type ForecastStep = {
  at: Date;
  /** A lot starts, a lot expires, or a lease ends. */
  kind: 'start_lot' | 'expire_lot' | 'expire_hold';
  lot: string | null;
  hold: string | null;
  amount: bigint;
  /** The balance after it, if nothing else happens. */
  balance: Amounts;
};

/** A committed operation, in commit order, for followers. */
export type FollowedOperation = StatementLine & { account: string };

export type Followed = {
  operations: FollowedOperation[];
  /** Remember it and pass it as `after` next time; it stays the same when nothing is new. */
  cursor: string;
};

export type SweepResult = {
  accounts: number;
  lotsStarted: number;
  lotsExpired: number;
  holdsExpired: number;
  /** True when more was due than this call was allowed to do. */
  more: boolean;
};

/** Where an account's chain of operations stands: anchor it elsewhere, verify against it later. */
export type Head = { account: string; operation: bigint; at: Date; hash: string };

export type VerifyDifference = {
  /** `chain`, `head`, or the invariant's name `I1` to `I9`. */
  check: string;
  account: string;
  operation: bigint | null;
  lot: string | null;
  hold: string | null;
  expected: string;
  found: string;
};

export type VerifyProgress = {
  accounts: number;
  accountsTotal: number;
  operations: bigint;
  violations: number;
};

export type VerifyResult = {
  accounts: number;
  operations: bigint;
  violations: number;
  /** The first hundred. */
  differences: VerifyDifference[];
};

export type LedgerOptions = {
  /**
   * Gather concurrent calls into set-based commits; never inside `on(tx)`. At most `maxItems` (400) in one, after at most
   * `maxWaitMs` (1), by `writers` (2) connections at a time.
   */
  batching?: boolean | { maxItems?: number; maxWaitMs?: number; writers?: number };
  /** With `pg`: prepare each statement once per connection. Not through a pooler that shares connections by transaction. */
  prepare?: boolean;
  /** How often a call outside `on(tx)` is repeated after a fault that a repeat can cure; default 3. Keys make that safe. */
  retries?: number;
};
