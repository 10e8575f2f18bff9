import fc from 'fast-check';
import { LedgerError, type Ledger } from '../../src/index.ts';
import type { Answer, Command, Model } from '../../src/model.ts';

/**
 * A command before it meets a state: numbers that point at "one of the holds", "one of the lots" and so on. So any part
 * of a history can be left out and the rest still means something, which is what shrinking needs.
 */
export type Draw = {
  action: string;
  account: number;
  other: number;
  pick: number;
  amount: number;
  seconds: number;
  flag: boolean;
  choice: number;
  key: number;
};

const weights: [string, number][] = [
  ['grant', 14],
  ['buy', 8],
  ['place_hold', 24],
  ['extend_hold', 3],
  ['capture', 16],
  ['release', 7],
  ['refund', 9],
  ['charge', 6],
  ['repay', 2],
  ['void_lot', 2],
  ['change_expiry', 3],
  ['clawback', 9],
  ['merge', 1],
  ['freeze', 1],
  ['thaw', 2],
  ['close_account', 1],
  ['repeat', 5],
  ['wait', 16],
];

export const draws = (length: number): fc.Arbitrary<Draw[]> =>
  fc.array(
    fc.record({
      action: fc.oneof(...weights.map(([action, weight]) => ({ arbitrary: fc.constant(action), weight }))),
      account: fc.nat(2),
      other: fc.nat(2),
      pick: fc.nat(1000),
      amount: fc.oneof(fc.nat(120), fc.constantFrom(0, 1, 10, 50, 100)),
      seconds: fc.constantFrom(1, 10, 60, 60, 100, 600, 3600, 86_400, 604_800, 9_000_000),
      flag: fc.boolean(),
      choice: fc.nat(11),
      key: fc.nat(1000),
    }),
    { minLength: length, maxLength: length, size: 'max' },
  );

const faults = ['customer', 'ours', 'provider'] as const;

/** The command that a draw means in this state; null where it means only that time passes. */
export function commandOf(
  draw: Draw,
  model: Model,
  names: string[],
  step: string,
  used: Command[],
): Command | null {
  const account = names[draw.account % names.length] ?? '';
  const state = model.accounts.get(account);
  const key = `${step}-${draw.action}`;
  const amount = BigInt(draw.amount);
  const common = { account, key };
  const holds = [...(state?.holds.values() ?? [])];
  const open = holds.filter((hold) => hold.state === 'open');
  // mostly a hold on which something can still happen, sometimes any, seldom none
  const among = draw.choice < 9 && open.length > 0 ? open : holds;
  const hold = String(among[draw.pick % Math.max(among.length, 1)]?.id ?? 999_999);
  const captured = holds.filter((candidate) => candidate.captured > 0n);
  const lot = String(state?.lots[draw.pick % Math.max(state.lots.length, 1)]?.id ?? 999_999);
  const fault = faults[draw.choice % 3] ?? 'customer';
  const graceSeconds = draw.flag ? 604_800 : 60;
  const payments = [...model.payments.values()];
  switch (draw.action) {
    case 'wait':
      model.now += draw.seconds * 1000;
      return null;
    case 'grant':
    case 'buy':
      return {
        kind: 'grant',
        ...common,
        amount,
        class: draw.action === 'buy' || draw.choice === 0 ? 'paid' : 'promotional',
        priority: draw.choice % 4 === 0 ? -1 : 0,
        effectiveAt: draw.choice % 5 === 0 ? model.now + draw.seconds * 1000 : null,
        validSeconds: draw.flag ? draw.seconds : null,
        payment:
          draw.action === 'buy'
            ? draw.choice === 11 && payments.length > 0
              ? { id: payments[draw.pick % payments.length]?.id ?? '', paid: 100n }
              : { id: `${names[0]}-pay-${step}`, paid: BigInt([100, 3, 990, 0][draw.choice % 4] ?? 1) }
            : null,
        bonus:
          draw.choice % 3 === 0
            ? { amount: BigInt(draw.pick % 30), validSeconds: draw.choice === 3 ? 100 : null }
            : null,
      };
    case 'place_hold':
      return {
        kind: 'place_hold',
        ...common,
        amount,
        leaseSeconds: draw.seconds,
        lateSeconds: draw.choice % 2 === 0 ? 100 : 0,
        overCapture: draw.flag ? 'cap' : 'reject',
      };
    case 'extend_hold':
      return { kind: 'extend_hold', ...common, hold, leaseSeconds: draw.seconds };
    case 'capture': {
      const target = holds.find((candidate) => String(candidate.id) === hold);
      const whole = draw.choice % 3 === 0 && target !== undefined;
      return {
        kind: 'capture',
        ...common,
        hold,
        amount: whole ? target.amount - target.captured : amount,
        final: draw.flag,
        fault,
        graceSeconds,
      };
    }
    case 'release':
      return { kind: 'release', ...common, hold, fault, graceSeconds };
    case 'refund':
      return {
        kind: 'refund',
        ...common,
        hold: String(captured[draw.pick % Math.max(captured.length, 1)]?.id ?? hold),
        amount: draw.flag ? null : amount,
        fault,
        graceSeconds,
      };
    case 'charge':
      return { kind: 'charge', ...common, amount, debtLimit: draw.flag ? 0n : 80n };
    case 'repay':
      return { kind: 'repay', ...common, amount: draw.flag ? null : amount };
    case 'void_lot':
      return { kind: 'void_lot', ...common, lot };
    case 'change_expiry':
      return {
        kind: 'change_expiry',
        ...common,
        lot,
        expiresAt: draw.flag ? null : model.now + (draw.choice - 3) * draw.seconds * 1000,
      };
    case 'clawback': {
      const payment = payments[draw.pick % Math.max(payments.length, 1)];
      const part = (payment?.paid ?? 1n) * BigInt(draw.choice % 4);
      return {
        kind: 'clawback',
        account: draw.choice === 11 || payment === undefined ? account : payment.account,
        key,
        payment: payment?.id ?? 'none',
        refunded: draw.flag ? part / 3n : null,
        dispute:
          draw.flag && draw.pick % 2 === 0
            ? null
            : {
                id: `d${draw.pick % 2}`,
                withdrawn: part / 2n,
                reinstated: draw.choice > 5 ? part / 2n : 0n,
              },
      };
    }
    case 'merge':
      return { kind: 'merge', ...common, into: names[draw.other % names.length] ?? '' };
    case 'freeze':
      return draw.choice < 6 ? { kind: 'freeze', ...common } : null;
    case 'thaw':
      return { kind: 'thaw', ...common };
    case 'close_account':
      return draw.choice === 0 ? { kind: 'close_account', ...common } : null;
    default: {
      const earlier = used[draw.pick % Math.max(used.length, 1)];
      if (earlier === undefined) return null;
      // the same key again: mostly with the same intent
      return draw.choice < 9
        ? earlier
        : { kind: 'charge', account: earlier.account, key: earlier.key, amount, debtLimit: 7n };
    }
  }
}

