import type { Command } from 'commander';
import { callLimit, dollars, nullForNone, orNone, wholeNumber } from './arguments.ts';
import { byHand, why } from './by-hand.ts';
import type { Why } from './by-hand.ts';
import type { CommandTools } from './operator.ts';
import { providersCap, providersLimit, providersList, providersPause, providersRetry } from './providers.ts';

interface LimitOptions {
  readonly running?: number | 'none';
  readonly submits?: ReturnType<typeof callLimit>;
  readonly questions?: ReturnType<typeof callLimit>;
  readonly alertBelow?: number | 'none';
}

/** `holdfast providers ...`: who makes what people ask for. */
export function addProviderCommands(providers: Command, { answer, run }: CommandTools): void {
  answer(
    providers,
    'list',
    'Whether each can be asked, what it has left and has cost, and its limits.',
  ).action(() => run(async ({ context }) => providersList(context)));

  answer(providers, 'pause <provider>', 'The switch: new requests are refused, what is queued waits.')
    .requiredOption('--reason <why>', 'shown to people, and kept in the log of what operators did')
    .action((id: string, { reason }: Required<Why>) =>
      run(async ({ context }) => providersPause(context, byHand(reason), id, reason)),
    );

  answer(providers, 'resume <provider>', 'Switch it on again.')
    .option(...why)
    .action((id: string, { reason }: Why) =>
      run(async ({ context }) => providersPause(context, byHand(reason), id, null)),
    );

  answer(
    providers,
    'cap <provider> <dollars>',
    'The most it may cost from midnight UTC to midnight UTC, or none.',
  )
    .option(...why)
    .action((id: string, usd: string, { reason }: Why) =>
      run(async ({ context }) =>
        providersCap(context, byHand(reason), id, nullForNone(orNone(dollars)(usd))),
      ),
    );

  answer(providers, 'limit <provider>', 'Tasks at once, calls in a time, and the balance to be told at.')
    .option('--running <n>', 'tasks at once over all workers, or none', orNone(wholeNumber(1, 1_000_000)))
    .option('--submits <n/seconds>', 'such as 20/10; none; or default', callLimit)
    .option('--questions <n/seconds>', 'such as 3000/60; none; or default', callLimit)
    .option('--alert-below <dollars>', 'an alert below this balance, or none', orNone(dollars))
    .option(...why)
    .action((id: string, options: LimitOptions & Why) => {
      const { running, submits, questions, alertBelow, reason } = options;
      const limits = {
        running: nullForNone(running),
        alertBelow: nullForNone(alertBelow),
        submit: nullForNone(submits),
        status: nullForNone(questions),
      };
      return run(async ({ context }) => providersLimit(context, byHand(reason), id, limits));
    });

  answer(providers, 'retry <provider>', 'Ask it again now, after what held it back was mended.')
    .option('--model <name>', "one of its models, by the provider's own name")
    .option(...why)
    .action((id: string, { reason, ...options }: { model?: string } & Why) =>
      run(async ({ context }) => providersRetry(context, byHand(reason), id, options)),
    );
}
