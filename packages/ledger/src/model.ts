/**
 * The ledger's rules once more, in plain code without a database: the specification that random histories are compared
 * with. Nothing in production calls it. Times are milliseconds, places are numbered as in the journal: above 0 a lot,
 * -1 to -6 a contra, below -10 a debt. Read here how a command goes; then, in model/, what is known (state), the order of
 * spending and what becomes of freed credit (lots), and holds, debts, payments, merge and what falls due (due).
 */

import { type Answer, type Command, type Common, misuseOf, refused, remembered } from './model/commands.ts';
import {
  type Draft,
  type ModelAccount,
  type ModelHold,
  type Payment,
  type World,
  accountOf,
  balanceOf,
  free,
  lotOf,
  smaller,
  write,
} from './model/state.ts';
import { choose, expireLot, voidFree } from './model/lots.ts';
import { repayFrom } from './model/debts.ts';
import { capture, charge, extendHold, placeHold, refund, release } from './model/holds.ts';
import { bookDue } from './model/due.ts';
import { clawback, grant, payer } from './model/payments.ts';
import { merge } from './model/merge.ts';

export type { Answer, Command } from './model/commands.ts';
export { balanceOf, type ModelAccount } from './model/state.ts';

export class Model implements World {
  now: number;
  readonly accounts = new Map<string, ModelAccount>();
  readonly payments = new Map<string, Payment>();

  constructor(now: number) {
    this.now = now;
  }

  /** What a reader sees now: as if everything due had been booked. */
  settled(id: string): ModelAccount {
    const account = structuredClone(this.account(id));
    if (account.frozenAt === null && !account.closed) bookDue(account, Math.max(this.now, account.lastAt));
    return account;
  }

  /** Books what is due, as a write that is then refused or a sweep does. */
  book(id: string): void {
    const account = this.account(id);
    if (account.frozenAt === null && !account.closed) bookDue(account, Math.max(this.now, account.lastAt));
  }

  account(id: string): ModelAccount {
    return accountOf(this, id);
  }

  run(command: Command): Answer {
    if (command.kind === 'open_account') return this.open(command);
    if (!this.accounts.has(command.account)) return refused('account_not_found');
    if (command.kind === 'merge') return merge(this, command);
    let account = this.account(command.account);
    if (command.kind === 'clawback') {
      const owner = payer(this, account, command.payment);
      if (owner === null) return refused('payment_not_found');
      account = owner;
    }
    const intent = JSON.stringify(command, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const stored = account.answers.get(command.key);
    if (stored !== undefined) {
      if (stored.intent !== intent) return refused('idempotency_conflict');
      return stored.answer.ok ? { ...stored.answer, replayed: true } : stored.answer;
    }
    const at = Math.max(this.now, account.lastAt);
    if (account.closed && command.kind !== 'clawback') return refused('account_closed');
    if (account.frozenAt !== null && command.kind !== 'freeze' && command.kind !== 'thaw')
      return refused('account_frozen');
    const misuse = misuseOf(account, at, command);
    if (misuse !== null) return refused(misuse);
    if (account.frozenAt === null) bookDue(account, at);
    const answer = this.decide(account, { at, legs: [] }, command);
    if (answer.ok || remembered.has(answer.code)) account.answers.set(command.key, { intent, answer });
    return answer;
  }

  private open(command: Common): Answer {
    if (!this.accounts.has(command.account)) {
      const account: ModelAccount = {
        id: command.account,
        lastAt: this.now,
        places: 0,
        lots: [],
        debts: [],
        holds: new Map(),
        operations: [],
        answers: new Map(),
        frozenAt: null,
        closed: false,
        mergedInto: null,
      };
      this.accounts.set(command.account, account);
      write(account, { at: this.now, legs: [] }, 'open_account', 0n);
      return { ok: true, operation: 1, amount: 0n, hold: null };
    }
    return { ok: true, operation: 1, amount: 0n, hold: null, replayed: true };
  }

  private payer(account: ModelAccount, payment: string): ModelAccount | null {
    const owner = this.payments.get(payment)?.account;
    let candidate = account;
    while (candidate.id !== owner && candidate.mergedInto !== null)
      candidate = this.account(candidate.mergedInto);
    return candidate.id === owner ? candidate : null;
  }
  private decide(account: ModelAccount, draft: Draft, command: Command): Answer {
    const done = (amount: bigint, hold: ModelHold | null = null): Answer => ({
      ok: true,
      operation: write(account, draft, command.kind, amount),
      amount,
      hold: hold === null ? null : structuredClone(hold),
    });
    switch (command.kind) {
      case 'grant':
        return grant(this, account, draft, command, done);
      case 'place_hold':
        return placeHold(account, draft, command, done);
      case 'extend_hold':
        return extendHold(account, draft, command, done);
      case 'capture':
        return capture(account, draft, command, done);
      case 'release':
        return release(account, draft, command, done);
      case 'refund':
        return refund(account, draft, command, done);
      case 'charge':
        return charge(account, draft, command, done);
      case 'repay': {
        const { total, held, debt } = balanceOf(account);
        const most = smaller(smaller(command.amount ?? debt, debt), total - held);
        for (const slice of choose(account, draft.at, most).slices)
          repayFrom(account, draft, lotOf(account, slice.place), slice.amount);
        return done(most);
      }
      case 'void_lot': {
        const lot = lotOf(account, Number(command.lot));
        return done(voidFree(draft, lot));
      }
      case 'change_expiry': {
        const lot = lotOf(account, Number(command.lot));
        const expiresAt = Math.max(command.expiresAt ?? Infinity, draft.at);
        lot.expiresAt = expiresAt;
        if (lot.root === lot.id) lot.rootExpiresAt = expiresAt;
        if (!lot.started || expiresAt > draft.at) return done(0n);
        const amount = free(lot);
        expireLot(account, draft, lot, 'change_expiry');
        return { ok: true, operation: account.operations.length, amount, hold: null };
      }
      case 'clawback':
        return done(clawback(this, account, draft, command));
      case 'close_account': {
        if ([...account.holds.values()].some((hold) => hold.state === 'open')) return refused('holds_open');
        const { total, upcoming } = balanceOf(account);
        for (const lot of account.lots) if (lot.remaining > 0n) voidFree(draft, lot);
        account.closed = true;
        return done(total + upcoming);
      }
      case 'freeze':
        account.frozenAt ??= draft.at;
        return done(0n);
      case 'thaw': {
        const frozenFor = draft.at - (account.frozenAt ?? draft.at);
        for (const hold of account.holds.values()) {
          if (hold.state === 'open') {
            hold.leaseUntil += frozenFor;
            hold.lateUntil += frozenFor;
          }
        }
        account.frozenAt = null;
        bookDue(account, draft.at);
        return done(0n);
      }
      case 'open_account':
      case 'merge':
        throw new Error('decided before');
    }
  }
}
