import {
  adoptTask,
  askProvider,
  lastAttempt,
  readGeneration,
  releaseByHand,
  resubmitByHand,
} from '../generations/operate/operate.ts';
import type { GenerationRow } from '../generations/rows.ts';
import { pardon } from '../moderation/strikes.ts';
import { HoldfastError, NotFoundError } from '../platform/errors.ts';
import type { OperationsDeps } from './deps.ts';
import { inLog } from './operator-log.ts';
import type { ByHand, OperatorActionName } from './operator-log.ts';

/**
 * What an operator can do about one generation. Each is noted before and after, needs a reason, and does nothing the second time.
 * The doors check that it is an operator who asks.
 */

/** It can't be done as things stand; the sentence says why. `code` is `operator_refused`, `data.because` the reason for programs. */
export class OperatorRefusedError extends HoldfastError {
  constructor(because: string, message: string) {
    super('operator_refused', message, { because });
  }
}

export interface OperatorAnswer {
  readonly generation: string;
  readonly outcome: string;
  /** One sentence of what came of it. */
  readonly detail: string;
}

type Doing = (row: GenerationRow) => Promise<{ outcome: string; detail: string }>;

async function act(
  deps: OperationsDeps,
  by: ByHand,
  what: { action: OperatorActionName; generationId: string; asked?: object },
  doing: Doing,
): Promise<OperatorAnswer> {
  const row = /^gen_[0-9a-z]{26}$/.test(what.generationId)
    ? await readGeneration(deps.generations, what.generationId)
    : null;
  if (row === null) throw new NotFoundError('generation');
  const { action, asked } = what;
  const came = await inLog(
    deps.db,
    by,
    { action, subject: row.id, ...(asked === undefined ? {} : { asked }) },
    { standing: () => standing(deps, row.id), doing: () => doing(row), told: (told) => told },
  );
  deps.generations.log.info(
    { generation: row.id, operator: by.operator, action, outcome: came.outcome },
    'an operator acted',
  );
  return { generation: row.id, ...came };
}

/** How it stands, as the log keeps it. */
async function standing(deps: OperationsDeps, id: string): Promise<object> {
  const [row, attempt] = await Promise.all([
    readGeneration(deps.generations, id),
    lastAttempt(deps.generations, id),
  ]);
  return {
    state: row?.state,
    error_code: row?.error_code,
    held: row?.held,
    captured: row?.captured,
    released: row?.released,
    attempt:
      attempt === null ? null : { number: attempt.number, state: attempt.state, task_id: attempt.task_id },
  };
}

/** Asks its provider how it stands, now. @throws NotFoundError `generation` */
export function askNow(deps: OperationsDeps, by: ByHand, generationId: string): Promise<OperatorAnswer> {
  return act(deps, by, { action: 'ask', generationId }, async (row) => {
    const { said, detail } = await askProvider(deps.generations, row);
    return { outcome: said, detail: detail === '' ? words[said] : `${words[said]} ${detail}` };
  });
}

const words = {
  queued: 'It waits at its provider.',
  running: 'Its provider is making it.',
  succeeded: 'Its provider has made it: it is fetched now.',
  failed: 'Its provider says that it failed.',
  cancelled: 'Its provider says that it was cancelled.',
  gone: 'Its provider knows it no more.',
  no_answer: 'Its provider could not be asked.',
  no_task: '',
  not_reachable: '',
} as const;

/** @throws NotFoundError, OperatorRefusedError */
export function adopt(
  deps: OperationsDeps,
  by: ByHand,
  command: { generationId: string; taskId: string },
): Promise<OperatorAnswer> {
  const { generationId, taskId } = command;
  return act(deps, by, { action: 'adopt', generationId, asked: { task_id: taskId } }, async (row) => {
    const came = await adoptTask(deps.generations, row, taskId);
    switch (came) {
      case 'adopted':
        return { outcome: 'done', detail: 'Adopted: its result is fetched and charged as any other.' };
      case 'already':
        return { outcome: 'nothing_to_do', detail: 'It is this task already.' };
      case 'final':
        throw new OperatorRefusedError(
          'final',
          `It has already ${row.state}: nothing is held for it any more.`,
        );
      case 'no_attempt':
        throw new OperatorRefusedError('no_attempt', 'Nothing of it is under way at a provider.');
      case 'has_another':
        throw new OperatorRefusedError('has_another', 'Its task is known, and it is another one.');
      case 'of_another':
        throw new OperatorRefusedError('of_another', 'This task belongs to another generation.');
      default:
        throw new OperatorRefusedError(came.said, `${words[came.said]} ${came.detail}`.trim());
    }
  });
}

