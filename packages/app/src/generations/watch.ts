import type { GenerationDeps } from './deps.ts';
import type { GenerationView } from './views.ts';

/** Follows generations for every open stream of this process by one query per tick, whichever machine works on them. */
export interface Watcher {
  /**
   * The present state at once, then each change; ends after the final one, or when `signal` is aborted.
   * @throws NotFoundError `generation`
   */
  watch(personId: string, generationId: string, signal: AbortSignal): AsyncIterable<GenerationView>;
  /** Ends every stream. */
  stop(): Promise<void>;
}

export declare function createWatcher(deps: GenerationDeps, options?: { tickMs?: number }): Watcher;
