import type { Ledger } from './api.ts';
import { batched } from './batching.ts';
import { connect, type Connection } from './connection.ts';
import {
  amountValue,
  expiryValues,
  idValue,
  labels,
  optionalAmount,
  optionalTime,
  target,
  textValue,
  timeValue,
  wholeNumber,
} from './input.ts';
import { outcomeOf, outcomeRow } from './outcome.ts';
import { reading } from './reading.ts';
import {
  amountOf,
  bigintsOf,
  consumedOf,
  detailAmount,
  detailOf,
  detailText,
  holdReceiptOf,
  isContra,
  receiptOf,
  slicesOf,
  textOf,
  type Row,
} from './rows.ts';
import type { LedgerOptions, Queryable } from './types/connecting.ts';
import type { LotReceipt } from './types/receipts.ts';

export type { Ledger } from './api.ts';

const mergeStatement = outcomeOf('ledger.merge($1, $2, $3, $4, $5::text::jsonb, $6)');
const sevenDaysSeconds = 604_800;

/**
 * A ledger over a database that `migrateLedger` has prepared.
 * @param db a pool, or anything with `query(text, values)`
 */
export function createLedger(db: Queryable, options: LedgerOptions = {}): Ledger {
  const connection = connect(db, options, false);
  return ledgerOver(
    options.batching === undefined || options.batching === false
      ? connection
      : batched(connection, options.batching === true ? {} : options.batching),
    options,
  );
}

