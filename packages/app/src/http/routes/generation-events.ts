import { generationEventName } from '@holdfast/client';
import type { ServerResponse } from 'node:http';
import { getGeneration } from '../../generations/view/read.ts';
import { caller } from '../access.ts';
import { RequestError } from '../errors.ts';
import { localeOf } from '../locale.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';
import { generationParams } from './generations.ts';

const heartbeat_ms = 15_000;
const most_streams = 5_000;
const most_streams_per_person = 25;

/**
 * A generation as it changes, until it is final. Each event is the whole of it, so a reconnect needs no memory: it starts with the
 * present state. All streams of a server are fed by one watcher.
 */
export function registerGenerationEvents(app: App, services: HttpServices): void {
  const streams = new Map<string, number>();
  let total = 0;

  function enter(person: string): void {
    const open = streams.get(person) ?? 0;
    if (open >= most_streams_per_person || total >= most_streams) {
      throw new RequestError('too_many_streams', 'Too many streams of events are open.', {
        retry_after_seconds: 5,
      });
    }
    streams.set(person, open + 1);
    total += 1;
  }

  function leave(person: string): void {
    total -= 1;
    const left = (streams.get(person) ?? 1) - 1;
    if (left > 0) streams.set(person, left);
    else streams.delete(person);
  }

  app.get('/api/generations/:id/events', {
    config: { access: 'read' },
    schema: {
      tags: ['Generations'],
      summary: 'Follow a generation',
      description: `Server-sent events named \`${generationEventName}\`, each the whole generation; the stream ends after the final one.`,
      params: generationParams,
      produces: ['text/event-stream'],
    },
    handler: async (request, reply) => {
      const person = caller(request).id;
      const { id } = request.params;
      enter(person);
      // Refused as an ordinary answer, while there still can be one.
      await getGeneration(services.generations, person, id).catch((error: unknown) => {
        leave(person);
        throw error;
      });

      const ended = new AbortController();
      reply.hijack();
      const response = reply.raw;
      response.on('close', () => ended.abort());
      response.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        // nginx holds answers back unless it is asked not to.
        'x-accel-buffering': 'no',
        connection: 'keep-alive',
      });
      response.write('retry: 2000\n\n');
      const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeat_ms);
      try {
        for await (const view of services.watcher.watch(person, id, ended.signal, localeOf(request))) {
          const drained = response.write(
            `event: ${generationEventName}\ndata: ${JSON.stringify(plain(view))}\n\n`,
          );
          if (!drained) await drain(response, ended.signal);
        }
      } catch (error) {
        if (!ended.signal.aborted) request.log.warn({ err: error }, 'a stream of events broke off');
      } finally {
        clearInterval(heartbeat);
        leave(person);
        response.end();
      }
    },
  });
}

/** Whoever reads slowly gets the newest state next, not a queue of old ones. */
function drain(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.on('drain', done);
    signal.addEventListener('abort', done);
  });
}
