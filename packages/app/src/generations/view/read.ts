import type { Page } from '../../credits/views.ts';
import { InvalidInputError, NotFoundError } from '../../platform/errors.ts';
import type { GenerationDeps } from '../deps.ts';
import type { Kind } from '../catalogue/model.ts';
import { findGeneration, pageOfGenerations } from '../queries.ts';
import { viewOf } from './view.ts';
import type { GenerationView } from './views.ts';

const generation_id = /^gen_[0-9a-z]{26}$/;

/** @throws NotFoundError `generation`, also for another person's */
export async function getGeneration(
  deps: GenerationDeps,
  personId: string,
  generationId: string,
): Promise<GenerationView> {
  const row = generation_id.test(generationId) ? await findGeneration(deps.db, personId, generationId) : null;
  if (row === null) throw new NotFoundError('generation');
  return viewOf(deps, row);
}

/** Newest first. The cursor is the last id of the page before. @throws InvalidInputError `cursor_invalid` */
export async function listGenerations(
  deps: GenerationDeps,
  personId: string,
  page: {
    cursor?: string;
    limit: number;
    status?: 'active' | 'succeeded' | 'failed' | 'cancelled';
    kind?: Kind;
  },
): Promise<Page<GenerationView>> {
  if (page.cursor !== undefined && !generation_id.test(page.cursor)) {
    throw new InvalidInputError(
      'cursor_invalid',
      'This is not a position in this list: start again without a cursor.',
      { field: 'cursor' },
    );
  }
  const rows = await pageOfGenerations(deps.db, {
    personId,
    before: page.cursor ?? null,
    limit: page.limit + 1,
    status: page.status ?? null,
    kind: page.kind ?? null,
  });
  const shown = rows.slice(0, page.limit);
  const items = await Promise.all(shown.map((row) => viewOf(deps, row)));
  return { items, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
}
