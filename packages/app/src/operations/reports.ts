import type { Person } from '../accounts/rules.ts';
import { listHolds, listLots, listMovements, readBalance } from '../credits/queries.ts';
import type { BalanceView, HoldView, LotView, MovementView } from '../credits/views.ts';
import { getGeneration, listGenerations } from '../generations/view/read.ts';
import type { GenerationView } from '../generations/view/views.ts';
import { HoldfastError } from '../platform/errors.ts';
import type { OperationsDeps } from './deps.ts';
import { generationOwner, listAttempts, readErrorDetail } from './queries.ts';
import type { AttemptLine } from './queries.ts';

/** Everything a supporter asks first about a person. */
export interface PersonReport {
  readonly person: Person;
  readonly balance: BalanceView;
  readonly lots: readonly LotView[];
  readonly holds: readonly HoldView[];
  readonly movements: readonly MovementView[];
  readonly generations: readonly GenerationView[];
}

/** @param limits.last how many movements and generations, newest first; 1 to 100 */
export async function reportPerson(
  deps: OperationsDeps,
  person: Person,
  limits: { last: number },
): Promise<PersonReport> {
  const [balance, lots, holds, movements, generations] = await Promise.all([
    readBalance(deps.credits, person.id),
    listLots(deps.credits, person.id),
    listHolds(deps.credits, person.id),
    listMovements(deps.credits, person.id, { limit: limits.last }),
    listGenerations(deps.generations, person.id, { limit: limits.last }),
  ]);
  return {
    person,
    balance,
    lots,
    holds,
    movements: movements.items,
    generations: generations.items,
  };
}

/** `generation_not_found`. */
export class GenerationNotFoundError extends HoldfastError {}

/** A generation with what people don't see: each attempt, and the provider's own words. */
export interface GenerationReport {
  readonly person: string;
  readonly generation: GenerationView;
  readonly error_detail: string | null;
  readonly attempts: readonly AttemptLine[];
}

/** @throws GenerationNotFoundError */
export async function reportGeneration(
  deps: OperationsDeps,
  generationId: string,
): Promise<GenerationReport> {
  const person = await generationOwner(deps.db, generationId);
  if (person === null) {
    throw new GenerationNotFoundError(
      'generation_not_found',
      `There is no generation "${generationId}". Its id (gen_…) stands on its page and in "user show".`,
    );
  }
  const [generation, attempts, detail] = await Promise.all([
    getGeneration(deps.generations, person, generationId),
    listAttempts(deps.db, generationId),
    readErrorDetail(deps.db, generationId),
  ]);
  return { person, generation, error_detail: detail, attempts };
}
