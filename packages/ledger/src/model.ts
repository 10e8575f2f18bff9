/**
 * The ledger's rules once more, in plain code without a database: the specification that random histories are compared
 * with. Nothing in production calls it. Times are milliseconds, places are numbered as in the journal: above 0 a lot,
 * -1 to -6 a contra, below -10 a debt.
 */

type Fault = 'customer' | 'ours' | 'provider';
type Common = { account: string; key: string };

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

type Slice = { place: number; amount: bigint; captured: bigint; refunded: bigint };

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

type Debt = {
  id: number;
  cause: 'charge' | 'clawback';
  payment: string | null;
  amount: bigint;
  open: bigint;
  repaid: { lot: number; amount: bigint }[];
};

type Payment = {
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

export type Answer =
  | { ok: true; operation: number; amount: bigint; hold: ModelHold | null; replayed?: boolean }
  | { ok: false; code: string };

const refused = (code: string): Answer => ({ ok: false, code });
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);
const debtPlace = (id: number): number => -10 - id;
const [issued, earned, expiredContra, voidedContra, clawedBackContra, transferred] = [-1, -2, -3, -4, -5, -6];
const ninetyDays = 90 * 86_400_000;

const ascending = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

/** The published order of spending. */
export const spendingOrder = (a: ModelLot, b: ModelLot): number =>
  ascending(a.priority, b.priority) ||
  ascending(a.expiresAt, b.expiresAt) ||
  ascending(Number(a.class === 'paid'), Number(b.class === 'paid')) ||
  ascending(a.effectiveAt, b.effectiveAt) ||
  ascending(a.id, b.id);

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

function availableIn(account: ModelAccount): bigint {
  const { total, held, debt } = balanceOf(account);
  return total - held - debt;
}

/** One operation being made. */
type Draft = { at: number; legs: { place: number; amount: bigint }[] };

function leg(draft: Draft, place: number, amount: bigint): void {
  if (amount !== 0n) draft.legs.push({ place, amount });
}

function lotOf(account: ModelAccount, id: number): ModelLot {
  const lot = account.lots.find((candidate) => candidate.id === id);
  if (lot === undefined) throw new Error(`no lot ${id}`);
  return lot;
}

