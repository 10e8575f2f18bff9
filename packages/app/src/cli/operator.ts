import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { setRole } from '../accounts/commands.ts';
import type { Role } from '../accounts/rules.ts';
import { etaAccuracy } from '../generations/estimate/eta.ts';
import { findPersonByHint } from '../operations/find-person.ts';
import {
  adopt,
  askNow,
  pardonPerson,
  release,
  resubmit,
  settleOrphan,
} from '../operations/operator-actions.ts';
import type { OperatorAnswer } from '../operations/operator-actions.ts';
import { inLog, listActions } from '../operations/operator-log.ts';
import type { ByHand } from '../operations/operator-log.ts';
import { listOrphans, listStuck, listUnknown } from '../operations/overview.ts';
import type { DoubtfulLine } from '../operations/overview.ts';
import type { OperationsDeps } from '../operations/deps.ts';
import { InvalidInputError } from '../platform/errors.ts';
import { table } from './output.ts';
import type { CommandOutput } from './output.ts';
import type { CommandContext } from './run.ts';

/** What the program gives its parts to make commands with. */
export interface CommandTools {
  readonly answer: (parent: Command, words: string, description: string) => Command;
  /** Opens everything, runs, prints. */
  readonly run: (work: (command: CommandContext) => Promise<CommandOutput>) => Promise<void>;
  readonly wholeNumber: (least: number, most: number) => (text: string) => number;
}

interface Reasoned {
  readonly reason: string;
}

/** The same as the operator's page: what is listed there, and what can be done about it, by the same functions. */
export function addOperatorCommands(
  tools: CommandTools,
  groups: { program: Command; generations: Command; user: Command },
): void {
  const { answer, run, wholeNumber } = tools;
  const { program, generations, user } = groups;
  const reasoned = (command: Command) => command.requiredOption('--reason <why>', 'kept for ever');
  const act = (work: (deps: OperationsDeps, by: ByHand) => Promise<OperatorAnswer>, { reason }: Reasoned) =>
    run(async ({ operations }) => told(await work(operations, { operator: whoIsHere(), reason })));

  answer(program, 'stuck', 'What has been under way for longer than 19 in 20, or is overdue.').action(() =>
    run(async ({ context }) => doubtful(await listStuck(context.db))),
  );
  answer(program, 'unknown', 'What was submitted, and nobody knows what became of it.').action(() =>
    run(async ({ context }) => doubtful(await listUnknown(context.db))),
  );
  answer(program, 'orphans', 'What providers may have taken for something nobody was charged for.').action(
    () => run(async ({ context }) => orphans(await listOrphans(context.db))),
  );
  reasoned(
    answer(program, 'settle-orphan <attempt>', 'Take an orphan cost off the list: it has been looked into.'),
  ).action((attempt: string, options: Reasoned) =>
    act((deps, by) => settleOrphan(deps, by, attempt), options),
  );
  answer(program, 'audit [subject]', 'What operators did, newest first: all, or to one generation or person.')
    .option('--last <n>', 'how many', wholeNumber(1, 1_000), 50)
    .action((subject: string | undefined, options: { last: number }) =>
      run(async ({ context }) => audit(await listActions(context.db, { subject, limit: options.last }))),
    );

  reasoned(answer(generations, 'ask <id>', 'Ask its provider how it stands, now.')).action(
    (id: string, options: Reasoned) => act((deps, by) => askNow(deps, by, id), options),
  );
  reasoned(
    answer(
      generations,
      'adopt <id> <task>',
      "Take a task of the provider's for its result, once it confirms it.",
    ),
  ).action((id: string, taskId: string, options: Reasoned) =>
    act((deps, by) => adopt(deps, by, { generationId: id, taskId }), options),
  );
  reasoned(answer(generations, 'release <id>', 'End it as failed: the credits go back.')).action(
    (id: string, options: Reasoned) => act((deps, by) => release(deps, by, id), options),
  );
  reasoned(
    answer(
      generations,
      'resubmit <id>',
      'Make a new paid attempt of what is in doubt: it may be paid for twice.',
    ),
  )
    .requiredOption('--attempt <n>', 'the one that is in doubt, as "unknown" lists it', wholeNumber(1, 1_000))
    .requiredOption('--confirm', 'yes, it may be paid for twice')
    .action((id: string, options: Reasoned & { attempt: number }) =>
      act((deps, by) => resubmit(deps, by, { generationId: id, attempt: options.attempt }), options),
    );
  answer(generations, 'estimates', 'How many of the first ranges shown of when it would be ready have held.')
    .option('--days <n>', 'of the last days; all unless given', wholeNumber(1, 3_650))
    .action((options: { days?: number }) =>
      run(async ({ context }) => {
        const { days } = options;
        const since = days === undefined ? null : new Date(Date.now() - days * 86_400_000);
        const accuracy = await etaAccuracy(context.db, since);
        return {
          json: accuracy,
          text:
            accuracy.percent === null
              ? 'No range was shown of anything that is ready by now.'
              : `${accuracy.held} of ${accuracy.shown} ranges held: ${accuracy.percent} %.`,
        };
      }),
    );

  reasoned(
    answer(user, 'pardon <who>', 'What the content rules refused them so far counts no more: a pause ends.'),
  ).action((who: string, { reason }: Reasoned) =>
    run(async ({ operations }) => forgive(operations, who, { operator: whoIsHere(), reason })),
  );
  reasoned(answer(user, 'role <who> <role>', 'Make somebody an operator, or a creator again.')).action(
    (who: string, role: string, { reason }: Reasoned) =>
      run(async (command) => changeRole(command, who, role, { operator: whoIsHere(), reason })),
  );
}

