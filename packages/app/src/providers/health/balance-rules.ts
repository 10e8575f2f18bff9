/** One answer to the question for the balance. */
export interface BalancePoint {
  readonly askedAt: Date;
  readonly usd: number;
}

export interface Burn {
  /** Dollars a day, over the last 24 hours and the last 7 days; null where too little is known. */
  readonly perDay24h: number | null;
  readonly perDay7d: number | null;
  /** At the faster of the two; null where nothing is spent. */
  readonly daysLeft: number | null;
}

const hour_ms = 3_600_000;
/** A rate from less than this is a guess. */
const fewest_ms = hour_ms;

/**
 * How fast an account is used up. What is added (a top-up, a refund) is not counted against what is spent.
 * @param points in the order of time
 */
export function burnOf(points: readonly BalancePoint[], now: Date): Burn {
  const perDay24h = perDay(points, now, 24 * hour_ms);
  const perDay7d = perDay(points, now, 7 * 24 * hour_ms);
  const fastest = Math.max(perDay24h ?? 0, perDay7d ?? 0);
  const last = points.at(-1);
  return {
    perDay24h,
    perDay7d,
    daysLeft: last === undefined || fastest <= 0 ? null : Math.max(0, last.usd) / fastest,
  };
}

function perDay(points: readonly BalancePoint[], now: Date, windowMs: number): number | null {
  const within = points.filter(({ askedAt }) => askedAt.getTime() >= now.getTime() - windowMs);
  const [first] = within;
  const last = within.at(-1);
  if (first === undefined || last === undefined) return null;
  const span = last.askedAt.getTime() - first.askedAt.getTime();
  if (span < fewest_ms) return null;
  let spent = 0;
  for (const [index, point] of within.entries()) {
    const before = within[index - 1];
    if (before !== undefined) spent += Math.max(0, before.usd - point.usd);
  }
  return (spent / span) * 24 * hour_ms;
}

/** "2.5 days". */
export function inDays(days: number): string {
  if (days >= 10) return `${Math.floor(days)} days`;
  const tenths = Math.floor(days * 10) / 10;
  return tenths === 1 ? '1 day' : `${tenths} days`;
}