function write(account: ModelAccount, draft: Draft, kind: string, amount: bigint): number {
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

function addLot(
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

function addDebt(
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

/** Credit of this lot has just become free: what the lot owes comes first, then whether it still lives. */
function settleFreed(
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

function returnToLot(
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

/** Open debt first, then the lots that repaid it, the last first. */
function reverseDebt(
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

/** Consumes `take` of an open hold in the order of its slices and, where it is final, frees the rest. */
function resolveHold(
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

/** Everything that fell due until `now`, each at its own time: starts, ends of leases, expiries. */
function bookDue(account: ModelAccount, now: number): void {
  const due: { at: number; step: number; id: number }[] = [];
  for (const lot of account.lots.filter((candidate) => candidate.remaining > 0n)) {
    if (!lot.started && lot.effectiveAt <= now) due.push({ at: lot.effectiveAt, step: 1, id: lot.id });
    if (lot.expiresAt <= now) due.push({ at: lot.expiresAt, step: 3, id: lot.id });
  }
  for (const hold of account.holds.values()) {
    if (hold.state === 'open' && hold.leaseUntil <= now)
      due.push({ at: hold.leaseUntil, step: 2, id: hold.id });
  }
  due.sort((a, b) => ascending(a.at, b.at) || ascending(a.step, b.step) || ascending(a.id, b.id));
  for (const event of due) {
    const draft: Draft = { at: Math.max(event.at, account.lastAt), legs: [] };
    if (event.step === 1) {
      const lot = lotOf(account, event.id);
      lot.started = true;
      write(account, draft, 'start_lot', lot.remaining);
    } else if (event.step === 2) {
      const hold = account.holds.get(event.id);
      if (hold !== undefined) {
        const rest = hold.amount - hold.captured;
        resolveHold(account, draft, hold, 0n, true, 'expired', 'customer', 0);
        write(account, draft, 'expire_hold', rest);
      }
    } else {
      expireLot(account, draft, lotOf(account, event.id), 'expire_lot');
    }
  }
}

function expireLot(account: ModelAccount, draft: Draft, lot: ModelLot, kind: string): void {
  const amount = free(lot);
  if (amount === 0n && kind === 'expire_lot') return;
  lot.remaining -= amount;
  lot.expired += amount;
  leg(draft, lot.id, -amount);
  leg(draft, expiredContra, amount);
  write(account, draft, kind, amount);
}

function choose(account: ModelAccount, now: number, amount: bigint): { slices: Slice[]; short: bigint } {
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

function consume(account: ModelAccount, draft: Draft, slices: Slice[]): void {
  for (const slice of slices) {
    const lot = lotOf(account, slice.place);
    lot.remaining -= slice.amount;
    lot.consumed += slice.amount;
    slice.captured = slice.amount;
    leg(draft, lot.id, -slice.amount);
  }
}

function repayFrom(account: ModelAccount, draft: Draft, lot: ModelLot, most: bigint): bigint {
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

export class Model {
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
    const account = this.accounts.get(id);
    if (account === undefined) throw new Error(`no account ${id}`);
    return account;
  }

  run(command: Command): Answer {
    if (command.kind === 'open_account') return this.open(command);
    if (!this.accounts.has(command.account)) return refused('account_not_found');
    if (command.kind === 'merge') return this.merge(command);
    let account = this.account(command.account);
    if (command.kind === 'clawback') {
      const payer = this.payer(account, command.payment);
      if (payer === null) return refused('payment_not_found');
      account = payer;
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
        return this.grant(account, draft, command, done);
      case 'place_hold': {
        if (command.amount > 0n && command.amount > availableIn(account))
          return refused('insufficient_credits');
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
      case 'extend_hold': {
        const hold = holdOf(account, command.hold);
        if (hold.state !== 'open') return refused('hold_not_open');
        const late = hold.lateUntil - hold.leaseUntil;
        hold.leaseUntil = Math.max(hold.leaseUntil, draft.at + command.leaseSeconds * 1000);
        hold.lateUntil = hold.leaseUntil + late;
        return done(0n, hold);
      }
      case 'capture': {
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
      case 'release': {
        const hold = holdOf(account, command.hold);
        if (hold.state !== 'open') return refused('hold_not_open');
        const rest = hold.amount - hold.captured;
        const endState = hold.captured > 0n ? 'captured' : 'released';
        resolveHold(account, draft, hold, 0n, true, endState, command.fault, command.graceSeconds);
        return done(rest, hold);
      }
      case 'refund': {
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
      case 'charge': {
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
        return done(this.clawback(account, draft, command));
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

  private grant(
    account: ModelAccount,
    draft: Draft,
    command: Extract<Command, { kind: 'grant' }>,
    done: (amount: bigint) => Answer,
  ): Answer {
    const { payment, bonus } = command;
    const granted = command.amount + (bonus?.amount ?? 0n);
    if (payment !== null) {
      if (this.payments.has(payment.id)) return refused('payment_taken');
      this.payments.set(payment.id, {
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

  /** Only the difference between what should be clawed back and what has been is posted. */
  private clawback(
    account: ModelAccount,
    draft: Draft,
    command: Extract<Command, { kind: 'clawback' }>,
  ): bigint {
    const payment = this.payments.get(command.payment);
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
      payment.refunded +
      sum([...payment.disputes.values()].map((d) => larger(d.withdrawn - d.reinstated, 0n)));
    const target =
      payment.paid === 0n
        ? lost > 0n
          ? payment.granted
          : 0n
        : (payment.granted * smaller(payment.paid, lost) + payment.paid - 1n) / payment.paid;
    const change = target - payment.posted;
    payment.posted = target;
    if (change > 0n) this.claw(account, draft, payment, change);
    if (change < 0n) this.restore(account, draft, payment, -change);
    return change;
  }

  /** Every lot of a payment, in whatever account it is. */
  private family(payment: Payment): { account: ModelAccount; lot: ModelLot }[] {
    return [...this.accounts.values()].flatMap((account) =>
      account.lots.filter((lot) => lot.payment === payment.id).map((lot) => ({ account, lot })),
    );
  }

  private claw(account: ModelAccount, draft: Draft, payment: Payment, amount: bigint): void {
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
    const lost = sum(this.family(payment).map(({ lot }) => lot.expired + lot.voided)) - payment.forfeited;
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
  private restore(account: ModelAccount, draft: Draft, payment: Payment, amount: bigint): void {
    let rest = amount;
    const give = (part: bigint): void => {
      rest -= part;
      leg(draft, clawedBackContra, -part);
    };
    const debts = [...this.accounts.values()].flatMap((owner) =>
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
        else this.reverseOldDebt(account, draft, owner, debt, part);
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
    const taken = this.family(payment).filter(({ lot }) => lot.clawedBack > 0n);
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
          this.bringOver(account, draft, lot, part);
        }
      }
    }
  }

  private reverseOldDebt(
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
        this.bringOver(account, draft, lot, part);
        rest -= part;
      }
    }
  }

  /** Credit of a lot that was left behind in a merged account appears in the account that took over. */
  private bringOver(account: ModelAccount, draft: Draft, lot: ModelLot, amount: bigint): void {
    const { id: _, root: __, ...like } = lot;
    const added = addLot(account, draft, { ...like, granted: amount });
    if (added.started && added.expiresAt <= draft.at)
      settleFreed(account, draft, added, amount, 'customer', 0);
  }

  private merge(command: Extract<Command, { kind: 'merge' }>): Answer {
    if (command.account === command.into) return refused('request_invalid');
    if (!this.accounts.has(command.into)) return refused('account_not_found');
    const [from, into] = [this.account(command.account), this.account(command.into)];
    const intent = JSON.stringify(command);
    const at = Math.max(this.now, from.lastAt, into.lastAt);
    for (const account of [from, into]) {
      const stored = account.answers.get(command.key);
      if (stored !== undefined && stored.intent !== intent) return refused('idempotency_conflict');
      if (stored !== undefined && account === from)
        return stored.answer.ok ? { ...stored.answer, replayed: true } : stored.answer;
      if (account.closed) return refused('account_closed');
      if (account.frozenAt !== null) return refused('account_frozen');
    }
    for (const account of [from, into]) bookDue(account, Math.max(this.now, account.lastAt));
    if ([...from.holds.values()].some((hold) => hold.state === 'open')) {
      for (const account of [from, into])
        account.answers.set(command.key, { intent, answer: refused('holds_open') });
      return refused('holds_open');
    }
    const out: Draft = { at, legs: [] };
    const inward: Draft = { at, legs: [] };
    const { total, upcoming, debt: owed } = balanceOf(from);
    for (const lot of from.lots.filter((candidate) => candidate.remaining > 0n)) {
      const amount = lot.remaining;
      lot.remaining = 0n;
      lot.moved += amount;
      leg(out, lot.id, -amount);
      const { id: _, root: __, ...like } = lot;
      addLot(into, inward, { ...like, granted: amount });
    }
    for (const debt of from.debts.filter((candidate) => candidate.open > 0n)) {
      const amount = debt.open;
      debt.amount -= amount;
      debt.open = 0n;
      leg(out, debtPlace(debt.id), amount);
      addDebt(into, inward, amount, debt.cause, debt.payment);
    }
    leg(out, transferred, total + upcoming - owed);
    leg(inward, transferred, owed - total - upcoming);
    for (const payment of this.payments.values()) {
      if (payment.account === from.id) payment.account = into.id;
    }
    from.closed = true;
    from.mergedInto = into.id;
    const answer: Answer = {
      ok: true,
      operation: write(from, out, 'merge_out', total + upcoming),
      amount: total + upcoming,
      hold: null,
    };
    const received = { ...answer, operation: write(into, inward, 'merge_in', total + upcoming) };
    from.answers.set(command.key, { intent, answer });
    into.answers.set(command.key, { intent, answer: received });
    return answer;
  }
}

/** Refusals by the rules, remembered for their key; everything else is misuse or passes. */
const remembered = new Set([
  'insufficient_credits',
  'hold_not_open',
  'over_capture',
  'over_refund',
  'debt_limit',
  'payment_taken',
  'holds_open',
]);

/** What is raised and rolls back: nothing is booked, nothing is remembered. */
function misuseOf(account: ModelAccount, at: number, command: Command): string | null {
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

function holdOf(account: ModelAccount, id: string): ModelHold {
  const hold = account.holds.get(Number(id));
  if (hold === undefined) throw new Error(`no hold ${id}`);
  return hold;
}

function voidFree(draft: Draft, lot: ModelLot): bigint {
  const amount = free(lot);
  lot.remaining -= amount;
  lot.voided += amount;
  lot.gone = true;
  leg(draft, lot.id, -amount);
  leg(draft, voidedContra, amount);
  return amount;
}
