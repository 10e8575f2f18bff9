import { deliverAlerts, forgetOldAlerts } from './alerts/deliver.ts';
import type { Context } from './context.ts';
import type { Chore } from './worker/chores.ts';

/** What every worker sees to beside the steps of generations. Each finds by itself what is due, however many workers do it. */
export function chores(context: Context): readonly Chore[] {
  const { alerts } = context;
  return [
    { name: 'deliver alerts', everyMs: 5_000, run: () => deliverAlerts(alerts) },
    { name: 'forget old alerts', everyMs: 3_600_000, run: () => forgetOldAlerts(alerts) },
  ];
}
