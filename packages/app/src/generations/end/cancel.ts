import { NotFoundError } from '../../platform/errors.ts';
import type { GenerationDeps } from '../deps.ts';
import { endGeneration } from './end.ts';
import { NotCancellableError } from '../errors.ts';
import { findGeneration } from '../queries.ts';
import { getGeneration } from '../view/read.ts';
import type { GenerationView } from '../view/views.ts';
import { cancellabilityOf } from '../view/view.ts';
import { wordsIn } from '../view/words.ts';

/** A worker may pick it up between our look and our write, and a look is quick: it is taken again a few times. */
const looks = 5;

/**
 * Cancels: while it is queued at once and for free; afterwards its provider is asked, where it can stop, and its answer decides. Cancelling what
 * is cancelled, or is being cancelled, returns it as it stands.
 * @throws NotFoundError `generation`, NotCancellableError
 */
export async function cancelGeneration(
  deps: GenerationDeps,
  command: { personId: string; generationId: string },
): Promise<GenerationView> {
  const { personId, generationId } = command;
  const { refusals: say } = wordsIn(deps.locale ?? 'en');
  for (let look = 0; look < looks; look += 1) {
    const row = await findGeneration(deps.db, personId, generationId);
    if (row === null) throw new NotFoundError('generation');
    if (row.state === 'cancelled' || (row.cancel_requested_at !== null && row.due_at !== null)) break;
    switch (cancellabilityOf(deps, row)) {
      case 'at_once': {
        const ending = {
          state: 'cancelled',
          code: 'cancelled',
          errorClass: 'CANCELLED',
          detail: 'cancelled by the person while it was queued',
          mayHaveCost: false,
        } as const;
        if (!(await endGeneration(deps, row, ending))) continue;
        break;
      }
      case 'at_provider':
        if (!(await requestCancel(deps, generationId))) continue;
        deps.wake.step(generationId, 0);
        break;
      case 'no':
        throw new NotCancellableError(
          'not_cancellable',
          row.due_at === null ? say.ended_already : say.too_late_to_cancel,
          { status: row.state },
        );
      default:
        throw new Error('unknown way of cancelling');
    }
    break;
  }
  return getGeneration(deps, personId, generationId);
}

/** Asks the worker that has it; a step under way sees it next time. */
async function requestCancel(deps: GenerationDeps, generationId: string): Promise<boolean> {
  const { rowCount } = await deps.db.query(
    `update holdfast.generation
        set cancel_requested_at = holdfast.clock(),
            due_at = case when claimed_until is null then holdfast.clock() else due_at end
      where id = $1 and state in ('submitting', 'running') and cancel_requested_at is null`,
    [generationId],
  );
  return rowCount === 1;
}
