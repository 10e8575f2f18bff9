import { type Answer, type Command, refused } from './commands.ts';
import {
  type Debt,
  type Draft,
  type ModelAccount,
  type ModelLot,
  type Payment,
  type World,
  accountOf,
  addDebt,
  addLot,
  ascending,
  clawedBackContra,
  free,
  issued,
  larger,
  leg,
  lotOf,
  smaller,
  sum,
} from './state.ts';
import { settleFreed, spendingOrder } from './lots.ts';
import { repayFrom, reverseDebt } from './debts.ts';

export function grant(
  world: World,
  account: ModelAccount,
  draft: Draft,
  command: Extract<Command, { kind: 'grant' }>,
  done: (amount: bigint) => Answer,
): Answer {
  const { payment, bonus } = command;
  const granted = command.amount + (bonus?.amount ?? 0n);
  if (payment !== null) {
    if (world.payments.has(payment.id)) return refused('payment_taken');
    world.payments.set(payment.id, {
      ...payment,
      account: account.id,
      granted,
      refunded: 0n,
      disputes: new Map(),
      posted: 0n,
      forfeited: 0n,
    });
  }
  const effectiveAt = command.effectiveAt ?? draft.at;
  const endOf = (seconds: number | null): number =>
    seconds === null ? Infinity : effectiveAt + seconds * 1000;
  leg(draft, issued, -granted);
  const shared = { priority: command.priority, effectiveAt, payment: payment?.id ?? null };
  const lots = [
    addLot(account, draft, {
      ...shared,
      class: command.class,
      expiresAt: endOf(command.validSeconds),
      granted: command.amount,
    }),
  ];
  if (bonus !== null) {
    lots.push(
      addLot(account, draft, {
        ...shared,
        priority: 0,
        class: 'promotional',
        expiresAt: endOf(bonus.validSeconds),
        granted: bonus.amount,
      }),
    );
  }
  const [main] = lots;
  if (command.class === 'paid' && main !== undefined && main.started) {
    repayFrom(account, draft, main, main.remaining);
  }
  for (const lot of lots) {
    if (lot.started && lot.expiresAt <= draft.at && lot.remaining > 0n)
      settleFreed(account, draft, lot, lot.remaining, 'customer', 0);
  }
  return done(granted);
}

export function payer(world: World, account: ModelAccount, payment: string): ModelAccount | null {
  const owner = world.payments.get(payment)?.account;
  let candidate = account;
  while (candidate.id !== owner && candidate.mergedInto !== null)
    candidate = accountOf(world, candidate.mergedInto);
  return candidate.id === owner ? candidate : null;
}

/** Only the difference between what should be clawed back and what has been is posted. */
export function clawback(
  world: World,
  account: ModelAccount,
  draft: Draft,
  command: Extract<Command, { kind: 'clawback' }>,
): bigint {
  const payment = world.payments.get(command.payment);
  if (payment === undefined) throw new Error('no payment');
  payment.refunded = larger(payment.refunded, command.refunded ?? 0n);
  if (command.dispute !== null) {
    const { id, withdrawn, reinstated } = command.dispute;
    const known = payment.disputes.get(id) ?? { withdrawn: 0n, reinstated: 0n };
    payment.disputes.set(id, {
      withdrawn: larger(known.withdrawn, withdrawn),
      reinstated: larger(known.reinstated, reinstated),
    });
  }
  const lost =
    payment.refunded + sum([...payment.disputes.values()].map((d) => larger(d.withdrawn - d.reinstated, 0n)));
  const target =
    payment.paid === 0n
      ? lost > 0n
        ? payment.granted
        : 0n
      : (payment.granted * smaller(payment.paid, lost) + payment.paid - 1n) / payment.paid;
  const change = target - payment.posted;
  payment.posted = target;
  if (change > 0n) claw(world, account, draft, payment, change);
  if (change < 0n) restore(world, account, draft, payment, -change);
  return change;
}

/** Every lot of a payment, in whatever account it is. */
function family(world: World, payment: Payment): { account: ModelAccount; lot: ModelLot }[] {
  return [...world.accounts.values()].flatMap((account) =>
    account.lots.filter((lot) => lot.payment === payment.id).map((lot) => ({ account, lot })),
  );
}

