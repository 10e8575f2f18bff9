import { type Draft, type ModelAccount, ascending, lotOf, write } from './state.ts';
import { expireLot } from './lots.ts';
import { resolveHold } from './holds.ts';

/** Everything that fell due until `now`, each at its own time: starts, ends of leases, expiries. */
export function bookDue(account: ModelAccount, now: number): void {
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
