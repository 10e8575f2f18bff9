import type { StatementLine } from './reading.ts';

/** What following, sweeping and verifying return. */

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
