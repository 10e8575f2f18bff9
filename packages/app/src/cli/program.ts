import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { describeSettings, readConfig } from '../platform/config.ts';
import { alertsList } from './alerts-list.ts';
import { apologyCommand } from './apology.ts';
import type { ApologyOptions } from './apology.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { creditsGrant } from './credits-grant.ts';
import { demo } from './demo/demo.ts';
import { generationsShow } from './generations-show.ts';
import { ledgerVerify } from './ledger-verify.ts';
import { modelsExport, modelsImport, modelsList, modelsOffer, modelsSetPrice } from './models.ts';
import { addOperatorCommands } from './operator.ts';
import { print, table } from './output.ts';
import type { CommandOutput } from './output.ts';
import { addPaymentCommands } from './payments.ts';
import { createProgress } from './progress.ts';
import { tellError, withContext, withDatabase } from './run.ts';
import { providersCap, providersLimit, providersList, providersPause, providersRetry } from './providers.ts';
import { serve } from './serve.ts';
import { tiersAssign, tiersList, tiersSet } from './tiers.ts';
import type { TierOptions } from './tiers.ts';
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

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** The same, or the word "setting": as the settings say. */
function wholeNumberOrSetting(least: number, most: number) {
  const number = wholeNumber(least, most);
  return (text: string): number | 'setting' => (text === 'setting' ? text : number(text));
}

interface LimitOptions {
  readonly running?: number | 'none';
  readonly submits?: ReturnType<typeof callLimit>;
  readonly questions?: ReturnType<typeof callLimit>;
  readonly alertBelow?: number | 'none';
}

/** Commander takes a null for an option that was left empty. */
function orNone<T>(parse: (text: string) => T) {
  return (text: string): T | 'none' => (text === 'none' ? 'none' : parse(text));
}

function nullForNone<T>(value: T | 'none'): T | null {
  return value === 'none' ? null : value;
}

function dollarsOrNone(text: string): number | 'none' {
  if (text === 'none') return 'none';
  if (/^[0-9]{1,7}(\.[0-9]{1,4})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give dollars, such as 25 or 7.50, or none.');
}

function callLimit(text: string): { count: number; seconds: number } | 'none' | 'default' {
  if (text === 'none' || text === 'default') return text;
  const [, count, seconds] = /^([1-9][0-9]{0,5})\/([1-9][0-9]{0,4})$/.exec(text) ?? [];
  if (count !== undefined && seconds !== undefined) return { count: Number(count), seconds: Number(seconds) };
  throw new InvalidArgumentError('Give calls and seconds, such as 20/10; none; or default.');
}

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

const tiers = group('tiers', 'What people of each tier may do at once.');

answer(tiers, 'list', 'Every tier with its limits and how many people are in it.').action(() =>
  withContext(async ({ context }) => show(await tiersList(context.db))),
);

answer(tiers, 'set <id>', 'Make a tier, or edit it. A limit of "setting" follows the settings.')
  .option('--name <name>', 'what people see')
  .option('--priority <n>', 'turns per round of a queue, 1 to 10', wholeNumber(1, 10))
  .option('--max-running <n>', 'generations of one person that run at once', wholeNumberOrSetting(1, 1000))
  .option('--max-unfinished <n>', 'that may be unfinished', wholeNumberOrSetting(1, 10_000))
  .option('--video-cooldown <s>', 'seconds between two videos', wholeNumberOrSetting(0, 86_400))
  .option('--image-cooldown <s>', 'seconds between two images', wholeNumberOrSetting(0, 86_400))
  .option('--debt-limit <credits>', 'how far postpaid may go into debt', wholeNumberOrSetting(0, 999_999_999))
  .action((id: string, options: TierOptions) =>
    withContext(async ({ context }) => show(await tiersSet(context.db, id, options))),
  );

answer(tiers, 'assign <who> <tier>', 'Put one person into a tier.').action((who: string, tier: string) =>
  withContext(async ({ operations }) => show(await tiersAssign(operations, who, tier))),
);

const generations = group('generations', 'About generations.');

answer(
  generations,
  'show <id>',
  'One generation with its receipt, its attempts and the provider’s own words.',
).action((id: string) => withContext(async ({ operations }) => show(await generationsShow(operations, id))));

addOperatorCommands(
  { answer, wholeNumber, run: (work) => withContext(async (command) => show(await work(command))) },
  { program, generations, user },
);

addPaymentCommands(group('payments', 'About payments.'), {
  answer,
  wholeNumber,
  run: (work) => withContext(async (command) => show(await work(command))),
});

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
    withContext(async ({ context }) => show(await alertsList(context.db, options))),
  );

