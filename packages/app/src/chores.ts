import { deliverAlerts, forgetOldAlerts } from './alerts/deliver.ts';
import { forgetUpdates } from './bot/work.ts';
import type { Context } from './context.ts';
import { removeExpired } from './delivery/retention.ts';
import type { GenerationDeps } from './generations/deps.ts';
import { moveToFallbacks } from './generations/pick-up/fallback.ts';
import { noteLateCallbacks } from './generations/callbacks/late-callbacks.ts';
import { watchUnknowns } from './generations/steps/note-health.ts';
import { closeQuietCircuits, settleProbes } from './generations/pick-up/probes.ts';
import { cheapestAt, watchCaps } from './generations/pick-up/spend.ts';
import { paymentJobs } from './payments/jobs.ts';
import { forgetOldBalances, watchBalances } from './providers/health/balances.ts';
import { starsChores } from './stars-chores.ts';
import type { Chore } from './worker/chores.ts';

/** What every worker sees to beside the steps of generations. Each finds by itself what is due, however many workers do it. */
export function chores(context: Context): readonly Chore[] {
  const { alerts } = context;
  return [
    { name: 'deliver alerts', everyMs: 5_000, run: () => deliverAlerts(alerts) },
    { name: 'forget old alerts', everyMs: 3_600_000, run: () => forgetOldAlerts(alerts) },
    {
      name: 'note late callbacks',
      everyMs: 10_000,
      run: async () => {
        await noteLateCallbacks(context.generations);
      },
    },
    ...paymentJobs(context.payments),
    {
      name: 'remove files that were kept long enough',
      everyMs: 60_000,
      run: async () => {
        await removeExpired(context.delivery, context.config.retentionDays);
      },
    },
    ...starsChores(context),
    { name: 'forget done updates', everyMs: 3_600_000, run: () => forgetUpdates(context) },
    ...providerChores(context.generations, { alertBalanceDays: context.config.alertBalanceDays }),
  ];
}

/** What providers need to be well: probes, fallbacks, caps and balances. */
export function providerChores(
  deps: GenerationDeps,
  settings: { alertBalanceDays: number },
): readonly Chore[] {
  const { db } = deps;
  const balances = {
    alertDays: settings.alertBalanceDays,
    cheapestUsd: (providerId: string) => cheapestAt(db, providerId),
  };
  return [
    { name: 'settle probes', everyMs: 5_000, run: () => settleProbes(deps) },
    { name: 'watch unknown outcomes', everyMs: 5_000, run: () => watchUnknowns(deps) },
    { name: 'close quiet circuits', everyMs: 60_000, run: () => closeQuietCircuits(deps) },
    {
      name: 'move to fallbacks',
      everyMs: 2_000,
      run: async () => {
        await moveToFallbacks(deps);
      },
    },
    { name: 'watch caps', everyMs: 15_000, run: () => watchCaps(deps) },
    {
      name: 'watch balances',
      everyMs: 10_000,
      run: () => watchBalances(deps, deps.providers.all(), balances),
    },
    { name: 'forget old balances', everyMs: 3_600_000, run: () => forgetOldBalances(db) },
  ];
}
