import { listAlerts } from '../alerts/queries.ts';
import type { AlertRow } from '../alerts/queries.ts';
import { addressOf } from '../alerts/rules.ts';
import type { Db } from '../platform/database.ts';
import { at } from './output.ts';
import type { CommandOutput } from './output.ts';

/** `holdfast alerts`: what an operator must know of, open ones first. */
export async function alertsList(
  db: Db,
  options: { last: number; publicUrl: string },
): Promise<CommandOutput> {
  const alerts = (await listAlerts(db, options.last)).map((alert) =>
    Object.assign(alert, { link: addressOf(alert.link, options.publicUrl) }),
  );
  const open = alerts.filter((alert) => alert.cleared_at === null);
  const head = open.length === 0 ? 'Nothing is open.' : `${open.length} open:`;
  return { json: { open: open.length, alerts }, text: [head, ...alerts.map(paragraph)].join('\n\n') };
}

function paragraph(alert: AlertRow): string {
  const state = alert.cleared_at === null ? alert.severity : `over since ${at(alert.cleared_at)}`;
  return [
    `${alert.title}  [${state}]`,
    `  ${alert.detail.replaceAll('\n', '\n  ')}`,
    ...(alert.link === null ? [] : [`  ${alert.link}`]),
    `  ${alert.key}, opened ${at(alert.opened_at)}, raised ${times(alert.raises)}, opened ${times(alert.openings)}`,
  ].join('\n');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