function ledgerOver(db: Connection, options: LedgerOptions): Ledger {
  return {
    on: (tx) => ledgerOver(connect(tx, options, true), options),

    openAccount: async (request) => {
      const row = await db.write('open_account', [
        textValue(request.account, 'account', 200),
        textValue(request.unit ?? 'credit', 'unit', 40),
        textValue(request.key ?? 'ledger:open', 'key', 200),
        ...labels(request),
      ]);
      return { ...receiptOf(row), unit: detailText(detailOf(row), 'unit') ?? '' };
    },

    closeAccount: async (request) =>
      receiptOf(await db.write('close_account', [...target(request), ...labels(request)])),

    grant: async (request) => {
      const { payment, bonus } = request;
      const row = await db.write('grant', [
        ...target(request),
        amountValue(request.amount),
        request.class ?? (payment === undefined ? 'promotional' : 'paid'),
        wholeNumber(request.priority ?? 0, 'priority'),
        optionalTime(request.effectiveAt, 'effectiveAt'),
        ...expiryValues(request, ''),
        payment === undefined ? null : textValue(payment.id, 'payment.id', 200),
        payment === undefined ? null : amountValue(payment.paid, 'payment.paid'),
        bonus === undefined ? null : amountValue(bonus.amount, 'bonus.amount'),
        wholeNumber(bonus?.priority ?? 0, 'bonus.priority'),
        ...expiryValues(bonus ?? {}, 'bonus.'),
        request.repayDebt ?? null,
        ...labels(request),
      ]);
      const receipt = receiptOf(row);
      const detail = detailOf(row);
      return {
        ...receipt,
        amount: amountOf(row, 'amount'),
        lot: detailText(detail, 'lot') ?? '',
        bonusLot: detailText(detail, 'bonus_lot'),
        repaid: detailAmount(detail, 'repaid'),
      };
    },

    placeHold: async (request) => {
      const row = await db.write('place_hold', [
        ...target(request),
        amountValue(request.amount),
        wholeNumber(request.leaseSeconds, 'leaseSeconds'),
        wholeNumber(request.lateSeconds ?? 3600, 'lateSeconds'),
        request.overCapture ?? 'reject',
        ...labels(request),
      ]);
      return { ...holdReceiptOf(row), slices: slicesOf(row) };
    },

    extendHold: async (request) =>
      holdReceiptOf(
        await db.write('extend_hold', [
          ...target(request),
          idValue(request.hold, 'hold'),
          wholeNumber(request.leaseSeconds, 'leaseSeconds'),
          ...labels(request),
        ]),
      ),

    capture: async (request) => {
      const row = await db.write('capture', [
        ...target(request),
        idValue(request.hold, 'hold'),
        amountValue(request.amount),
        request.final ?? true,
        request.fault ?? 'customer',
        wholeNumber(request.graceSeconds ?? sevenDaysSeconds, 'graceSeconds'),
        ...labels(request),
      ]);
      const receipt = holdReceiptOf(row);
      const detail = detailOf(row);
      return {
        ...receipt,
        shortfall: detailAmount(detail, 'shortfall'),
        late: detail['late'] === true,
        slices: consumedOf(row),
      };
    },

    release: async (request) =>
      holdReceiptOf(
        await db.write('release', [
          ...target(request),
          idValue(request.hold, 'hold'),
          request.fault ?? 'customer',
          wholeNumber(request.graceSeconds ?? sevenDaysSeconds, 'graceSeconds'),
          ...labels(request),
        ]),
      ),

    refund: async (request) => {
      const row = await db.write('refund', [
        ...target(request),
        idValue(request.hold, 'hold'),
        optionalAmount(request.amount),
        request.fault ?? 'customer',
        wholeNumber(request.graceSeconds ?? sevenDaysSeconds, 'graceSeconds'),
        ...labels(request),
      ]);
      const receipt = receiptOf(row);
      const detail = detailOf(row);
      return {
        ...receipt,
        hold: textOf(row, 'hold'),
        amount: amountOf(row, 'amount'),
        refunded: detailAmount(detail, 'refunded'),
        captured: amountOf(row, 'captured'),
        expired: contraSum(row, -3n),
        replacementLots: ((detail['replacements'] ?? []) as number[]).map(String),
      };
    },

    charge: async (request) => {
      const row = await db.write('charge', [
        ...target(request),
        amountValue(request.amount),
        amountValue(request.debtLimit ?? 0n, 'debtLimit'),
        ...labels(request),
      ]);
      const receipt = receiptOf(row);
      const slices = consumedOf(row);
      return {
        ...receipt,
        hold: textOf(row, 'hold'),
        amount: amountOf(row, 'amount'),
        owed: slices.reduce((sum, slice) => sum + (slice.debt ? slice.amount : 0n), 0n),
        slices,
      };
    },

    repay: async (request) => {
      const row = await db.write('repay', [
        ...target(request),
        optionalAmount(request.amount),
        ...labels(request),
      ]);
      return { ...receiptOf(row), amount: amountOf(row, 'amount') };
    },

    voidLot: async (request) =>
      lotReceiptOf(
        await db.write('void_lot', [...target(request), idValue(request.lot, 'lot'), ...labels(request)]),
      ),

    changeExpiry: async (request) =>
      lotReceiptOf(
        await db.write('change_expiry', [
          ...target(request),
          idValue(request.lot, 'lot'),
          request.expiresAt === null ? 'infinity' : timeValue(request.expiresAt, 'expiresAt'),
          ...labels(request),
        ]),
      ),

    clawback: async (request) => {
      const { dispute } = request;
      const row = await db.write('clawback', [
        ...target(request),
        textValue(request.payment, 'payment', 200),
        optionalAmount(request.refunded, 'refunded'),
        dispute === undefined ? null : textValue(dispute.id, 'dispute.id', 200),
        dispute === undefined ? null : amountValue(dispute.withdrawn, 'dispute.withdrawn'),
        dispute === undefined ? null : amountValue(dispute.reinstated ?? 0n, 'dispute.reinstated'),
        ...labels(request),
      ]);
      const receipt = receiptOf(row);
      const detail = detailOf(row);
      return {
        ...receipt,
        payment: request.payment,
        amount: amountOf(row, 'amount'),
        target: detailAmount(detail, 'target'),
        taken: detailAmount(detail, 'taken'),
        pending: detailAmount(detail, 'pending'),
        owed: detailAmount(detail, 'owed'),
      };
    },

    merge: async (request) => {
      const rows = await db.rows(mergeStatement, [
        textValue(request.from, 'from', 200),
        textValue(request.into, 'into', 200),
        textValue(request.key, 'key', 200),
        ...labels(request),
      ]);
      const [first, second] = rows.map(outcomeRow);
      if (first === undefined || second === undefined) {
        throw new TypeError('a merge answers with two rows');
      }
      const detail = detailOf(first);
      return {
        from: receiptOf(first),
        into: receiptOf(second),
        amount: detailAmount(detail, 'credit'),
        debt: detailAmount(detail, 'debt'),
      };
    },

    freeze: async (request) =>
      receiptOf(
        await db.write('freeze', [
          ...target(request),
          textValue(request.reason, 'reason', 200),
          ...labels(request),
        ]),
      ),

    thaw: async (request) => receiptOf(await db.write('thaw', [...target(request), ...labels(request)])),

    ...reading(db),
  };
}

function contraSum(row: Row, contra: bigint): bigint {
  const amounts = bigintsOf(row, 'amounts');
  return bigintsOf(row, 'places').reduce(
    (sum, place, index) => sum + (place === contra && isContra(place) ? (amounts[index] ?? 0n) : 0n),
    0n,
  );
}

function lotReceiptOf(row: Row): LotReceipt {
  const receipt = receiptOf(row);
  const detail = detailOf(row);
  return {
    ...receipt,
    lot: detailText(detail, 'lot') ?? '',
    amount: amountOf(row, 'amount'),
    pending: detailAmount(detail, 'pending'),
  };
}
