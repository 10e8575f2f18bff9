import type { Answer } from './commands.ts';

export type ModelLot = {
  id: number;
  class: 'paid' | 'promotional';
  priority: number;
  effectiveAt: number;
  expiresAt: number;
  started: boolean;
  granted: bigint;
  remaining: bigint;
  held: bigint;
  consumed: bigint;
  refunded: bigint;
  expired: bigint;
  voided: bigint;
  clawedBack: bigint;
  moved: bigint;
  /** Clawed back while it was held: taken on release, owed on capture. */
  claim: bigint;
  gone: boolean;
  payment: string | null;
  root: number;
  rootExpiresAt: number;
};

export type Slice = { place: number; amount: bigint; captured: bigint; refunded: bigint };

export type ModelHold = {
  id: number;
  amount: bigint;
  captured: bigint;
  released: bigint;
  refunded: bigint;
  state: 'open' | 'captured' | 'released' | 'expired';
  overCapture: 'reject' | 'cap';
  leaseUntil: number;
  lateUntil: number;
  slices: Slice[];
};

export type Debt = {
  id: number;
  cause: 'charge' | 'clawback';
  payment: string | null;
  amount: bigint;
  open: bigint;
  repaid: { lot: number; amount: bigint }[];
};

export type Payment = {
  id: string;
  account: string;
  paid: bigint;
  granted: bigint;
  refunded: bigint;
  disputes: Map<string, { withdrawn: bigint; reinstated: bigint }>;
  posted: bigint;
  forfeited: bigint;
};

export type ModelOperation = {
  kind: string;
  at: number;
  amount: bigint;
  legs: { place: number; amount: bigint }[];
  balance: { total: bigint; held: bigint; debt: bigint; upcoming: bigint };
};

export type ModelAccount = {
  id: string;
  lastAt: number;
  places: number;
  lots: ModelLot[];
  debts: Debt[];
  holds: Map<number, ModelHold>;
  operations: ModelOperation[];
  answers: Map<string, { intent: string; answer: Answer }>;
  frozenAt: number | null;
  closed: boolean;
  mergedInto: string | null;
};

/** Everything there is. */
export type World = {
  now: number;
  readonly accounts: Map<string, ModelAccount>;
  readonly payments: Map<string, Payment>;
};

export const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const sum = (amounts: Iterable<bigint>): bigint =>
  [...amounts].reduce((total, amount) => total + amount, 0n);
export const debtPlace = (id: number): number => -10 - id;
export const [issued, earned, expiredContra, voidedContra, clawedBackContra, transferred] = [
  -1, -2, -3, -4, -5, -6,
];

export const ascending = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

export const free = (lot: ModelLot): bigint => lot.remaining - lot.held;

export function balanceOf(account: ModelAccount) {
  const started = account.lots.filter((lot) => lot.started);
  return {
    total: sum(started.map((lot) => lot.remaining)),
    held: sum(account.lots.map((lot) => lot.held)),
    debt: sum(account.debts.map((debt) => debt.open)),
    upcoming: sum(account.lots.filter((lot) => !lot.started).map((lot) => lot.remaining)),
  };
}

export function availableIn(account: ModelAccount): bigint {
  const { total, held, debt } = balanceOf(account);
  return total - held - debt;
}

export function accountOf(world: World, id: string): ModelAccount {
  const account = world.accounts.get(id);
  if (account === undefined) throw new Error(`no account ${id}`);
  return account;
}

/** One operation being made. */
export type Draft = { at: number; legs: { place: number; amount: bigint }[] };

export function leg(draft: Draft, place: number, amount: bigint): void {
  if (amount !== 0n) draft.legs.push({ place, amount });
}

export function lotOf(account: ModelAccount, id: number): ModelLot {
  const lot = account.lots.find((candidate) => candidate.id === id);
  if (lot === undefined) throw new Error(`no lot ${id}`);
  return lot;
}

export function holdOf(account: ModelAccount, id: string): ModelHold {
  const hold = account.holds.get(Number(id));
  if (hold === undefined) throw new Error(`no hold ${id}`);
  return hold;
}

export function write(account: ModelAccount, draft: Draft, kind: string, amount: bigint): number {
  account.lastAt = Math.max(draft.at, account.lastAt);
  account.operations.push({
    kind,
    at: account.lastAt,
    amount,
    legs: draft.legs,
    balance: balanceOf(account),
  });
  return account.operations.length;
}

export function addLot(
  account: ModelAccount,
  draft: Draft,
  lot: Pick<ModelLot, 'class' | 'priority' | 'effectiveAt' | 'expiresAt' | 'payment' | 'granted'> &
    Partial<Pick<ModelLot, 'root' | 'rootExpiresAt'>>,
): ModelLot {
  const id = (account.places += 1);
  const added: ModelLot = {
    ...lot,
    id,
    started: lot.effectiveAt <= draft.at,
    remaining: lot.granted,
    held: 0n,
    consumed: 0n,
    refunded: 0n,
    expired: 0n,
    voided: 0n,
    clawedBack: 0n,
    moved: 0n,
    claim: 0n,
    gone: false,
    root: lot.root ?? id,
    rootExpiresAt: lot.rootExpiresAt ?? lot.expiresAt,
  };
  account.lots.push(added);
  leg(draft, id, added.granted);
  return added;
}

export function addDebt(
  account: ModelAccount,
  draft: Draft,
  amount: bigint,
  cause: Debt['cause'],
  payment: string | null,
): Debt {
  const debt: Debt = { id: (account.places += 1), cause, payment, amount, open: amount, repaid: [] };
  account.debts.push(debt);
  leg(draft, debtPlace(debt.id), -amount);
  return debt;
}
