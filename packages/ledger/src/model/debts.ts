import type { Fault } from './commands.ts';
import {
  type Debt,
  type Draft,
  type ModelAccount,
  type ModelLot,
  debtPlace,
  leg,
  lotOf,
  smaller,
} from './state.ts';
import { returnToLot } from './lots.ts';

export function repayFrom(account: ModelAccount, draft: Draft, lot: ModelLot, most: bigint): bigint {
  let rest = most;
  for (const debt of account.debts) {
    const part = smaller(rest, debt.open);
    if (part > 0n) {
      debt.open -= part;
      debt.repaid.push({ lot: lot.id, amount: part });
      leg(draft, lot.id, -part);
      leg(draft, debtPlace(debt.id), part);
      rest -= part;
    }
  }
  lot.remaining -= most - rest;
  lot.consumed += most - rest;
  return most - rest;
}

/** Open debt first, then the lots that repaid it, the last first. */
export function reverseDebt(
  account: ModelAccount,
  draft: Draft,
  debt: Debt,
  amount: bigint,
  fault: Fault,
  graceSeconds: number,
): void {
  let rest = amount;
  const open = smaller(rest, debt.open);
  debt.open -= open;
  debt.amount -= open;
  leg(draft, debtPlace(debt.id), open);
  rest -= open;
  for (const repaid of debt.repaid.toReversed()) {
    const part = smaller(rest, repaid.amount);
    if (part > 0n) {
      repaid.amount -= part;
      debt.amount -= part;
      rest -= part;
      returnToLot(account, draft, lotOf(account, repaid.lot), part, fault, graceSeconds);
    }
  }
}
