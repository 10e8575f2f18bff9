import { setTimeout as pause } from 'node:timers/promises';
import { NotFoundError } from '../../platform/errors.ts';
import type { Locale } from '../../platform/locale.ts';
import { inLocale } from '../deps.ts';
import type { GenerationDeps } from '../deps.ts';
import { findGenerations } from '../queries.ts';
import { getGeneration } from './read.ts';
import type { GenerationWithFiles } from '../rows.ts';
import { viewOf } from './view.ts';
import type { GenerationView } from './views.ts';

/** Follows generations for every open stream of this process by one query per tick, whichever machine works on them. */
export interface Watcher {
  /**
   * The present state at once, then each change; ends after the final one, or when `signal` is aborted. Who reads slowly misses states
   * between, never the last.
   * @throws NotFoundError `generation`
   */
  watch(
    personId: string,
    generationId: string,
    signal: AbortSignal,
    locale?: Locale,
  ): AsyncIterable<GenerationView>;
  /** Ends every stream. */
  stop(): Promise<void>;
}

interface Stream {
  readonly generationId: string;
  newest: GenerationWithFiles | null;
  ring: () => void;
}

const largest_batch = 500;

export function createWatcher(deps: GenerationDeps, options: { tickMs?: number } = {}): Watcher {
  const tickMs = options.tickMs ?? 400;
  const streams = new Set<Stream>();
  const stopped = new AbortController();
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    while (streams.size > 0 && !stopped.signal.aborted) {
      const ids = [...new Set([...streams].map((stream) => stream.generationId))];
      for (let start = 0; start < ids.length; start += largest_batch) {
        try {
          announce(await findGenerations(deps.db, ids.slice(start, start + largest_batch)));
        } catch (error) {
          deps.log.warn({ err: error }, 'streams of events could not be fed; trying again');
        }
      }
      await pause(tickMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    looking = null;
  }

  function announce(rows: readonly GenerationWithFiles[]): void {
    const found = new Map(rows.map((row) => [row.id, row]));
    for (const stream of streams) {
      stream.newest = found.get(stream.generationId) ?? null;
      stream.ring();
    }
  }

  async function* watch(
    personId: string,
    generationId: string,
    signal: AbortSignal,
    locale?: Locale,
  ): AsyncGenerator<GenerationView> {
    const said = locale === undefined ? deps : inLocale(deps, locale);
    let view = await getGeneration(said, personId, generationId);
    yield view;
    if (view.final) return;
    const ended = AbortSignal.any([signal, stopped.signal]);
    const stream: Stream = { generationId, newest: null, ring: () => undefined };
    const wakeUp = (): void => stream.ring();
    ended.addEventListener('abort', wakeUp);
    streams.add(stream);
    looking ??= look();
    let shown = fingerprintOf(view);
    try {
      while (!ended.aborted) {
        const rung = new Promise<void>((resolve) => (stream.ring = resolve));
        const row = stream.newest;
        stream.newest = null;
        if (row === null) {
          await rung;
          continue;
        }
        if (row.person_id !== personId) throw new NotFoundError('generation');
        view = await viewOf(said, row);
        const print = fingerprintOf(view);
        if (print === shown) continue;
        shown = print;
        yield view;
        if (view.final) return;
      }
    } finally {
      ended.removeEventListener('abort', wakeUp);
      streams.delete(stream);
    }
  }

  return {
    watch,
    async stop() {
      stopped.abort();
      await looking;
    },
  };
}

/** What a person would call a change: an estimate that shifts by itself, or a link signed anew, is none. */
function fingerprintOf(view: GenerationView): string {
  const { status, progress, queue_position, queue, can_cancel, timeline } = view;
  return JSON.stringify([status, progress, queue_position, queue?.reason, can_cancel, timeline.length]);
}
