import type { CreditDeps } from '../credits/deps.ts';
import type { GenerationDeps } from '../generations/deps.ts';
import type { Database } from '../platform/database.ts';

export interface OperationsDeps {
  readonly db: Database;
  readonly credits: CreditDeps;
  readonly generations: GenerationDeps;
}
