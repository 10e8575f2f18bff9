import { createWatcher } from '../../src/generations/view/watch.ts';
import type { GenerationView } from '../../src/generations/view/views.ts';
import type { Pipeline } from './pipeline.ts';

/** Follows a generation as a stream of events does, to a state that satisfies; fails with what it saw after so long. */
export async function until(
  pipeline: Pipeline,
  personId: string,
  id: string,
  wanted: (view: GenerationView) => boolean,
  timeoutMs = 30_000,
): Promise<GenerationView> {
  const watcher = createWatcher(pipeline.deps, { tickMs: 20 });
  let last: GenerationView | null = null;
  try {
    for await (const view of watcher.watch(personId, id, AbortSignal.timeout(timeoutMs))) {
      last = view;
      if (wanted(view)) return view;
    }
  } finally {
    await watcher.stop();
  }
  throw new Error(`${id} did not get there in ${timeoutMs} ms: ${last?.status}, ${last?.error?.message}`);
}

export function untilFinal(
  pipeline: Pipeline,
  personId: string,
  id: string,
  timeoutMs?: number,
): Promise<GenerationView> {
  return until(pipeline, personId, id, (view) => view.final, timeoutMs);
}
