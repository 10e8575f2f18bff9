import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';

export interface RequestCounter {
  /** Counts one request. `retryAfterSeconds` is set where it is over the limit (and it is counted all the same). */
  count(bucket: string, limit: number): { retryAfterSeconds: number | null };
  stop(): Promise<void>;
}

const window_ms = 60_000;
const most_buckets = 100_000;

interface Count {
  /** Which minute. */
  window: number;
  /** Counted here, told to nobody yet. */
  pending: number;
  /** All servers together, as last heard; without `pending`. */
  known: number;
  /** All servers together in the minute before. */
  before: number;
}

/**
 * Requests in the last minute by bucket (a person, an address), over all servers: each counts in memory and exchanges totals through
 * the database once a second, so that the cost doesn't grow with the traffic. Exact on one server; several may together let through
 * what arrives within one exchange.
 */
export function createRequestCounter(options: {
  db: Database;
  log: Logger;
  exchangeMs?: number;
  now?: () => number;
}): RequestCounter {
  const now = options.now ?? Date.now;
  const counts = new Map<string, Count>();
  let exchanging: Promise<void> | null = null;
  const timer = setInterval(() => {
    exchanging ??= exchange(options.db, counts, now())
      .catch((error: unknown) => options.log.warn({ err: error }, 'request counts could not be exchanged'))
      .finally(() => (exchanging = null));
  }, options.exchangeMs ?? 1_000);
  timer.unref();

  return {
    count(bucket, limit) {
      const at = now();
      const count = current(counts, bucket, Math.floor(at / window_ms));
      count.pending += 1;
      // A sliding minute: what is left of the one before counts by its share.
      const share = 1 - (at % window_ms) / window_ms;
      const inLastMinute = count.before * share + count.known + count.pending;
      if (limit === 0 || inLastMinute <= limit) return { retryAfterSeconds: null };
      return { retryAfterSeconds: Math.max(1, Math.ceil((window_ms - (at % window_ms)) / 1_000)) };
    },
    async stop() {
      clearInterval(timer);
      await exchanging;
    },
  };
}

function current(counts: Map<string, Count>, bucket: string, window: number): Count {
  const found = counts.get(bucket);
  if (found && found.window === window) return found;
  const before = found && found.window === window - 1 ? found.known + found.pending : 0;
  const fresh = { window, pending: 0, known: 0, before };
  if (counts.size >= most_buckets) forgetOldest(counts);
  counts.delete(bucket);
  counts.set(bucket, fresh);
  return fresh;
}

/** A flood of addresses forgets the ones seen longest ago, never grows the process. */
function forgetOldest(counts: Map<string, Count>): void {
  const [oldest] = counts.keys();
  if (oldest !== undefined) counts.delete(oldest);
}

async function exchange(db: Database, counts: Map<string, Count>, at: number): Promise<void> {
  const window = Math.floor(at / window_ms);
  for (const [bucket, count] of counts) if (count.window < window - 1) counts.delete(bucket);
  const told = [...counts.entries()]
    .filter(([, count]) => count.pending > 0 && count.window === window)
    .map(([bucket, count]) => ({ bucket, count, pending: count.pending }))
    .sort((one, other) => (one.bucket < other.bucket ? -1 : 1));
  if (told.length === 0) return;
  const { rows } = await db.query<{ bucket: string; requests: number; before: number }>(
    `with told as (
       select * from unnest($1::text[], $2::integer[]) as t (bucket, requests)
     ), forgotten as (
       delete from holdfast.request_count where window_start < to_timestamp($3) - interval '5 minutes'
     ), added as (
       insert into holdfast.request_count as c (bucket, window_start, requests)
       select bucket, to_timestamp($3), requests from told order by bucket
       on conflict (bucket, window_start) do update set requests = c.requests + excluded.requests
       returning c.bucket, c.requests
     )
     select a.bucket, a.requests, coalesce(b.requests, 0) as before
     from added a
     left join holdfast.request_count b on b.bucket = a.bucket and b.window_start = to_timestamp($3) - interval '1 minute'`,
    [told.map(({ bucket }) => bucket), told.map(({ pending }) => pending), (window * window_ms) / 1_000],
  );
  const totals = new Map(rows.map((row) => [row.bucket, row]));
  for (const { bucket, count, pending } of told) {
    const total = totals.get(bucket);
    if (!total || count.window !== window) continue;
    count.pending -= pending;
    count.known = total.requests;
    count.before = Math.max(count.before, total.before);
  }
}
