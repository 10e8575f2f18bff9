import type { Ledger } from './api.ts';
import type { Connection } from './connection.ts';
import { MisuseError } from './errors.ts';
import { idValue, optionalTime, textValue, timeValue, wholeNumber } from './input.ts';
import {
  amountOf,
  amountsOf,
  balanceColumns,
  flagOf,
  holdColumns,
  holdOf,
  lineOf,
  lotColumns,
  lotOf,
  operationColumns,
  textOf,
  textOrNull,
  timeOf,
  timeOrNull,
  type Row,
} from './rows.ts';
import type { Head, VerifyDifference, VerifyProgress } from './types/keeping.ts';
import type { Balance, ForecastStep } from './types/reading.ts';

type Reading = Pick<
  Ledger,
  | 'balance'
  | 'lots'
  | 'holds'
  | 'hold'
  | 'statement'
  | 'explain'
  | 'forecast'
  | 'expireDue'
  | 'pruneRefusals'
  | 'verify'
  | 'heads'
  | 'operations'
  | 'scrub'
  | 'paymentAccount'
>;

const accountValue = (account: unknown): string => textValue(account, 'account', 200);

const balanceStatement = `select ${balanceColumns} from ledger.balance($1, $2, $3)`;

function balanceOf(row: Row): Balance {
  return {
    ...amountsOf(row),
    account: textOf(row, 'account'),
    unit: textOf(row, 'unit'),
    at: timeOf(row, 'at'),
    expiring: amountOf(row, 'expiring'),
    nextExpiryAt: timeOrNull(row, 'next_expiry_at'),
    openHolds: Number(textOf(row, 'open_holds')),
    frozen: flagOf(row, 'frozen'),
    closed: flagOf(row, 'closed'),
    operation: amountOf(row, 'operation'),
  };
}

function cursorValue(cursor: string | null | undefined): string | null {
  if (cursor === undefined || cursor === null) {
    return null;
  }
  if (!/^[0-9]{1,18}$/.test(cursor)) {
    throw new MisuseError('request_invalid', 'this cursor is none of ours', { field: 'cursor' });
  }
  return cursor;
}

