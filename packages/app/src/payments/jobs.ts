import type { PaymentDeps } from './deps.ts';
import { handleDueEvents } from './handle-events.ts';
import { reconcileHourly } from './reconcile.ts';
import { sendDueMails } from './send-mails.ts';
import { runTopUps } from './top-up.ts';
import { clearQuietAlerts, watchWebhooks } from './watch-webhooks.ts';

/** What every worker sees to; each takes what is due so that nobody else does it too. Where nothing is sold, mails about gifts are all there is. */
export function paymentJobs(deps: PaymentDeps): readonly {
  readonly name: string;
  readonly everyMs: number;
  run(signal: AbortSignal): Promise<void>;
}[] {
  const mails = { name: 'send mails about credits', everyMs: 2_000, run: () => sendDueMails(deps) };
  if (deps.stripe === null) return [mails];
  return [
    mails,
    {
      name: 'handle events of Stripe',
      everyMs: 500,
      run: async (signal) => {
        await handleDueEvents(deps, signal);
      },
    },
    { name: 'top up', everyMs: 5_000, run: () => runTopUps(deps) },
    { name: 'compare payments with credits', everyMs: 60_000, run: () => reconcileHourly(deps) },
    { name: 'watch for webhooks', everyMs: 60_000, run: () => watchWebhooks(deps) },
    { name: 'clear quiet alerts of payments', everyMs: 600_000, run: () => clearQuietAlerts(deps) },
  ];
}
