import type { GenerationDeps } from '../deps.ts';
import type { AttemptRow, GenerationRow } from '../rows.ts';

/** Frees what an attempt that has ended left with its provider. Only tidiness: a failure is logged, and what stays does no harm. */
export async function discard(
  deps: GenerationDeps,
  row: Pick<GenerationRow, 'id' | 'provider_id'>,
  attempt: Pick<AttemptRow, 'token'>,
): Promise<void> {
  try {
    await deps.providers.get(row.provider_id).discard?.(attempt.token);
  } catch (error) {
    deps.log.warn({ err: error, generation: row.id }, 'what an attempt left behind could not be removed');
  }
}
