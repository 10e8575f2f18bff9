import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Links } from './links.ts';
import type { Storage } from './storage/port.ts';

export interface DeliveryDeps {
  readonly db: Database;
  readonly storage: Storage;
  readonly links: Links;
  readonly log: Logger;
}
