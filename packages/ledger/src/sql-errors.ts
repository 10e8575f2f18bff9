import {
  AccountFrozenError,
  DebtLimitError,
  HoldNotOpenError,
  HoldsOpenError,
  IdempotencyConflictError,
  InsufficientCreditsError,
  LedgerError,
  MisuseError,
  OverCaptureError,
  OverRefundError,
  PaymentTakenError,
  RetryableError,
  type LedgerErrorCode,
} from './errors.ts';
import type { HoldState } from './types/words.ts';

type ErrorClass = new (
  code: LedgerErrorCode,
  message: string,
  data: Readonly<Record<string, unknown>>,
  cause?: unknown,
) => LedgerError;

/** The ledger's own SQLSTATEs, all of them. */
const byState: Record<string, [LedgerErrorCode, ErrorClass]> = {
  LG001: ['account_not_found', MisuseError],
  LG002: ['account_closed', MisuseError],
  LG003: ['account_frozen', AccountFrozenError],
  LG004: ['amount_invalid', MisuseError],
  LG005: ['key_invalid', MisuseError],
  LG006: ['idempotency_conflict', IdempotencyConflictError],
  LG007: ['hold_not_found', MisuseError],
  LG008: ['lot_not_found', MisuseError],
  LG009: ['request_invalid', MisuseError],
  LG010: ['account_exists', MisuseError],
  LG011: ['payment_not_found', MisuseError],
  LG013: ['journal_immutable', LedgerError],
  LG014: ['schema_version', LedgerError],
  LG015: ['invariant', LedgerError],
};

/** Postgres says by these that the same statement may succeed when it is repeated; 08 is a lost connection. */
const retryableStates = new Set(['40001', '40P01', '55P03', '57P01', '57P02', '57P03', '53300', '25006']);
const retryableCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'CONNECTION_CLOSED',
]);
const lostConnection = /^(Connection terminated|Client has encountered a connection error|connection ended)/i;

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && name in error
    ? (error as Record<string, unknown>)[name]
    : undefined;

/** Turns what a driver threw into a typed error, or returns it as it is where the ledger has no word for it. */
export function typedError(error: unknown): unknown {
  if (error instanceof LedgerError) {
    return error;
  }
  const state = field(error, 'code');
  const message = error instanceof Error ? error.message : String(error);
  if (typeof state === 'string') {
    const own = byState[state];
    if (own !== undefined) {
      const [code, Class] = own;
      return new Class(code, message, parseDetail(field(error, 'detail')), error);
    }
    if (retryableStates.has(state) || state.startsWith('08') || retryableCodes.has(state)) {
      return new RetryableError('retryable', message, { state }, error);
    }
  }
  if (lostConnection.test(message)) {
    return new RetryableError('retryable', message, {}, error);
  }
  return field(error, 'cause') === undefined ? error : typedErrorOfCause(error);
}

/** Query builders wrap what the driver threw. */
function typedErrorOfCause(error: unknown): unknown {
  const inner = typedError(field(error, 'cause'));
  return inner instanceof LedgerError ? inner : error;
}

/** One of the ledger's own errors, by its SQLSTATE. */
export function errorOfState(state: string, message: string, detail: string): LedgerError {
  const [code, Class] = byState[state] ?? ['request_invalid', LedgerError];
  return new Class(code, message, parseDetail(detail));
}

function parseDetail(detail: unknown): Record<string, unknown> {
  if (typeof detail !== 'string' || !detail.startsWith('{')) {
    return {};
  }
  return JSON.parse(detail) as Record<string, unknown>;
}

/** A refusal that a statement returned, as the error to throw. */
export function refusalError(
  code: string,
  data: Record<string, unknown>,
  account: string,
  replayed: boolean,
): LedgerError {
  const big = (name: string): bigint => {
    const value = data[name];
    return typeof value === 'string' ? BigInt(value) : 0n;
  };
  switch (code) {
    case 'insufficient_credits':
      return new InsufficientCreditsError(
        { total: big('total'), held: big('held'), available: big('available'), required: big('required') },
        account,
        replayed,
      );
    case 'hold_not_open':
      return new HoldNotOpenError(
        { state: data['state'] as HoldState, captured: big('captured'), released: big('released') },
        account,
        replayed,
      );
    case 'over_capture':
      return new OverCaptureError(code, 'more than is held', data, account, replayed);
    case 'over_refund':
      return new OverRefundError(code, 'more than was captured and not refunded', data, account, replayed);
    case 'debt_limit':
      return new DebtLimitError(code, 'more debt than this charge allows', data, account, replayed);
    case 'payment_taken':
      return new PaymentTakenError(code, 'this payment has been granted already', data, account, replayed);
    case 'holds_open':
      return new HoldsOpenError(code, 'the account has open holds', data, account, replayed);
    default:
      return new LedgerError('request_invalid', `unknown refusal ${code}`, data);
  }
}
