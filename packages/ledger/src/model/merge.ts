import { type Answer, type Command, refused } from './commands.ts';
import {
  type Draft,
  type World,
  accountOf,
  addDebt,
  addLot,
  balanceOf,
  debtPlace,
  leg,
  transferred,
  write,
} from './state.ts';
import { bookDue } from './due.ts';

export function merge(world: World, command: Extract<Command, { kind: 'merge' }>): Answer {
  if (command.account === command.into) return refused('request_invalid');
  if (!world.accounts.has(command.into)) return refused('account_not_found');
  const [from, into] = [accountOf(world, command.account), accountOf(world, command.into)];
  const intent = JSON.stringify(command);
  const at = Math.max(world.now, from.lastAt, into.lastAt);
  for (const account of [from, into]) {
    const stored = account.answers.get(command.key);
    if (stored !== undefined && stored.intent !== intent) return refused('idempotency_conflict');
    if (stored !== undefined && account === from)
      return stored.answer.ok ? { ...stored.answer, replayed: true } : stored.answer;
    if (account.closed) return refused('account_closed');
    if (account.frozenAt !== null) return refused('account_frozen');
  }
  for (const account of [from, into]) bookDue(account, Math.max(world.now, account.lastAt));
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
  for (const payment of world.payments.values()) {
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
