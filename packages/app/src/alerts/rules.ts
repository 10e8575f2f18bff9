import type { AlertContent } from './deps.ts';

/** A key that was told of is not told of again sooner than this, however often it comes and goes. */
export const quiet_seconds = 30 * 60;
/** An all-clear waits this long: what is back by then was never over. */
export const settle_seconds = 60;
/** Through one channel. The log has no limit. */
export const messages_per_hour = 20;
/** A notice that nobody took over in this time is given up. */
export const give_up_seconds = 24 * 3_600;

/** Until the next try after the n-th that failed: doubling from half a minute, an hour at most. */
export function retrySeconds(attempts: number): number {
  return Math.min(3_600, 30 * 2 ** Math.max(0, attempts - 1));
}

/** A link as it is told outside the web app. */
export function addressOf(link: string | null, publicUrl: string): string | null {
  return link?.startsWith('/') ? `${publicUrl}${link}` : link;
}

export function subjectOf(alerts: readonly AlertContent[]): string {
  const [first] = alerts;
  if (first === undefined) return 'Holdfast';
  if (alerts.length === 1) return lineOf(first);
  const open = alerts.filter(({ about }) => about === 'raised').length;
  const over = alerts.length - open;
  const parts = [open > 0 ? `${open} raised` : '', over > 0 ? `${over} over` : ''].filter(Boolean);
  return `Alerts: ${parts.join(', ')}`;
}

export function textOf(alerts: readonly AlertContent[]): string {
  return alerts.map(paragraphsOf).join('\n\n----\n\n');
}

function lineOf({ about, severity, title }: AlertContent): string {
  return about === 'cleared'
    ? `All clear: ${title}`
    : `${severity === 'critical' ? 'Critical' : 'Warning'}: ${title}`;
}

function paragraphsOf(alert: AlertContent): string {
  const since = `Since ${minute(alert.opened_at)}${alert.raises > 1 ? `, seen ${alert.raises} times` : ''}.`;
  const over = alert.cleared_at === null ? '' : `Over at ${minute(alert.cleared_at)}.`;
  return [lineOf(alert), alert.detail, alert.link ?? '', [since, over].filter(Boolean).join(' ')]
    .filter(Boolean)
    .join('\n\n');
}

function minute(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}
