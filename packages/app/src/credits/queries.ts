import type { CreditDeps } from './deps.ts';
import type { BalanceView, HoldView, LotView, MovementView, Page } from './views.ts';

/** The balance now, all from one reading. A person without an account has zeros. */
export declare function readBalance(deps: CreditDeps, personId: string): Promise<BalanceView>;

/** Lots in the order of spending; with `all` used, expired and voided ones too. At most 1,000. */
export declare function listLots(
  deps: CreditDeps,
  personId: string,
  options?: { all?: boolean },
): Promise<LotView[]>;

/** Holds, newest first. `state` defaults to open ones. */
export declare function listHolds(
  deps: CreditDeps,
  personId: string,
  options?: { state?: 'open' | 'all'; limit?: number },
): Promise<HoldView[]>;

/** Movements, newest first, a page at a time. */
export declare function listMovements(
  deps: CreditDeps,
  personId: string,
  page: { cursor?: string; limit: number },
): Promise<Page<MovementView>>;
