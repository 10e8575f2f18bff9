import type { Ledger } from '@holdfast/ledger';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';

/** What this domain's functions take first. The composition root builds it once. */
export interface CreditDeps {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly log: Logger;
  readonly settings: CreditSettings;
}

export interface CreditSettings {
  /** A new person starts with this. */
  readonly signUpCredits: bigint;
  /** Calendar months until granted credit expires. */
  readonly expiryMonths: number;
  /** `expiring` in a balance counts what expires within this many days. */
  readonly expiringDays: number;
}
