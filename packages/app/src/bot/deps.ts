import type { Api } from 'grammy';
import type { AccountDeps } from '../accounts/deps.ts';
import type { CreditDeps } from '../credits/deps.ts';
import type { DeliveryDeps } from '../delivery/deps.ts';
import type { GenerationDeps } from '../generations/deps.ts';
import type { StarsDeps } from '../payments/stars/deps.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';

/** What the bot works with. Built once by the composition root. */
export interface BotDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly api: Api;
  readonly botId: bigint;
  readonly accounts: AccountDeps;
  readonly credits: CreditDeps;
  readonly delivery: DeliveryDeps;
  readonly generations: GenerationDeps;
  readonly stars: StarsDeps;
  readonly settings: BotSettings;
  /** Tells the operator what only they can mend. */
  readonly alarm: (problem: { reason: string; detail: string }) => Promise<void>;
}

export interface BotSettings {
  readonly token: string;
  /** Where files are fetched. */
  readonly apiRoot: string;
  readonly publicUrl: string;
  /** Without the @; known once Telegram has been asked. */
  readonly username: () => Promise<string>;
  /** Whom people write to about payments. */
  readonly supportContact: string;
  readonly maxUploadBytes: number;
  readonly signUpCredits: bigint;
}