function claw(world: World, account: ModelAccount, draft: Draft, payment: Payment, amount: bigint): void {
  const own = account.lots.filter((lot) => lot.payment === payment.id).toSorted(spendingOrder);
  let rest = amount;
  let posted = 0n;
  for (const lot of own) {
    const part = smaller(rest, free(lot));
    lot.remaining -= part;
    lot.clawedBack += part;
    leg(draft, lot.id, -part);
    rest -= part;
    posted += part;
  }
  const lost = sum(family(world, payment).map(({ lot }) => lot.expired + lot.voided)) - payment.forfeited;
  const forfeited = smaller(rest, lost);
  payment.forfeited += forfeited;
  rest -= forfeited;
  for (const lot of own) {
    const part = smaller(rest, lot.held - lot.claim);
    lot.claim += part;
    rest -= part;
  }
  if (rest > 0n) addDebt(account, draft, rest, 'clawback', payment.id);
  leg(draft, clawedBackContra, posted + rest);
}

/** The way back: what is owed, what is marked, what was forfeited, what was taken. */
function restore(world: World, account: ModelAccount, draft: Draft, payment: Payment, amount: bigint): void {
  let rest = amount;
  const give = (part: bigint): void => {
    rest -= part;
    leg(draft, clawedBackContra, -part);
  };
  const debts = [...world.accounts.values()].flatMap((owner) =>
    owner.debts
      .filter((debt) => debt.cause === 'clawback' && debt.payment === payment.id && debt.amount > 0n)
      .map((debt) => ({ owner, debt, repaid: debt.open === 0n })),
  );
  debts.sort(
    (a, b) =>
      ascending(Number(a.repaid), Number(b.repaid)) ||
      ascending(Number(a.owner !== account), Number(b.owner !== account)) ||
      ascending(b.debt.id, a.debt.id),
  );
  for (const { owner, debt } of debts) {
    const part = smaller(rest, debt.amount);
    if (part > 0n) {
      give(part);
      if (owner === account) reverseDebt(account, draft, debt, part, 'customer', 0);
      else reverseOldDebt(account, draft, owner, debt, part);
    }
  }
  const backwards = account.lots
    .filter((lot) => lot.payment === payment.id)
    .toSorted(spendingOrder)
    .toReversed();
  for (const lot of backwards) {
    const part = smaller(rest, lot.claim);
    lot.claim -= part;
    rest -= part;
  }
  const forfeited = smaller(rest, payment.forfeited);
  payment.forfeited -= forfeited;
  rest -= forfeited;
  const taken = family(world, payment).filter(({ lot }) => lot.clawedBack > 0n);
  taken.sort((a, b) => spendingOrder(b.lot, a.lot));
  for (const { account: owner, lot } of taken) {
    const part = smaller(rest, lot.clawedBack);
    if (part > 0n) {
      give(part);
      lot.clawedBack -= part;
      if (owner === account) {
        lot.remaining += part;
        leg(draft, lot.id, part);
        settleFreed(account, draft, lot, part, 'customer', 0);
      } else {
        lot.moved += part;
        bringOver(account, draft, lot, part);
      }
    }
  }
}

function reverseOldDebt(
  account: ModelAccount,
  draft: Draft,
  owner: ModelAccount,
  debt: Debt,
  amount: bigint,
): void {
  let rest = amount;
  for (const repaid of debt.repaid.toReversed()) {
    const part = smaller(rest, repaid.amount);
    if (part > 0n) {
      repaid.amount -= part;
      debt.amount -= part;
      const lot = lotOf(owner, repaid.lot);
      lot.refunded += part;
      lot.moved += part;
      bringOver(account, draft, lot, part);
      rest -= part;
    }
  }
}

/** Credit of a lot that was left behind in a merged account appears in the account that took over. */
function bringOver(account: ModelAccount, draft: Draft, lot: ModelLot, amount: bigint): void {
  const { id: _, root: __, ...like } = lot;
  const added = addLot(account, draft, { ...like, granted: amount });
  if (added.started && added.expiresAt <= draft.at) settleFreed(account, draft, added, amount, 'customer', 0);
}
