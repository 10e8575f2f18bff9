import type { Api } from 'grammy';
import type { CreditDeps } from '../../credits/deps.ts';
import type { Database } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';

/** What payments in Telegram Stars work with. */
export interface StarsDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly credits: CreditDeps;
  readonly api: Pick<Api, 'refundStarPayment' | 'getStarTransactions'>;
}
