import { refusalError } from './sql-errors.ts';
import type { Entry, Hold, Lot, LotState, StatementLine } from './types/reading.ts';
import type { HoldReceipt, Receipt } from './types/receipts.ts';
import type {
  Amounts,
  HoldState,
  LotClass,
  Metadata,
  OperationKind,
  OverCapture,
  Slice,
} from './types/words.ts';

/**
 * Every column is asked for as text, so that no driver's own reading of int8, timestamptz or arrays matters. Times
 * come as milliseconds since 1970.
 */
export type Row = Record<string, unknown>;

const time = (column: string): string => `(extract(epoch from ${column}) * 1000)::text as ${column}`;
const texts = (...columns: string[]): string =>
  columns.map((column) => `${column}::text as ${column}`).join(', ');

export const balanceColumns = [
  texts('account', 'unit', 'total', 'held', 'debt', 'upcoming', 'expiring', 'open_holds'),
  texts('frozen', 'closed', 'operation'),
  time('at'),
  time('next_expiry_at'),
].join(', ');

export const lotColumns = [
  texts('lot', 'state', 'class', 'priority', 'granted', 'remaining', 'held', 'consumed', 'refunded'),
  texts('expired', 'voided', 'clawed_back', 'moved', 'payment', 'root_lot', 'reference'),
  time('effective_at'),
  time('expires_at'),
  time('created_at'),
].join(', ');

export const holdColumns = [
  texts('hold', 'amount', 'captured', 'released', 'refunded', 'state', 'over_capture', 'direct', 'late'),
  texts('key', 'reference', 'places', 'amounts'),
  time('lease_until'),
  time('late_until'),
  time('placed_at'),
  time('closed_at'),
].join(', ');

export const operationColumns = [
  texts('seq', 'kind', 'key', 'amount', 'hold', 'reference', 'metadata', 'total', 'held', 'debt', 'upcoming'),
  texts('entry_place', 'entry_amount'),
  time('at'),
  time('event_at'),
].join(', ');

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') {
    throw new TypeError(`the column ${column} is not text`);
  }
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null || row[column] === undefined ? null : textOf(row, column);
}

export const amountOf = (row: Row, column: string): bigint => BigInt(textOf(row, column));

export const flagOf = (row: Row, column: string): boolean => textOf(row, column) === 'true';

export function timeOrNull(row: Row, column: string): Date | null {
  const text = textOrNull(row, column);
  const ms = text === null ? Number.NaN : Number(text);
  return Number.isFinite(ms) ? new Date(Math.floor(ms)) : null;
}

export function timeOf(row: Row, column: string): Date {
  const value = timeOrNull(row, column);
  if (value === null) {
    throw new TypeError(`the column ${column} is not a time`);
  }
  return value;
}

/** An array of numbers or plain words. */
export function textsOf(row: Row, column: string): string[] {
  const text = textOrNull(row, column);
  return text === null || text === '{}' ? [] : text.slice(1, -1).split(',');
}

export function bigintsOf(row: Row, column: string): bigint[] {
  return textsOf(row, column).map(BigInt);
}

/** What the rarer kinds of operations say beside their columns: amounts and ids as text. */
export type Detail = Record<string, string | boolean | number | number[] | undefined>;

export function detailOf(row: Row): Detail {
  const text = textOrNull(row, 'detail');
  return text === null ? {} : (JSON.parse(text) as Detail);
}

export function detailText(detail: Detail, name: string): string | null {
  const value = detail[name];
  return typeof value === 'string' ? value : null;
}

export const detailAmount = (detail: Detail, name: string): bigint => BigInt(detailText(detail, name) ?? 0);

export function amountsOf(row: Row): Amounts {
  const total = amountOf(row, 'total');
  const held = amountOf(row, 'held');
  const debt = amountOf(row, 'debt');
  return { total, held, available: total - held - debt, debt, upcoming: amountOf(row, 'upcoming') };
}

/** A place above 0 is a lot, below -10 a debt, between them a contra. */
export const isContra = (place: bigint): boolean => place < 0n && place >= -10n;

export const sliceOf = (place: bigint, amount: bigint): Slice => ({
  lot: (place > 0n ? place : -10n - place).toString(),
  amount,
  debt: place < 0n,
});

