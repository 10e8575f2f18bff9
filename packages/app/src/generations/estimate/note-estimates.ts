import { setTimeout as pause } from 'node:timers/promises';
import type { GenerationDeps } from '../deps.ts';
import { estimate, readPace } from './eta.ts';
import type { ShownRange } from './eta.ts';
import { placeOf } from './queue-place.ts';
import { findGenerations } from '../queries.ts';

/** Keeps the first range shown of each generation, behind its acceptance, so that it can be seen later whether ranges hold. */
export interface EstimateNotes {
  /** Never throws, never waits. In a flood, what is too much isn't noted: a sample says as much. */
  note(generationId: string): void;
  /** Notes what is left, and no more from then on. */
  stop(): Promise<void>;
}

const every_ms = 400;
const most_at_once = 200;

export function createEstimateNotes(deps: GenerationDeps): EstimateNotes {
  let waiting: string[] = [];
  let working: Promise<void> | null = null;
  const stopped = new AbortController();

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      await pause(every_ms, undefined, { signal: stopped.signal }).catch(() => undefined);
      const ids = waiting;
      waiting = [];
      try {
        await noteRanges(deps, ids);
      } catch (error) {
        // Only what is told of our own accuracy is poorer by these.
        deps.log.warn({ err: error, generations: ids.length }, 'estimates could not be noted');
      }
    }
    working = null;
  }

  return {
    note(generationId) {
      if (stopped.signal.aborted || waiting.length >= most_at_once) return;
      waiting.push(generationId);
      working ??= work();
    },
    async stop() {
      stopped.abort();
      await working;
    },
  };
}

/** @returns how many were noted: not those that have ended, or of which nobody can say */
export async function noteRanges(deps: GenerationDeps, ids: readonly string[]): Promise<number> {
  const shown: { id: string; range: ShownRange }[] = [];
  for (const row of await findGenerations(deps.db, ids)) {
    const pace = await readPace(deps, { model: row.model_id, provider: row.provider_id });
    const range = estimate(row, await placeOf(deps, row), pace);
    if (range !== null) shown.push({ id: row.id, range });
  }
  if (shown.length === 0) return 0;
  const { rowCount } = await deps.db.query({
    name: 'note_ranges',
    text: `update holdfast.generation g
              set eta_from = n.eta_from, eta_to = n.eta_to, eta_stretch = n.stretch
             from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::real[]) as n (id, eta_from, eta_to, stretch)
            where g.id = n.id and g.eta_from is null and g.due_at is not null`,
    values: [
      shown.map(({ id }) => id),
      shown.map(({ range }) => range.from),
      shown.map(({ range }) => range.to),
      shown.map(({ range }) => range.stretch),
    ],
  });
  return rowCount ?? 0;
}
