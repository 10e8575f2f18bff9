import type { Amounts, HoldState, LotClass, Metadata, OperationKind, OverCapture, Slice } from './words.ts';

/** What reading an account returns. */

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