/** Runs the command on the real ledger; the answer in the model's words. */
export async function runOn(ledger: Ledger, command: Command): Promise<Answer> {
  try {
    const receipt = await call(ledger, command);
    return {
      ok: true,
      operation: Number(receipt.operation),
      amount: 'amount' in receipt ? (receipt.amount as bigint) : 0n,
      hold: null,
      replayed: receipt.replayed,
    };
  } catch (error) {
    if (error instanceof LedgerError && error.code !== 'retryable') return { ok: false, code: error.code };
    throw error;
  }
}

const validFor = (seconds: number | null) => (seconds === null ? {} : { validFor: { seconds } });
const optionalDate = (at: number | null): Date | undefined => (at === null ? undefined : new Date(at));

function call(ledger: Ledger, command: Command): Promise<{ operation: bigint; replayed: boolean }> {
  switch (command.kind) {
    case 'open_account':
      return ledger.openAccount({ account: command.account });
    case 'grant':
      return ledger.grant({
        ...command,
        effectiveAt: optionalDate(command.effectiveAt),
        payment: command.payment ?? undefined,
        bonus:
          command.bonus === null
            ? undefined
            : { amount: command.bonus.amount, ...validFor(command.bonus.validSeconds) },
        ...validFor(command.validSeconds),
      });
    case 'place_hold':
      return ledger.placeHold(command);
    case 'extend_hold':
      return ledger.extendHold(command);
    case 'capture':
      return ledger.capture(command);
    case 'release':
      return ledger.release(command);
    case 'refund':
      return ledger.refund({ ...command, amount: command.amount ?? undefined });
    case 'charge':
      return ledger.charge(command);
    case 'repay':
      return ledger.repay({ ...command, amount: command.amount ?? undefined });
    case 'void_lot':
      return ledger.voidLot(command);
    case 'change_expiry':
      return ledger.changeExpiry({
        ...command,
        expiresAt: command.expiresAt === null ? null : new Date(command.expiresAt),
      });
    case 'clawback':
      return ledger.clawback({
        ...command,
        refunded: command.refunded ?? undefined,
        dispute: command.dispute ?? undefined,
      });
    case 'merge':
      return ledger
        .merge({ from: command.account, into: command.into, key: command.key })
        .then(({ from, amount }) => ({ ...from, amount }));
    case 'freeze':
      return ledger.freeze({ ...command, reason: 'history' });
    case 'thaw':
      return ledger.thaw(command);
    case 'close_account':
      return ledger.closeAccount(command);
  }
}
