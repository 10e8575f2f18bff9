import type { Page } from '../credits/views.ts';
import type { GenerationDeps } from './deps.ts';
import type { Kind } from './model.ts';
import type { GenerationView } from './views.ts';

/** @throws NotFoundError `generation`, also for another person's */
export declare function getGeneration(
  deps: GenerationDeps,
  personId: string,
  generationId: string,
): Promise<GenerationView>;

/** Newest first. @throws InvalidInputError `cursor_invalid` */
export declare function listGenerations(
  deps: GenerationDeps,
  personId: string,
  page: {
    cursor?: string;
    limit: number;
    status?: 'active' | 'succeeded' | 'failed' | 'cancelled';
    kind?: Kind;
  },
): Promise<Page<GenerationView>>;
