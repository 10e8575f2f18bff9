import type { Fault, LotClass, Metadata, OverCapture } from './words.ts';

/** What each write takes. */

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

/** How long something is valid, from the moment of the operation. Months are calendar months in UTC, clamped. */
export type Validity = { months?: number; days?: number; seconds?: number };

export type Expiry =
  | { expiresAt?: Date; validFor?: undefined }
  | {
      expiresAt?: undefined;
      /** Prefer this to a date computed from "now": a retry then has the same intent. */
      validFor?: Validity;
    };

export type OpenAccount = Omit<Write, 'key'> & {
  /** Default `ledger:open`; opening again with the same unit replays. */
  key?: string;
  /** What is counted, for example `credit`; 1 to 40 characters; it can never change. Default `credit`. */
  unit?: string;
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