/** The receipt of a write, or the refusal it returned, thrown. */
export function receiptOf(row: Row): Receipt {
  const refusal = textOrNull(row, 'refusal');
  const account = textOf(row, 'account');
  const replayed = flagOf(row, 'replayed');
  if (refusal !== null) {
    throw refusalError(
      refusal,
      JSON.parse(textOf(row, 'refusal_data')) as Record<string, unknown>,
      account,
      replayed,
    );
  }
  return {
    account,
    operation: amountOf(row, 'operation'),
    kind: textOf(row, 'kind') as OperationKind,
    at: timeOf(row, 'at'),
    replayed,
    balance: amountsOf(row),
  };
}

export function holdReceiptOf(row: Row): HoldReceipt {
  return {
    ...receiptOf(row),
    hold: {
      id: textOf(row, 'hold'),
      amount: amountOf(row, 'hold_amount'),
      captured: amountOf(row, 'captured'),
      released: amountOf(row, 'released'),
      state: textOf(row, 'hold_state') as HoldState,
      leaseUntil: timeOrNull(row, 'lease_until'),
    },
    amount: amountOf(row, 'amount'),
  };
}

export function slicesOf(row: Row): Slice[] {
  const amounts = bigintsOf(row, 'amounts');
  return bigintsOf(row, 'places').map((place, index) => sliceOf(place, amounts[index] ?? 0n));
}

/** What a capture or charge consumed: its entries up to the first contra. */
export function consumedOf(row: Row): Slice[] {
  const places = bigintsOf(row, 'places');
  const amounts = bigintsOf(row, 'amounts');
  const end = places.findIndex(isContra);
  return places.slice(0, end === -1 ? 0 : end).map((place, index) => sliceOf(place, -(amounts[index] ?? 0n)));
}

export function lotOf(row: Row): Lot {
  return {
    id: textOf(row, 'lot'),
    state: textOf(row, 'state') as LotState,
    class: textOf(row, 'class') as LotClass,
    priority: Number(textOf(row, 'priority')),
    granted: amountOf(row, 'granted'),
    remaining: amountOf(row, 'remaining'),
    held: amountOf(row, 'held'),
    consumed: amountOf(row, 'consumed'),
    refunded: amountOf(row, 'refunded'),
    expired: amountOf(row, 'expired'),
    voided: amountOf(row, 'voided'),
    clawedBack: amountOf(row, 'clawed_back'),
    moved: amountOf(row, 'moved'),
    effectiveAt: timeOf(row, 'effective_at'),
    expiresAt: timeOrNull(row, 'expires_at'),
    payment: textOrNull(row, 'payment'),
    rootLot: textOf(row, 'root_lot'),
    reference: textOrNull(row, 'reference'),
    createdAt: timeOf(row, 'created_at'),
  };
}

export function holdOf(row: Row): Hold {
  return {
    id: textOf(row, 'hold'),
    amount: amountOf(row, 'amount'),
    captured: amountOf(row, 'captured'),
    released: amountOf(row, 'released'),
    refunded: amountOf(row, 'refunded'),
    state: textOf(row, 'state') as HoldState,
    overCapture: textOf(row, 'over_capture') as OverCapture,
    charge: flagOf(row, 'direct'),
    late: flagOf(row, 'late'),
    leaseUntil: timeOrNull(row, 'lease_until'),
    lateUntil: timeOrNull(row, 'late_until'),
    placedAt: timeOf(row, 'placed_at'),
    closedAt: timeOrNull(row, 'closed_at'),
    key: textOrNull(row, 'key'),
    reference: textOrNull(row, 'reference'),
    slices: slicesOf(row),
  };
}

const contras = ['issued', 'earned', 'expired', 'voided', 'clawed_back', 'transferred'] as const;

function entryOf(place: bigint, amount: bigint): Entry {
  const contra = isContra(place) ? contras[Number(-place) - 1] : undefined;
  return {
    side: contra ?? 'account',
    lot: place > 0n ? place.toString() : null,
    debt: place < -10n ? (-10n - place).toString() : null,
    amount,
  };
}

export function lineOf(row: Row): StatementLine {
  const amounts = bigintsOf(row, 'entry_amount');
  const metadata = textOrNull(row, 'metadata');
  return {
    operation: amountOf(row, 'seq'),
    at: timeOf(row, 'at'),
    kind: textOf(row, 'kind') as OperationKind,
    key: textOrNull(row, 'key'),
    amount: amountOf(row, 'amount'),
    hold: textOrNull(row, 'hold'),
    reference: textOrNull(row, 'reference'),
    metadata: metadata === null ? null : (JSON.parse(metadata) as Metadata),
    eventAt: timeOrNull(row, 'event_at'),
    balance: amountsOf(row),
    entries: bigintsOf(row, 'entry_place').map((place, index) => entryOf(place, amounts[index] ?? 0n)),
  };
}
