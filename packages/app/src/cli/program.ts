import { Argument, Command, CommanderError } from 'commander';
import { describeSettings, readConfig } from '../platform/config.ts';
import { wholeNumber } from './arguments.ts';
import { alertsList } from './alerts-list.ts';
import { apologyCommand } from './apology.ts';
import type { ApologyOptions } from './apology.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { creditsGrant } from './credits-grant.ts';
import { demo } from './demo/demo.ts';
import { generationsShow } from './generations-show.ts';
import { ledgerVerify } from './ledger-verify.ts';
import { addModelCommands } from './model-commands.ts';
import { addOperatorCommands } from './operator.ts';
import type { CommandTools } from './operator.ts';
import { print, table } from './output.ts';
import type { CommandOutput } from './output.ts';
import { addPaymentCommands } from './payments.ts';
import { createProgress } from './progress.ts';
import { tellError, withContext, withDatabase } from './run.ts';
import { addProviderCommands } from './provider-commands.ts';
import { serve } from './serve.ts';
import { addTierCommands } from './tier-commands.ts';
import { addStarsCommands } from './stars.ts';
import { storageMove } from './storage-move.ts';
import { userShow } from './user-show.ts';

const asJson = process.argv.includes('--json');
const program = new Command('holdfast')
  .description('You pay for exactly what was delivered, and it can be proven.')
  .version('0.1.0')
  .showHelpAfterError()
  .exitOverride();

/** A command that answers; `--json` makes the answer one for programs. */
function answer(parent: Command, words: string, description: string): Command {
  return parent
    .command(words)
    .description(description)
    .option('--json', 'answer in JSON, for programs')
    .exitOverride();
}

function group(name: string, description: string): Command {
  return program.command(name).description(description).exitOverride();
}

function show(output: CommandOutput & { readonly violations?: number }): void {
  print(output, asJson);
  if (output.violations) process.exitCode = 1;
}

const tools: CommandTools = {
  answer,
  wholeNumber,
  run: (work) => withContext(async (command) => show(await work(command))),
};

program
  .command('start')
  .description('Serve the web app and the API, and work, until Ctrl-C.')
  .option('--no-worker', 'only serve; workers run elsewhere')
  .exitOverride()
  .action((options: { worker: boolean }) => serve({ server: true, worker: options.worker }));

program
  .command('worker')
  .description('Only work. Any number may run, on any number of machines.')
  .exitOverride()
  .action(() => serve({ server: false, worker: true }));

answer(
  program,
  'demo',
  'Show everything in a fresh directory: sign up, two videos, both receipts, the proof.',
)
  .option('--once', 'end when it is done, instead of staying open')
  .option('--bot', 'the Telegram bot instead, in a Telegram that lives on this machine')
  .action((options: { once?: boolean; bot?: boolean }) =>
    demo({ once: options.once === true, json: asJson, bot: options.bot === true }),
  );

answer(program, 'migrate', 'Bring the database to this version, as every start does.').action(() =>
  withDatabase(readConfig(process.env), {}, async ({ kind }) =>
    show({ json: { migrated: true, database: kind }, text: 'The database is at this version.' }),
  ),
);

answer(program, 'config', 'List every setting: what it is set to, and what it does.').action(() => {
  const lines = describeSettings(process.env);
  const rows = lines.map((line) => [line.variable, line.value ?? `(${line.fallback})`, line.about]);
  show({ json: lines, text: table(['variable', 'value, or (default)', 'what it does'], rows) });
});

const user = group('user', 'About one person.');

answer(
  user,
  'show <who>',
  'Balance with its parts, lots, holds, last movements, last generations and why each ended.',
)
  .addHelpText(
    'after',
    '\n<who>: a mail address, or the id of a person, a generation, a payment or a Telegram account.',
  )
  .option('--last <n>', 'how many movements and generations', wholeNumber(1, 100), 10)
  .action((who: string, options: { last: number }) =>
    withContext(async ({ operations }) => show(await userShow(operations, who, options))),
  );

