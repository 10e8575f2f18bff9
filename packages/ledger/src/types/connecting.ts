/** How a ledger is connected. */

/**
 * Anything that runs a parameterised query: a `pg` client or pool, a transaction of it, PGlite, or a three-line
 * adapter over postgres.js, Kysely or Drizzle. Values are text, numbers, booleans, null or arrays of those.
 */
export type Queryable = {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
};

export type LedgerOptions = {
  /**
   * Gather concurrent calls into set-based commits; never inside `on(tx)`. At most `maxItems` (400) in one, after at most
   * `maxWaitMs` (1), by `writers` (2) connections at a time.
   */
  batching?: boolean | { maxItems?: number; maxWaitMs?: number; writers?: number };
  /** With `pg`: prepare each statement once per connection. Not through a pooler that shares connections by transaction. */
  prepare?: boolean;
  /** How often a call outside `on(tx)` is repeated after a fault that a repeat can cure; default 3. Keys make that safe. */
  retries?: number;
};
