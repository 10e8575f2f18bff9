import type { CreditDeps } from './deps.ts';

const accounts_per_call = 100;
const most_calls = 50;

/** Books expired lots and lapsed leases of accounts that nobody touches. Correctness never depends on it. */
export async function sweepCredits(deps: CreditDeps): Promise<void> {
  for (let call = 0; call < most_calls; call += 1) {
    const swept = await deps.ledger.expireDue({ maxAccounts: accounts_per_call });
    if (swept.lotsExpired + swept.holdsExpired > 0) {
      deps.log.info(
        { accounts: swept.accounts, lots: swept.lotsExpired, holds: swept.holdsExpired },
        'expired credit was booked',
      );
    }
    if (!swept.more) return;
  }
}
