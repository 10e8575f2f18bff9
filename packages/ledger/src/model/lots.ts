import type { Fault } from './commands.ts';
import {
  type Draft,
  type ModelAccount,
  type ModelLot,
  type Slice,
  addLot,
  ascending,
  clawedBackContra,
  debtPlace,
  expiredContra,
  free,
  leg,
  lotOf,
  smaller,
  voidedContra,
  write,
} from './state.ts';

const ninetyDays = 90 * 86_400_000;

/** The published order of spending. */
export const spendingOrder = (a: ModelLot, b: ModelLot): number =>
  ascending(a.priority, b.priority) ||
  ascending(a.expiresAt, b.expiresAt) ||
  ascending(Number(a.class === 'paid'), Number(b.class === 'paid')) ||
  ascending(a.effectiveAt, b.effectiveAt) ||
  ascending(a.id, b.id);

export function choose(
  account: ModelAccount,
  now: number,
  amount: bigint,
): { slices: Slice[]; short: bigint } {
  let short = amount;
  const slices: Slice[] = [];
  for (const lot of account.lots.toSorted(spendingOrder)) {
    if (lot.started && lot.expiresAt > now && free(lot) > 0n && short > 0n) {
      const part = smaller(short, free(lot));
      slices.push({ place: lot.id, amount: part, captured: 0n, refunded: 0n });
      short -= part;
    }
  }
  return { slices, short };
}

export function consume(account: ModelAccount, draft: Draft, slices: Slice[]): void {
  for (const slice of slices) {
    const lot = lotOf(account, slice.place);
    lot.remaining -= slice.amount;
    lot.consumed += slice.amount;
    slice.captured = slice.amount;
    leg(draft, lot.id, -slice.amount);
  }
}

/** Credit of this lot has just become free: what the lot owes comes first, then whether it still lives. */
export function settleFreed(
  account: ModelAccount,
  draft: Draft,
  lot: ModelLot,
  amount: bigint,
  fault: Fault,
  graceSeconds: number,
): void {
  let rest = amount;
  const claimed = smaller(rest, lot.claim);
  lot.remaining -= claimed;
  lot.clawedBack += claimed;
  lot.claim -= claimed;
  leg(draft, lot.id, -claimed);
  leg(draft, clawedBackContra, claimed);
  rest -= claimed;

  for (const debt of account.debts) {
    if (debt.cause === 'clawback' && debt.payment === lot.payment && debt.open > 0n && rest > 0n) {
      const part = smaller(rest, debt.open);
      debt.open -= part;
      debt.amount -= part;
      lot.remaining -= part;
      lot.clawedBack += part;
      leg(draft, lot.id, -part);
      leg(draft, debtPlace(debt.id), part);
      rest -= part;
    }
  }
  if (rest === 0n) return;

  if (lot.gone) {
    lot.remaining -= rest;
    lot.voided += rest;
    leg(draft, lot.id, -rest);
    leg(draft, voidedContra, rest);
    return;
  }
  if (!lot.started || lot.expiresAt > draft.at) return;

  const livesUntil = Math.min(draft.at + graceSeconds * 1000, lot.rootExpiresAt + ninetyDays);
  lot.remaining -= rest;
  leg(draft, lot.id, -rest);
  if (fault !== 'customer' && livesUntil > draft.at) {
    lot.moved += rest;
    addLot(account, draft, { ...lot, granted: rest, effectiveAt: draft.at, expiresAt: livesUntil });
  } else {
    lot.expired += rest;
    leg(draft, expiredContra, rest);
  }
}

export function returnToLot(
  account: ModelAccount,
  draft: Draft,
  lot: ModelLot,
  amount: bigint,
  fault: Fault,
  graceSeconds: number,
): void {
  lot.remaining += amount;
  lot.refunded += amount;
  leg(draft, lot.id, amount);
  settleFreed(account, draft, lot, amount, fault, graceSeconds);
}

export function expireLot(account: ModelAccount, draft: Draft, lot: ModelLot, kind: string): void {
  const amount = free(lot);
  if (amount === 0n && kind === 'expire_lot') return;
  lot.remaining -= amount;
  lot.expired += amount;
  leg(draft, lot.id, -amount);
  leg(draft, expiredContra, amount);
  write(account, draft, kind, amount);
}

export function voidFree(draft: Draft, lot: ModelLot): bigint {
  const amount = free(lot);
  lot.remaining -= amount;
  lot.voided += amount;
  lot.gone = true;
  leg(draft, lot.id, -amount);
  leg(draft, voidedContra, amount);
  return amount;
}