/** Ends it as failed, credits back. @throws NotFoundError, OperatorRefusedError */
export function release(deps: OperationsDeps, by: ByHand, generationId: string): Promise<OperatorAnswer> {
  return act(deps, by, { action: 'release', generationId }, async (row) => {
    const came = await releaseByHand(deps.generations, row.id, by.reason.trim());
    switch (came) {
      case 'released':
        return { outcome: 'done', detail: 'It has ended, and the credits are back.' };
      case 'already':
        return { outcome: 'nothing_to_do', detail: 'It had been released before.' };
      case 'final':
        throw new OperatorRefusedError('final', `It has already ${row.state}.`);
      case 'moving':
        throw new OperatorRefusedError('moving', 'It is moving just now: look again in a moment.');
      default:
        throw new Error(`unknown outcome ${String(came satisfies never)}`);
    }
  });
}

/**
 * A new paid attempt where nobody knows what became of the last one.
 * @param command.attempt the number of the attempt that is in doubt, as the operator sees it
 * @throws NotFoundError, OperatorRefusedError
 */
export function resubmit(
  deps: OperationsDeps,
  by: ByHand,
  command: { generationId: string; attempt: number },
): Promise<OperatorAnswer> {
  const { generationId, attempt } = command;
  return act(deps, by, { action: 'resubmit', generationId, asked: { attempt } }, async (row) => {
    if (await resubmitByHand(deps.generations, row.id, attempt, by.reason.trim())) {
      return {
        outcome: 'done',
        detail: 'A new attempt is made. What the one before may have cost is listed with the orphan costs.',
      };
    }
    throw new OperatorRefusedError(
      'not_in_doubt',
      `Attempt ${attempt} is not in doubt any more, or its deadline has passed: nothing was sent.`,
    );
  });
}

/** An orphan cost that has been looked into. @throws NotFoundError `orphan cost` */
export async function settleOrphan(
  deps: OperationsDeps,
  by: ByHand,
  attemptId: string,
): Promise<OperatorAnswer> {
  const { rows } = await deps.db.query<{ generation_id: string }>(
    'select generation_id from holdfast.orphan_cost where attempt_id = $1',
    [attemptId],
  );
  const orphan = rows[0];
  if (orphan === undefined) throw new NotFoundError('orphan cost');
  const resolved = async () => {
    const { rows: now } = await deps.db.query<{ resolved_at: Date | null }>(
      'select resolved_at from holdfast.orphan_cost where attempt_id = $1',
      [attemptId],
    );
    return now[0];
  };
  const done = await inLog(
    deps.db,
    by,
    { action: 'settle_orphan', subject: orphan.generation_id, asked: { attempt: attemptId } },
    {
      standing: resolved,
      async doing() {
        const { rowCount } = await deps.db.query(
          'update holdfast.orphan_cost set resolved_at = holdfast.clock() where attempt_id = $1 and resolved_at is null',
          [attemptId],
        );
        return rowCount === 1;
      },
      told: (first) => ({ outcome: first ? 'done' : 'nothing_to_do' }),
    },
  );
  return {
    generation: orphan.generation_id,
    outcome: done ? 'done' : 'nothing_to_do',
    detail: done ? 'Off the list.' : 'It was off the list before.',
  };
}

/** What the content rules refused somebody so far counts no more: a pause ends. */
export async function pardonPerson(deps: OperationsDeps, by: ByHand, personId: string): Promise<void> {
  await inLog(
    deps.db,
    by,
    { action: 'forgive', subject: personId },
    { standing: async () => null, doing: () => pardon(deps.db, personId) },
  );
}