/** Who is logged in to this machine: the most that a command line can know. */
export function whoIsHere(): string {
  return `cli ${userInfo().username}`;
}

async function changeRole(
  { operations, context }: CommandContext,
  who: string,
  role: string,
  by: ByHand,
): Promise<CommandOutput> {
  if (role !== 'creator' && role !== 'operator') {
    throw new InvalidInputError('role_invalid', `A role is creator or operator: "${role}" is neither.`);
  }
  const person = await findPersonByHint(operations, who);
  await inLog(
    operations.db,
    by,
    { action: 'set_role', subject: person.id, asked: { role } },
    {
      standing: async () => ({ role: (await findPersonByHint(operations, person.id)).role }),
      doing: () => setRole(context.accounts, person.id, role satisfies Role),
    },
  );
  return {
    json: { person: person.id, role, before: person.role },
    text: `${person.email ?? person.id} is ${role === 'operator' ? 'an operator' : 'a creator'} now.`,
  };
}

async function forgive(deps: OperationsDeps, who: string, by: ByHand): Promise<CommandOutput> {
  const person = await findPersonByHint(deps, who);
  await pardonPerson(deps, by, person.id);
  return {
    json: { person: person.id, pardoned: true },
    text: `${person.email ?? person.id} may ask again.`,
  };
}

function told(answer: OperatorAnswer): CommandOutput {
  return { json: answer, text: `${answer.generation}: ${answer.outcome}. ${answer.detail}` };
}

function doubtful(lines: readonly DoubtfulLine[]): CommandOutput {
  return {
    json: { items: lines },
    text: table(
      [
        'generation',
        'status',
        'age s',
        'usual s',
        'overdue s',
        'model',
        'provider',
        'attempt',
        'task',
        'deadline',
        'error',
      ],
      lines.map((line) => [
        line.generation,
        line.status,
        Math.round(line.age_seconds),
        line.usual_seconds === null ? null : Math.round(line.usual_seconds),
        Math.round(line.overdue_seconds),
        line.model,
        line.provider,
        line.attempt,
        line.task,
        line.deadline_at,
        line.error?.slice(0, 80),
      ]),
    ),
  };
}

function orphans(lines: Awaited<ReturnType<typeof listOrphans>>): CommandOutput {
  return {
    json: { items: lines },
    text: table(
      ['attempt', 'generation', 'provider', 'task', 'usd', 'found', 'why'],
      lines.map((line) => [
        line.attempt,
        line.generation,
        line.provider,
        line.task,
        line.cost_usd,
        line.found_at,
        line.reason,
      ]),
    ),
  };
}

function audit(lines: Awaited<ReturnType<typeof listActions>>): CommandOutput {
  return {
    json: { items: lines },
    text: table(
      ['at', 'who', 'what', 'to', 'why', 'outcome'],
      lines.map((line) => [
        line.at,
        line.operator,
        line.action,
        line.subject,
        line.reason,
        line.outcome ?? 'broke off',
      ]),
    ),
  };
}
