import type { HoldState } from './types/words.ts';

/** Stable codes; programs decide by them, never by a message. */
export type LedgerErrorCode =
  | 'insufficient_credits'
  | 'hold_not_open'
  | 'over_capture'
  | 'over_refund'
  | 'debt_limit'
  | 'payment_taken'
  | 'holds_open'
  | 'account_not_found'
  | 'account_closed'
  | 'account_frozen'
  | 'account_exists'
  | 'amount_invalid'
  | 'key_invalid'
  | 'request_invalid'
  | 'idempotency_conflict'
  | 'hold_not_found'
  | 'lot_not_found'
  | 'payment_not_found'
  | 'journal_immutable'
  | 'schema_version'
  | 'invariant'
  | 'retryable';

/** The base of every error the ledger throws. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: LedgerErrorCode,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.data = data;
  }
}

/**
 * A refusal by the rules, thrown after its statement: the caller's transaction lives. It is remembered for its key
 * if and only if that transaction commits; a new attempt needs a new key.
 */
export class RefusedError extends LedgerError {
  readonly account: string;
  readonly replayed: boolean;

  constructor(
    code: LedgerErrorCode,
    message: string,
    data: Readonly<Record<string, unknown>>,
    account: string,
    replayed: boolean,
  ) {
    super(code, message, data);
    this.account = account;
    this.replayed = replayed;
  }
}

/** Not enough available credit for a hold, a charge or a late capture. Nothing was held. */
export class InsufficientCreditsError extends RefusedError {
  readonly total: bigint;
  readonly held: bigint;
  readonly available: bigint;
  readonly required: bigint;
  readonly shortfall: bigint;

  constructor(
    data: { total: bigint; held: bigint; available: bigint; required: bigint },
    account: string,
    replayed: boolean,
  ) {
    super(
      'insufficient_credits',
      `${data.required} required, ${data.available} available`,
      data,
      account,
      replayed,
    );
    this.total = data.total;
    this.held = data.held;
    this.available = data.available;
    this.required = data.required;
    this.shortfall = data.required - data.available;
  }
}

/** Another transition of this hold won, or its lease has ended: this is how it ended. */
export class HoldNotOpenError extends RefusedError {
  readonly state: HoldState;
  readonly captured: bigint;
  readonly released: bigint;

  constructor(
    data: { state: HoldState; captured: bigint; released: bigint },
    account: string,
    replayed: boolean,
  ) {
    super(
      'hold_not_open',
      `the hold is ${data.state}: ${data.captured} captured, ${data.released} released`,
      data,
      account,
      replayed,
    );
    this.state = data.state;
    this.captured = data.captured;
    this.released = data.released;
  }
}

/** More was to be captured than is held, and the hold was placed with `overCapture: 'reject'`. */
export class OverCaptureError extends RefusedError {}

/** More was to be refunded than was captured and not yet refunded. */
export class OverRefundError extends RefusedError {}

/** The charge would end in more debt than it allows. */
export class DebtLimitError extends RefusedError {}

/** This payment has already been granted: `data.account` and `data.operation` say where. */
export class PaymentTakenError extends RefusedError {}

/** An account with open holds can't be merged or closed. */
export class HoldsOpenError extends RefusedError {}

/** The caller's input is wrong, or names something that isn't there. Nothing is remembered for the key. */
export class MisuseError extends LedgerError {}

/** This key stands for something else: `data` shows what was stored. */
export class IdempotencyConflictError extends MisuseError {}

/** The account is frozen: reads go on; the same call with the same key works after it was thawed. */
export class AccountFrozenError extends LedgerError {}

/** A deadlock, a serialization failure, a lost connection: the same call with the same key may be repeated. */
export class RetryableError extends LedgerError {}
