import { MisuseError } from '@holdfast/ledger';
import type { Lot } from '@holdfast/ledger';
import type { Db } from '../platform/database.ts';
import { InvalidInputError } from '../platform/errors.ts';
import type { CreditDeps } from './deps.ts';
import { describeMovement } from './words.ts';
import type { BalanceView, HoldView, LotView, MovementView, Page } from './views.ts';

/** The balance now, all from one reading. A person without an account has zeros. */
export async function readBalance(deps: CreditDeps, personId: string): Promise<BalanceView> {
  const { expiringDays } = deps.settings;
  const balance = await orEmpty(
    () => deps.ledger.balance({ account: personId, expiringWithinDays: expiringDays }),
    { total: 0n, held: 0n, available: 0n, debt: 0n, upcoming: 0n, expiring: 0n, nextExpiryAt: null },
  );
  const at = balance.nextExpiryAt;
  const next = at === null ? null : { at, amount: await expiringAt(deps, personId, at) };
  return {
    total: balance.total,
    held: balance.held,
    available: balance.available,
    debt: balance.debt,
    expiring: balance.expiring,
    expiring_days: expiringDays,
    next_expiry: next,
    upcoming: balance.upcoming,
    credits_balance: balance.available,
    ...(await readTier(deps.db, personId)),
  };
}

/** What the person is, and what their plan brings each month. */
async function readTier(db: Db, personId: string): Promise<{ tier: string; tier_credits: bigint }> {
  const { rows } = await db.query<{ tier: string; tier_credits: bigint }>({
    name: 'credits.tier',
    text: `select p.tier, coalesce((
             select max(o.credits) from holdfast.subscription s join holdfast.offer o on o.id = s.offer_id
              where s.person_id = p.id and s.status in ('active', 'trialing', 'past_due')), 0) as tier_credits
             from holdfast.person p where p.id = $1`,
    values: [personId],
  });
  return rows[0] ?? { tier: 'free', tier_credits: 0n };
}

/** Only what a quote needs: one reading. */
export async function readAmounts(
  deps: CreditDeps,
  personId: string,
): Promise<{ total: bigint; held: bigint; available: bigint }> {
  const { total, held, available } = await orEmpty(() => deps.ledger.balance({ account: personId }), {
    total: 0n,
    held: 0n,
    available: 0n,
  });
  return { total, held, available };
}

/** Lots in the order of spending; with `all` used, expired and voided ones too. At most 1,000. */
export async function listLots(
  deps: CreditDeps,
  personId: string,
  options: { all?: boolean } = {},
): Promise<LotView[]> {
  const lots = await orEmpty(
    () => deps.ledger.lots({ account: personId, ...(options.all ? { all: true } : {}) }),
    [],
  );
  const spending = await (options.all
    ? orEmpty(() => deps.ledger.lots({ account: personId }), [])
    : Promise.resolve(lots));
  const order = new Map(spending.filter(isSpendable).map((lot, index) => [lot.id, index + 1]));
  return lots.map((lot) => ({
    id: lot.id,
    source: lot.payment === null ? (lot.reference ?? 'grant') : 'purchase',
    class: lot.class,
    granted: lot.granted,
    remaining: lot.remaining,
    held: lot.held,
    effective_at: lot.effectiveAt,
    expires_at: lot.expiresAt,
    state: lotStates[lot.state],
    order: order.get(lot.id) ?? null,
    created_at: lot.createdAt,
  }));
}

/** Holds, newest first. `state` defaults to open ones. */
export async function listHolds(
  deps: CreditDeps,
  personId: string,
  options: { state?: 'open' | 'all'; limit?: number } = {},
): Promise<HoldView[]> {
  const holds = await orEmpty(
    () =>
      deps.ledger.holds({
        account: personId,
        limit: options.limit ?? 100,
        ...(options.state === 'all' ? {} : { state: 'open' as const }),
      }),
    [],
  );
  return holds
    .filter((hold) => !hold.charge)
    .map((hold) => ({
      id: hold.id,
      amount: hold.amount,
      captured: hold.captured,
      released: hold.released,
      remaining: hold.amount - hold.captured - hold.released,
      state: hold.state,
      generation: generationOf(hold.reference),
      placed_at: hold.placedAt,
      lease_ends_at: hold.leaseUntil ?? hold.placedAt,
    }));
}

/** Movements, newest first, a page at a time. @throws InvalidInputError `cursor_invalid` */
export async function listMovements(
  deps: CreditDeps,
  personId: string,
  page: { cursor?: string; limit: number },
): Promise<Page<MovementView>> {
  if (page.cursor !== undefined && !/^[0-9]{1,18}$/.test(page.cursor)) {
    throw new InvalidInputError(
      'cursor_invalid',
      'This is not a position in this list: start again without a cursor.',
    );
  }
  const empty = { lines: [], next: null };
  const { lines, next } = await orEmpty(
    () => deps.ledger.statement({ account: personId, limit: page.limit, cursor: page.cursor ?? null }),
    empty,
  );
  // What an operation changed is the difference to the balance after the one before it, which may stand on the next page.
  const before =
    next === null ? empty : await deps.ledger.statement({ account: personId, limit: 1, cursor: next });
  const balances = [...lines, ...before.lines].map((line) => line.balance);
  const items = lines.map((line, index) => {
    const earlier = balances[index + 1] ?? { total: 0n, held: 0n };
    return {
      id: line.operation.toString(),
      at: line.at,
      type: line.kind,
      amount: line.balance.total - earlier.total,
      held_change: line.balance.held - earlier.held,
      total: line.balance.total,
      available: line.balance.available,
      description: describeMovement(line),
      generation: generationOf(line.reference),
    };
  });
  return { items, next };
}

const lotStates = {
  upcoming: 'upcoming',
  live: 'active',
  expired: 'expired',
  voided: 'voided',
  spent: 'used',
} as const;

function isSpendable(lot: Lot): boolean {
  return lot.state === 'live' && lot.remaining > lot.held;
}

function generationOf(reference: string | null): string | null {
  return reference?.startsWith('gen_') ? reference : null;
}

async function expiringAt(deps: CreditDeps, personId: string, at: Date): Promise<bigint> {
  const lots = await deps.ledger.lots({ account: personId });
  return lots
    .filter((lot) => lot.expiresAt?.getTime() === at.getTime() && lot.state === 'live')
    .reduce((sum, lot) => sum + lot.remaining, 0n);
}

/** A person who has never been granted anything may have no account: that reads as nothing. */
async function orEmpty<T, E>(read: () => Promise<T>, empty: E): Promise<T | E> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MisuseError && error.code === 'account_not_found') return empty;
    throw error;
  }
}

/** Whose payment it is; null for one that is none of ours. */
export async function paymentOwner(deps: CreditDeps, payment: string): Promise<string | null> {
  return payment.length > 200 ? null : deps.ledger.paymentAccount({ payment });
}
