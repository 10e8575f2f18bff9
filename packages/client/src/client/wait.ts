import { generation as generationSchema, generationEventName } from '../contract/generations.ts';
import type { Generation } from '../contract/generations.ts';
import { ApiError, ServerError, WaitTimeoutError } from './errors.ts';
import { readServerSentEvents } from './server-sent-events.ts';
import { pause } from './transport.ts';
import type { Transport } from './transport.ts';

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Gives up waiting after this long, which changes nothing for the generation; for ever unless told. */
  readonly timeoutMs?: number;
  /** Each state as it becomes known: status, progress, queue position, expected end. */
  readonly onProgress?: (generation: Generation) => void;
  /** Between questions where events don't flow; 2,000 unless told. */
  readonly pollMs?: number;
}

/**
 * Waits until a generation is final, by the server's events; where those don't flow (a proxy that buffers, a server that restarts) by
 * asking again and again. Ends with the generation, whether it succeeded or not.
 */
export async function waitForGeneration(
  transport: Transport,
  id: string,
  get: (signal: AbortSignal | undefined) => Promise<Generation>,
  options: WaitOptions,
): Promise<Generation> {
  const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs);
  const signals = [options.signal, timeout].filter((signal) => signal !== undefined);
  const signal = signals.length > 0 ? AbortSignal.any(signals) : new AbortController().signal;
  try {
    for (;;) {
      const streamed = await follow(transport, id, signal, options);
      if (streamed) return streamed;
      const asked = await get(signal);
      options.onProgress?.(asked);
      if (asked.final) return asked;
      await pause(options.pollMs ?? 2_000, signal);
    }
  } catch (error) {
    if (timeout?.aborted && !options.signal?.aborted) {
      throw new WaitTimeoutError(`Generation ${id} was not final after ${options.timeoutMs} ms.`, {
        cause: error,
      });
    }
    throw error;
  }
}

/** Streams fall silent behind some proxies: longer than three heartbeats, and asking takes over. */
const silenceMs = 50_000;

async function follow(
  transport: Transport,
  id: string,
  signal: AbortSignal,
  options: WaitOptions,
): Promise<Generation | null> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  const either = AbortSignal.any([signal, silence.signal]);
  try {
    const path = `/api/generations/${encodeURIComponent(id)}/events`;
    const stream = await transport.stream({ method: 'GET', path, accept: 'text/event-stream' }, either);
    for await (const event of readServerSentEvents(alive(stream))) {
      if (event.event !== generationEventName) continue;
      const generation = generationSchema.parse(JSON.parse(event.data));
      options.onProgress?.(generation);
      if (generation.final) return generation;
    }
    return null;
  } catch (error) {
    // A refusal will be the same the second time; a broken stream is what asking is for.
    if (signal.aborted || (error instanceof ApiError && !(error instanceof ServerError))) throw error;
    return null;
  } finally {
    clearTimeout(timer);
  }

  function alive(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    return stream.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), silenceMs);
          controller.enqueue(chunk);
        },
      }),
    );
  }
}