/** Everything that only looks, and the housekeeping. */
export function reading(db: Connection): Reading {
  const balance: Ledger['balance'] = async (request) =>
    balanceOf(
      await db.row(balanceStatement, [
        accountValue(request.account),
        optionalTime(request.at, 'at'),
        wholeNumber(request.expiringWithinDays ?? 30, 'expiringWithinDays'),
      ]),
    );

  return {
    balance,

    lots: async (request) => {
      const rows = await db.rows(`select ${lotColumns} from ledger.lots($1, $2)`, [
        accountValue(request.account),
        request.all ?? false,
      ]);
      return rows.map(lotOf);
    },

    holds: async (request) => {
      const rows = await db.rows(`select ${holdColumns} from ledger.holds($1, $2, $3)`, [
        accountValue(request.account),
        request.state ?? null,
        wholeNumber(request.limit ?? 100, 'limit'),
      ]);
      return rows.map(holdOf);
    },

    hold: async (request) =>
      holdOf(
        await db.row(`select ${holdColumns} from ledger.hold($1, $2)`, [
          accountValue(request.account),
          idValue(request.hold, 'hold'),
        ]),
      ),

    statement: async (request) => {
      const limit = wholeNumber(request.limit ?? 50, 'limit');
      if (limit < 1 || limit > 500) {
        throw new MisuseError('request_invalid', 'limit is a whole number from 1 to 500', { field: 'limit' });
      }
      const rows = await db.rows(
        `select ${operationColumns} from ledger.statement($1, $2, $3, string_to_array($4, ','))`,
        [
          accountValue(request.account),
          cursorValue(request.cursor),
          limit + 1,
          request.kinds === undefined ? null : request.kinds.join(','),
        ],
      );
      const lines = rows.slice(0, limit).map(lineOf);
      return { lines, next: rows.length > limit ? String(lines.at(-1)?.operation) : null };
    },

    explain: async (request) => {
      const now = await balance(request);
      const rows = await db.rows(
        `select amount::text as amount, text, (extract(epoch from at) * 1000)::text as at from ledger.explain($1, $2)`,
        [accountValue(request.account), optionalTime(request.at, 'at')],
      );
      return {
        balance: now,
        lines: rows.map((row) => ({
          at: timeOrNull(row, 'at'),
          amount: amountOf(row, 'amount'),
          text: textOf(row, 'text'),
        })),
      };
    },

    forecast: async (request) => {
      const rows = await db.rows(
        `select (extract(epoch from at) * 1000)::text as at, kind, lot::text as lot, hold::text as hold,
           amount::text as amount, total::text as total, held::text as held, debt::text as debt,
           upcoming::text as upcoming
         from ledger.forecast($1, $2)`,
        [accountValue(request.account), timeValue(request.until, 'until')],
      );
      return rows.map((row) => ({
        at: timeOf(row, 'at'),
        kind: textOf(row, 'kind') as ForecastStep['kind'],
        lot: textOrNull(row, 'lot'),
        hold: textOrNull(row, 'hold'),
        amount: amountOf(row, 'amount'),
        balance: amountsOf(row),
      }));
    },

    expireDue: async (request = {}) => {
      const row = await db.row(
        `select accounts::text as accounts, lots_started::text as started, lots_expired::text as expired,
           holds_expired::text as lapsed, more::text as more
         from ledger.sweep($1)`,
        [wholeNumber(request.maxAccounts ?? 100, 'maxAccounts')],
      );
      return {
        accounts: Number(textOf(row, 'accounts')),
        lotsStarted: Number(textOf(row, 'started')),
        lotsExpired: Number(textOf(row, 'expired')),
        holdsExpired: Number(textOf(row, 'lapsed')),
        more: flagOf(row, 'more'),
      };
    },

    pruneRefusals: async (request) => {
      const row = await db.row('select ledger.prune_refusals($1, $2)::text as pruned', [
        timeValue(request.before, 'before'),
        wholeNumber(request.limit ?? 10_000, 'limit'),
      ]);
      return Number(textOf(row, 'pruned'));
    },

    verify: async (request = {}) => {
      const only = request.account === undefined ? null : accountValue(request.account);
      const [count] = await db.rows('select ledger.count_accounts($1)::text as total', [only]);
      const progress: VerifyProgress = {
        accounts: 0,
        accountsTotal: Number(count === undefined ? 0 : textOf(count, 'total')),
        operations: 0n,
        violations: 0,
      };
      const differences: VerifyDifference[] = [];
      const found = (rows: Row[]): void => {
        progress.violations += rows.length;
        differences.push(...rows.slice(0, 100 - differences.length).map(differenceOf));
      };
      let cursor: string | null = '0';
      while (cursor !== null) {
        const step: Row = await db.row(
          `select next::text as next, accounts::text as accounts, operations::text as operations,
             differences::text as differences
           from ledger.verify($1, $2, $3, $4)`,
          [only, cursor, verifyOperationsPerStep, request.freeze ?? false],
        );
        progress.accounts += Number(textOf(step, 'accounts'));
        progress.operations += amountOf(step, 'operations');
        found(JSON.parse(textOf(step, 'differences')) as Row[]);
        request.onProgress?.({ ...progress });
        cursor = textOrNull(step, 'next');
      }
      for (const head of request.heads ?? []) {
        found(
          await db.rows(
            `select check_name as check, account_id as account, operation::text as operation, null as lot, null as hold,
               expected, found
             from ledger.verify_head($1, $2, $3)`,
            [accountValue(head.account), head.operation.toString(), head.hash],
          ),
        );
      }
      return {
        accounts: progress.accounts,
        operations: progress.operations,
        violations: progress.violations,
        differences,
      };
    },

    heads: (request = {}) => headsOf(db, request.account),

    operations: async (request = {}) => {
      const rows = await db.rows(
        `select ${operationColumns}, account, cursor from ledger.operations($1, $2)`,
        [request.after ?? null, wholeNumber(request.limit ?? 100, 'limit')],
      );
      return {
        operations: rows.map((row) => ({ ...lineOf(row), account: textOf(row, 'account') })),
        cursor: rows.length === 0 ? (request.after ?? '') : textOf(rows.at(-1) ?? {}, 'cursor'),
      };
    },

    paymentAccount: async (request) => {
      const row = await db.row('select ledger.payment_account($1) as account', [
        textValue(request.payment, 'payment', 200),
      ]);
      return textOrNull(row, 'account');
    },
    scrub: async (request) => {
      await db.rows('select ledger.scrub($1)', [accountValue(request.account)]);
    },
  };
}

const verifyOperationsPerStep = 20_000;
const headsPerStep = 1000;

function differenceOf(row: Row): VerifyDifference {
  const operation = textOrNull(row, 'operation');
  return {
    check: textOf(row, 'check'),
    account: textOf(row, 'account'),
    operation: operation === null ? null : BigInt(operation),
    lot: textOrNull(row, 'lot'),
    hold: textOrNull(row, 'hold'),
    expected: textOf(row, 'expected'),
    found: textOf(row, 'found'),
  };
}

async function* headsOf(db: Connection, account: string | undefined): AsyncGenerator<Head> {
  let after = '0';
  for (;;) {
    const rows = await db.rows(
      `select account_no::text as account_no, account, operation::text as operation,
         (extract(epoch from at) * 1000)::text as at, hash
       from ledger.heads($1, $2, $3)`,
      [account === undefined ? null : accountValue(account), after, headsPerStep],
    );
    for (const row of rows) {
      yield {
        account: textOf(row, 'account'),
        operation: amountOf(row, 'operation'),
        at: timeOf(row, 'at'),
        hash: textOf(row, 'hash'),
      };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < headsPerStep) {
      return;
    }
    after = textOf(last, 'account_no');
  }
}