const models = group('models', 'What can be made, and at which price.');

answer(models, 'list', 'Every model with its price here and what its provider takes.').action(() =>
  withContext(async ({ context }) => show(await modelsList(context))),
);

answer(models, 'set-price <model> <credits>', 'A new price for a second or a piece, from now on.')
  .option('--policy <policy>', 'reserve, prepaid or postpaid; as it is unless given')
  .action((model: string, credits: string, options: { policy?: string }) =>
    withContext(async ({ context }) =>
      show(await modelsSetPrice(context, model, wholeNumber(0, 999_999_999)(credits), options)),
    ),
  );

answer(models, 'offer <model>', 'Let people ask for it.').action((model: string) =>
  withContext(async ({ context }) => show(await modelsOffer(context, model, true))),
);

answer(models, 'withdraw <model>', 'Take it from the list; what was asked for before is still made.').action(
  (model: string) => withContext(async ({ context }) => show(await modelsOffer(context, model, false))),
);

answer(models, 'export [file]', 'The catalogue as a JSON file to edit.').action((file: string | undefined) =>
  withContext(async ({ context }) => show(await modelsExport(context, file))),
);

answer(
  models,
  'import <file>',
  'Bring the catalogue to what a file says; what it does not name stays as it is.',
)
  .option('--dry-run', 'only say what would change')
  .action((file: string, options: { dryRun?: boolean }) =>
    withContext(async ({ context }) =>
      show(await modelsImport(context, file, { dryRun: options.dryRun === true })),
    ),
  );

const providers = group('providers', 'Who makes what people ask for.');

answer(providers, 'list', 'Whether each can be asked, what it has left and has cost, and its limits.').action(
  () => withContext(async ({ context }) => show(await providersList(context))),
);

answer(providers, 'pause <provider>', 'The switch: new requests are refused, what is queued waits.')
  .requiredOption('--reason <why>', 'shown to people')
  .action((id: string, options: { reason: string }) =>
    withContext(async ({ context }) => show(await providersPause(context, id, options.reason))),
  );

answer(providers, 'resume <provider>', 'Switch it on again.').action((id: string) =>
  withContext(async ({ context }) => show(await providersPause(context, id, null))),
);

answer(
  providers,
  'cap <provider> <dollars>',
  'The most it may cost from midnight UTC to midnight UTC, or none.',
).action((id: string, usd: string) =>
  withContext(async ({ context }) => show(await providersCap(context, id, nullForNone(dollarsOrNone(usd))))),
);

answer(providers, 'limit <provider>', 'Tasks at once, calls in a time, and the balance to be told at.')
  .option('--running <n>', 'tasks at once over all workers, or none', orNone(wholeNumber(1, 1_000_000)))
  .option('--submits <n/seconds>', 'such as 20/10; none; or default', callLimit)
  .option('--questions <n/seconds>', 'such as 3000/60; none; or default', callLimit)
  .option('--alert-below <dollars>', 'an alert below this balance, or none', dollarsOrNone)
  .action((id: string, options: LimitOptions) => {
    const { running, submits, questions, alertBelow } = options;
    const limits = {
      running: nullForNone(running),
      alertBelow: nullForNone(alertBelow),
      submit: nullForNone(submits),
      status: nullForNone(questions),
    };
    return withContext(async ({ context }) => show(await providersLimit(context, id, limits)));
  });

answer(providers, 'retry <provider>', 'Ask it again now, after what held it back was mended.')
  .option('--model <name>', "one of its models, by the provider's own name")
  .action((id: string, options: { model?: string }) =>
    withContext(async ({ context }) => show(await providersRetry(context, id, options))),
  );

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
  'move <to>',
  'Copy every stored file to s3 or to file-system, and prove each by its checksum. Safe to kill and to run again; nothing is removed.',
).action((to: string) =>
  withContext(async (command) => {
    if (to !== 's3' && to !== 'file-system') throw new InvalidArgumentError('Give s3 or file-system.');
    show(await storageMove(command, to, createProgress(asJson)));
  }),
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
