/** The reader's own kind of English for numbers and dates, as long as the words are English. A browser may name languages that aren't valid tags. */
const locale = navigator.languages.find((tag) => /^en(-[A-Za-z]{2})?$/.test(tag)) ?? 'en';
const whole = new Intl.NumberFormat(locale);
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const dayThisYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const clockExact = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const exact = new Intl.DateTimeFormat(locale, {
  dateStyle: 'full',
  timeStyle: 'long',
});
const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

export function formatCredits(amount: number): string {
  return whole.format(amount);
}

/** With the word: "1 credit", "1,200 credits". */
export function creditsInWords(amount: number): string {
  return `${whole.format(amount)} ${Math.abs(amount) === 1 ? 'credit' : 'credits'}`;
}

/** With a sign always, and a true minus. */
export function signedCredits(amount: number): string {
  if (amount === 0) return '0';
  return `${amount > 0 ? '+' : '\u2212'}${whole.format(Math.abs(amount))}`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${oneDecimal.format(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${oneDecimal.format(seconds / 3_600)} h`;
}

export function secondsRange(from: number, to: number): string {
  if (from === to) return formatSeconds(to);
  if (to < 90) return `${oneDecimal.format(from)}–${oneDecimal.format(to)} s`;
  return `${formatSeconds(from)} – ${formatSeconds(to)}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  return `${oneDecimal.format(bytes / 1_000_000)} MB`;
}

export function formatDay(at: Date, now: Date): string {
  return at.getFullYear() === now.getFullYear() ? dayThisYear.format(at) : day.format(at);
}

/** Short, in the reader's zone: "14:03" today, "12 May, 14:03" before. */
export function formatMoment(at: Date, now: Date): string {
  return at.toDateString() === now.toDateString()
    ? clock.format(at)
    : `${formatDay(at, now)}, ${clock.format(at)}`;
}

export function formatClock(at: Date): string {
  return clockExact.format(at);
}

/** The whole stamp, for whoever hovers. */
export function formatExact(at: Date): string {
  return `${exact.format(at)} · ${at.toISOString()}`;
}

export function daysUntil(at: Date, now: Date): number {
  return Math.round((at.getTime() - now.getTime()) / 86_400_000);
}

/** Money in its currency's minor unit, as people write it: 990 usd is $9.90. */
export function formatMoney(minor: number, currency: string): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency: currency.toUpperCase() });
  return format.format(minor / 10 ** minorDigits(currency));
}

/** How many digits the minor unit of a currency has: 2 for usd, 0 for jpy. */
export function minorDigits(currency: string): number {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency: currency.toUpperCase() });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}
