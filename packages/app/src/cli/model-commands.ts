import type { Command } from 'commander';
import { dollars, wholeNumber } from './arguments.ts';
import { byHand, why } from './by-hand.ts';
import type { Why } from './by-hand.ts';
import type { CommandTools } from './operator.ts';
import {
  modelsCheckPrices,
  modelsExport,
  modelsImport,
  modelsList,
  modelsOffer,
  modelsSetCost,
  modelsSetPrice,
} from './models.ts';

/** `holdfast models ...`: what can be made, and at which price. */
export function addModelCommands(models: Command, { answer, run }: CommandTools): void {
  answer(models, 'list', 'Every model with its price here and what its provider takes.').action(() =>
    run(async ({ context }) => modelsList(context)),
  );

  answer(
    models,
    'check-prices',
    'What is noted of providers’ prices beside their own lists; nothing is changed.',
  ).action(() => run(async ({ context }) => modelsCheckPrices(context)));

  answer(models, 'set-price <model> <credits>', 'A new price for a second or a piece, from now on.')
    .option('--policy <policy>', 'reserve, prepaid or postpaid; as it is unless given')
    .option(...why)
    .action((model: string, credits: string, { reason, ...options }: { policy?: string } & Why) =>
      run(async ({ context }) =>
        modelsSetPrice(context, byHand(reason), model, wholeNumber(0, 999_999_999)(credits), options),
      ),
    );

  answer(models, 'set-cost <model> <dollars>', 'What its provider takes for a second or a piece.')
    .requiredOption('--source <where>', 'where that was read, such as an address')
    .option(...why)
    .action((model: string, usd: string, { reason, source }: { source: string } & Why) =>
      run(async ({ context }) =>
        modelsSetCost(context, byHand(reason), model, { usd: dollars(usd), source }),
      ),
    );

  answer(models, 'offer <model>', 'Let people ask for it.')
    .option(...why)
    .action((model: string, { reason }: Why) =>
      run(async ({ context }) => modelsOffer(context, byHand(reason), model, true)),
    );

  answer(models, 'withdraw <model>', 'Take it from the list; what was asked for before is still made.')
    .option(...why)
    .action((model: string, { reason }: Why) =>
      run(async ({ context }) => modelsOffer(context, byHand(reason), model, false)),
    );

  answer(models, 'export [file]', 'The catalogue as a JSON file to edit.').action(
    (file: string | undefined) => run(async ({ context }) => modelsExport(context, file)),
  );

  answer(
    models,
    'import <file>',
    'Bring the catalogue to what a file says; what it does not name stays as it is.',
  )
    .option('--dry-run', 'only say what would change')
    .option(...why)
    .action((file: string, { dryRun, reason }: { dryRun?: boolean } & Why) =>
      run(async ({ context }) => modelsImport(context, byHand(reason), file, { dryRun: dryRun === true })),
    );
}
