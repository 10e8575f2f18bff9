import type { Database } from '../src/platform/database.ts';
import type { Vendors } from './vendors.ts';

/** The time of the database and of the vendors alike: a vendor that lived earlier would not find what was asked of it. */
export interface StormClock {
  /** Seconds ahead of the true time. */
  ahead(): number;
  advance(seconds: number): Promise<void>;
}

export function createClock(admin: Database, vendors: Vendors): StormClock {
  let ahead = 0;
  return {
    ahead: () => ahead,
    async advance(seconds) {
      ahead += seconds;
      vendors.ahead(ahead);
      for (const schema of ['holdfast', 'ledger']) {
        await admin.query(
          `create or replace function ${schema}.clock() returns timestamptz language sql stable
           as $$ select clock_timestamp() + interval '${Math.round(ahead * 1000)} milliseconds' $$`,
        );
      }
    },
  };
}
