import type { ModelHold, ModelAccount } from './state.ts';

export type Fault = 'customer' | 'ours' | 'provider';
export type Common = { account: string; key: string };

export type Command =
  | ({ kind: 'open_account' } & Common)
  | ({ kind: 'close_account' } & Common)
  | ({
      kind: 'grant';
      amount: bigint;
      class: 'paid' | 'promotional';
      priority: number;
      effectiveAt: number | null;
      validSeconds: number | null;
      payment: { id: string; paid: bigint } | null;
      bonus: { amount: bigint; validSeconds: number | null } | null;
    } & Common)
  | ({
      kind: 'place_hold';
      amount: bigint;
      leaseSeconds: number;
      lateSeconds: number;
      overCapture: 'reject' | 'cap';
    } & Common)
  | ({ kind: 'extend_hold'; hold: string; leaseSeconds: number } & Common)
  | ({
      kind: 'capture';
      hold: string;
      amount: bigint;
      final: boolean;
      fault: Fault;
      graceSeconds: number;
    } & Common)
  | ({ kind: 'release'; hold: string; fault: Fault; graceSeconds: number } & Common)
  | ({ kind: 'refund'; hold: string; amount: bigint | null; fault: Fault; graceSeconds: number } & Common)
  | ({ kind: 'charge'; amount: bigint; debtLimit: bigint } & Common)
  | ({ kind: 'repay'; amount: bigint | null } & Common)
  | ({ kind: 'void_lot'; lot: string } & Common)
  | ({ kind: 'change_expiry'; lot: string; expiresAt: number | null } & Common)
  | ({
      kind: 'clawback';
      payment: string;
      refunded: bigint | null;
      dispute: { id: string; withdrawn: bigint; reinstated: bigint } | null;
    } & Common)
  | ({ kind: 'merge'; into: string } & Common)
  | ({ kind: 'freeze' } & Common)
  | ({ kind: 'thaw' } & Common);

export type Answer =
  | { ok: true; operation: number; amount: bigint; hold: ModelHold | null; replayed?: boolean }
  | { ok: false; code: string };

/** Decides a command that may pass: writes its operation and answers with it. */
export type Done = (amount: bigint, hold?: ModelHold | null) => Answer;

export const refused = (code: string): Answer => ({ ok: false, code });

/** Refusals by the rules, remembered for their key; everything else is misuse or passes. */
export const remembered = new Set([
  'insufficient_credits',
  'hold_not_open',
  'over_capture',
  'over_refund',
  'debt_limit',
  'payment_taken',
  'holds_open',
]);

/** What is raised and rolls back: nothing is booked, nothing is remembered. */
export function misuseOf(account: ModelAccount, at: number, command: Command): string | null {
  if ('hold' in command && !account.holds.has(Number(command.hold))) return 'hold_not_found';
  if ('lot' in command) {
    const lot = account.lots.find((candidate) => candidate.id === Number(command.lot));
    if (lot === undefined) return 'lot_not_found';
    if (command.kind === 'change_expiry' && lot.effectiveAt > at) {
      return (command.expiresAt ?? Infinity) <= lot.effectiveAt ? 'request_invalid' : null;
    }
  }
  return null;
}
