import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Links } from './links.ts';
import type { Storage } from './storage/port.ts';

export interface DeliveryDeps {
  readonly db: Database;
  readonly storage: Storage;
  readonly links: Links;
  readonly log: Logger;
  /** Results are kept for so many days; none, or 0: for ever. */
  readonly retentionDays?: number;
}
