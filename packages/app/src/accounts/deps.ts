import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { SignIn } from './sign-in.ts';

/** What this domain's functions take first. The composition root builds it once. */
export interface AccountDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly settings: AccountSettings;
  /** Gives a new person what everyone starts with. Idempotent by person, for ever. */
  readonly welcome: (personId: string) => Promise<unknown>;
}

export interface AccountSettings {
  /** Without a trailing slash; decides whether cookies are for https alone. */
  readonly publicUrl: string;
  /** At least 32 bytes, the same on every server: signs cookies and links in mails. */
  readonly secret: string;
  readonly signUpCreditsNeedVerifiedEmail: boolean;
  /** How long a session lives without being used. */
  readonly sessionDays: number;
}

/** The same, with sign-in. It is loaded when it is first asked for: a process that only works has no use for it. */
export interface AccountServices extends AccountDeps {
  readonly signIn: () => Promise<SignIn>;
}