answer(
  group('credits', 'About credits.'),
  'grant <who> <amount>',
  'Give credits, with a reason that is kept.',
)
  .requiredOption('--reason <why>', 'kept with the grant, and shown to the person')
  .option('--months <n>', 'life of the lot in calendar months', wholeNumber(1, 120))
  .option('--key <key>', 'makes it safe to repeat: the same key grants once')
  .action((who: string, amount: string, options: { reason: string; months?: number; key?: string }) =>
    withContext(async ({ operations }) => show(await creditsGrant(operations, who, amount, options))),
  );

addTierCommands(group('tiers', 'What people of each tier may do at once.'), tools);

const generations = group('generations', 'About generations.');

answer(
  generations,
  'show <id>',
  'One generation with its receipt, its attempts and the provider’s own words.',
).action((id: string) => withContext(async ({ operations }) => show(await generationsShow(operations, id))));

addOperatorCommands(tools, { program, generations, user });

addPaymentCommands(group('payments', 'About payments.'), tools);

addStarsCommands(group('stars', 'About payments in Telegram Stars.'), tools);

answer(
  group('ledger', 'About the ledger.'),
  'verify [account]',
  'Recompute the ledger, or one person’s account, from the first operation; exit code 1 where anything differs.',
).action((account: string | undefined) =>
  withContext(async ({ context }) =>
    show(await ledgerVerify(context.credits.ledger, { account, progress: createProgress(asJson) })),
  ),
);

answer(program, 'alerts', 'What an operator must know of, open ones first.')
  .option('--last <n>', 'how many', wholeNumber(1, 1000), 50)
  .action((options: { last: number }) =>
    withContext(async ({ config, context }) =>
      show(await alertsList(context.db, { ...options, publicUrl: config.publicUrl })),
    ),
  );

addModelCommands(group('models', 'What can be made, and at which price.'), tools);

addProviderCommands(group('providers', 'Who makes what people ask for.'), tools);

answer(program, 'apology', 'Credits and a mail for everyone whose generations failed within a time.')
  .requiredOption('--from <instant>', 'the first instant, such as 2026-11-20T10:00:00Z')
  .requiredOption('--to <instant>', 'the instant before which it was over')
  .requiredOption('--credits <n>', 'how many each gets', wholeNumber(1, 1_000_000))
  .requiredOption('--reason <why>', 'what went wrong, as people are told')
  .option('--model <id>', 'of this model alone')
  .option('--send <name>', 'do it, under a name that makes it safe to repeat; without it, a preview')
  .action((options: ApologyOptions) =>
    withContext(async (command) => show(await apologyCommand(command, options))),
  );

answer(
  group('storage', 'About stored files.'),
  'move',
  'Copy every stored file to s3 or to file-system, and prove each by its checksum. Safe to kill and to run again; nothing is removed.',
)
  .addArgument(new Argument('<to>').choices(['s3', 'file-system']))
  .action((to: 's3' | 'file-system') =>
    withContext(async (command) => show(await storageMove(command, to, createProgress(asJson)))),
  );

answer(program, 'backup <file>', 'Write everything into one file, while servers and workers go on.')
  .option('--files', 'also what is stored: uploads and results')
  .action(async (file: string, options: { files?: boolean }) =>
    show(await backupCommand(file, { files: options.files === true, progress: createProgress(asJson) })),
  );

answer(program, 'restore <file>', 'Bring a backup back into an empty database, and prove the ledger.').action(
  async (file: string) => show(await restoreCommand(file, { progress: createProgress(asJson) })),
);

/** Runs the command that the process was started with, and sets its exit code: 1 where it failed, 2 where it was asked wrongly. */
export async function runProgram(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has told its own errors already, and help is no error.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else process.exitCode = tellError(error, asJson);
  }
}
