import type { PaymentDeps } from './deps.ts';
import { handleDueEvents } from './handle-events.ts';
import { reconcileHourly } from './reconcile.ts';
import { sendDueMails } from './send-mails.ts';
import { runTopUps } from './top-up.ts';

/** What every worker sees to; each takes what is due so that nobody else does it too. Nothing is done where nothing is sold. */
export function paymentJobs(deps: PaymentDeps): readonly {
  readonly name: string;
  readonly everyMs: number;
  run(signal: AbortSignal): Promise<void>;
}[] {
  if (deps.stripe === null) return [];
  return [
    {
      name: 'handle events of Stripe',
      everyMs: 500,
      run: async (signal) => {
        await handleDueEvents(deps, signal);
      },
    },
    { name: 'send mails about payments', everyMs: 2_000, run: () => sendDueMails(deps) },
    { name: 'top up', everyMs: 5_000, run: () => runTopUps(deps) },
    { name: 'compare payments with credits', everyMs: 60_000, run: () => reconcileHourly(deps) },
  ];
}
