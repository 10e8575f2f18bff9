import type { Database, Db } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';

export type Severity = 'warning' | 'critical';

/** What raising takes: any domain's dependencies are enough, with `db` a transaction where the alert must come and go with it. */
export interface AlertDeps {
  readonly db: Db;
}

/** What an alert says at one moment. */
export interface AlertContent {
  readonly about: 'raised' | 'cleared';
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly link: string | null;
  /** ISO 8601. */
  readonly opened_at: string;
  readonly cleared_at: string | null;
  readonly raises: number;
}

/** All that is told at once through one channel. */
export interface AlertMessage {
  readonly id: string;
  readonly sentAt: Date;
  readonly alerts: readonly AlertContent[];
}

/** A way to reach the operator. `send` throws where nobody took the message over. */
export interface AlertChannel {
  readonly id: string;
  send(message: AlertMessage): Promise<void>;
}

/** What telling takes. */
export interface AlertServices {
  readonly db: Database;
  readonly log: Logger;
  /** Where the web app is: links that are paths are told as addresses. */
  readonly publicUrl: string;
  readonly channels: readonly AlertChannel[];
}
