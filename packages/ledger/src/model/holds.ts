import { type Answer, type Command, type Done, type Fault, refused } from './commands.ts';
import {
  type Draft,
  type ModelAccount,
  type ModelHold,
  type ModelLot,
  addDebt,
  availableIn,
  clawedBackContra,
  debtPlace,
  earned,
  holdOf,
  leg,
  lotOf,
  smaller,
} from './state.ts';
import { choose, consume, returnToLot, settleFreed } from './lots.ts';
import { reverseDebt } from './debts.ts';

/** Consumes `take` of an open hold in the order of its slices and, where it is final, frees the rest. */
export function resolveHold(
  account: ModelAccount,
  draft: Draft,
  hold: ModelHold,
  take: bigint,
  final: boolean,
  endState: ModelHold['state'],
  fault: Fault,
  graceSeconds: number,
): void {
  let need = take;
  const freed: { lot: ModelLot; amount: bigint }[] = [];
  for (const slice of hold.slices) {
    const lot = lotOf(account, slice.place);
    const part = smaller(need, slice.amount - slice.captured);
    need -= part;
    slice.captured += part;
    const rest = final ? slice.amount - slice.captured : 0n;
    lot.held -= part + rest;
    lot.remaining -= part;
    lot.consumed += part;
    leg(draft, lot.id, -part);
    freed.push({ lot, amount: rest });
  }
  leg(draft, earned, take);
  for (const { lot, amount } of freed) {
    if (amount > 0n) settleFreed(account, draft, lot, amount, fault, graceSeconds);
  }
  for (const { lot } of freed) {
    const owed = lot.claim - lot.held;
    if (owed > 0n) {
      lot.claim = lot.held;
      addDebt(account, draft, owed, 'clawback', lot.payment);
      leg(draft, clawedBackContra, owed);
    }
  }
  hold.captured += take;
  if (final) {
    hold.released = hold.amount - hold.captured;
    hold.state = endState;
  }
}

export function placeHold(
  account: ModelAccount,
  draft: Draft,
  command: Extract<Command, { kind: 'place_hold' }>,
  done: Done,
): Answer {
  if (command.amount > 0n && command.amount > availableIn(account)) return refused('insufficient_credits');
  const { slices } = choose(account, draft.at, command.amount);
  for (const slice of slices) lotOf(account, slice.place).held += slice.amount;
  const leaseUntil = draft.at + command.leaseSeconds * 1000;
  const hold: ModelHold = {
    id: account.operations.length + 1,
    amount: command.amount,
    captured: 0n,
    released: 0n,
    refunded: 0n,
    state: 'open',
    overCapture: command.overCapture,
    leaseUntil,
    lateUntil: leaseUntil + command.lateSeconds * 1000,
    slices,
  };
  account.holds.set(hold.id, hold);
  return done(command.amount, hold);
}

export function extendHold(
  account: ModelAccount,
  draft: Draft,
  command: Extract<Command, { kind: 'extend_hold' }>,
  done: Done,
): Answer {
  const hold = holdOf(account, command.hold);
  if (hold.state !== 'open') return refused('hold_not_open');
  const late = hold.lateUntil - hold.leaseUntil;
  hold.leaseUntil = Math.max(hold.leaseUntil, draft.at + command.leaseSeconds * 1000);
  hold.lateUntil = hold.leaseUntil + late;
  return done(0n, hold);
}

export function capture(
  account: ModelAccount,
  draft: Draft,
  command: Extract<Command, { kind: 'capture' }>,
  done: Done,
): Answer {
  const hold = holdOf(account, command.hold);
  const isLate = hold.state === 'expired' && draft.at < hold.lateUntil;
  if (hold.state !== 'open' && !isLate) return refused('hold_not_open');
  const uncaptured = hold.amount - hold.captured;
  if (command.amount > uncaptured && hold.overCapture === 'reject') return refused('over_capture');
  const take = smaller(command.amount, uncaptured);
  if (!isLate) {
    const { final, fault, graceSeconds } = command;
    resolveHold(account, draft, hold, take, final, 'captured', fault, graceSeconds);
    return done(take, hold);
  }
  if (take > 0n && take > availableIn(account)) return refused('insufficient_credits');
  const { slices } = choose(account, draft.at, take);
  consume(account, draft, slices);
  leg(draft, earned, take);
  hold.slices.push(...slices);
  hold.captured += take;
  hold.released = hold.amount - hold.captured;
  hold.state = command.final ? 'captured' : 'expired';
  return done(take, hold);
}

export function release(
  account: ModelAccount,
  draft: Draft,
  command: Extract<Command, { kind: 'release' }>,
  done: Done,
): Answer {
  const hold = holdOf(account, command.hold);
  if (hold.state !== 'open') return refused('hold_not_open');
  const rest = hold.amount - hold.captured;
  const endState = hold.captured > 0n ? 'captured' : 'released';
  resolveHold(account, draft, hold, 0n, true, endState, command.fault, command.graceSeconds);
  return done(rest, hold);
}

export function refund(
  account: ModelAccount,
  draft: Draft,
  command: Extract<Command, { kind: 'refund' }>,
  done: Done,
): Answer {
  const hold = holdOf(account, command.hold);
  const refundable = hold.captured - hold.refunded;
  if (command.amount !== null && command.amount > refundable) return refused('over_refund');
  const amount = command.amount ?? refundable;
  leg(draft, earned, -amount);
  let rest = amount;
  for (const slice of hold.slices.toReversed()) {
    const part = smaller(rest, slice.captured - slice.refunded);
    if (part > 0n) {
      slice.refunded += part;
      rest -= part;
      const { fault, graceSeconds } = command;
      if (slice.place > 0)
        returnToLot(account, draft, lotOf(account, slice.place), part, fault, graceSeconds);
      else {
        const debt = account.debts.find((candidate) => debtPlace(candidate.id) === slice.place);
        if (debt !== undefined) reverseDebt(account, draft, debt, part, fault, graceSeconds);
      }
    }
  }
  hold.refunded += amount;
  return done(amount, hold);
}

export function charge(
  account: ModelAccount,
  draft: Draft,
  command: Extract<Command, { kind: 'charge' }>,
  done: Done,
): Answer {
  if (command.amount > 0n && availableIn(account) - command.amount < -command.debtLimit)
    return refused(command.debtLimit === 0n ? 'insufficient_credits' : 'debt_limit');
  const { slices, short } = choose(account, draft.at, command.amount);
  consume(account, draft, slices);
  if (short > 0n) {
    const debt = addDebt(account, draft, short, 'charge', null);
    slices.push({ place: debtPlace(debt.id), amount: short, captured: short, refunded: 0n });
  }
  leg(draft, earned, command.amount);
  const hold: ModelHold = {
    id: account.operations.length + 1,
    amount: command.amount,
    captured: command.amount,
    released: 0n,
    refunded: 0n,
    state: 'captured',
    overCapture: 'reject',
    leaseUntil: Infinity,
    lateUntil: Infinity,
    slices,
  };
  account.holds.set(hold.id, hold);
  return done(command.amount, hold);
}
