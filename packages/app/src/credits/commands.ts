import type { CreditDeps } from './deps.ts';

/** Opens the person's account. Idempotent. */
export declare function openAccount(deps: CreditDeps, personId: string): Promise<void>;

/**
 * Gives a new person what everyone starts with, once for ever (idempotent by person). Opens the account where it isn't.
 * @returns what was granted, now or earlier
 */
export declare function grantSignUpCredits(deps: CreditDeps, personId: string): Promise<bigint>;

/** An operator's grant with a reason. Idempotent by `key`. */
export declare function grantCredits(
  deps: CreditDeps,
  grant: {
    personId: string;
    key: string;
    amount: bigint;
    source: string;
    reason: string;
    expiryMonths?: number;
  },
): Promise<{ amount: bigint; lot: string; replayed: boolean }>;
