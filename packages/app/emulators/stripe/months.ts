/** So many months after a time (in seconds), at the same hour in UTC; a day that a month doesn't have is its last. */
export function addMonths(seconds: number, months: number): number {
  const from = new Date(seconds * 1000);
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + months);
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), last));
  return Math.floor(to.getTime() / 1000);
}

/** The first end of a period, counted in months from the anchor, that lies after a time. */
export function nextPeriodEnd(anchor: number, after: number, monthsEach: number): number {
  for (let count = 1; count < 2_400; count += 1) {
    const end = addMonths(anchor, count * monthsEach);
    if (end > after) return end;
  }
  throw new Error('a subscription does not live two hundred years');
}
