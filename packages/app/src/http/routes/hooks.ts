import { z } from 'zod';
import type { FastifyRequest } from 'fastify';
import { receiveCallback } from '../../generations/callbacks/callbacks.ts';
import type { CallbackOutcome } from '../../generations/callbacks/callbacks.ts';
import { NotFoundError } from '../../platform/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import { RequestError } from '../errors.ts';
import type { App, HttpServices } from '../services.ts';

/** A provider's longest words: a prompt twice, and the addresses of its results. */
const max_body_bytes = 1_048_576;

/**
 * Where paid providers call when a task has ended. Whatever its type, the body is taken as it came, byte for byte, since that is what was
 * signed. The answer never waits for anything that is done with it.
 */
export async function registerHookRoutes(app: App, services: HttpServices): Promise<void> {
  await app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: max_body_bytes },
      (_request, body, done) => done(null, body),
    );
    scope.post('/hooks/:provider/:token', {
      bodyLimit: max_body_bytes,
      schema: {
        hide: true,
        params: z.object({ provider: z.string().max(40), token: z.string().max(100) }),
      },
      handler: async (request) => {
        const outcome = await receiveCallback(services.generations, {
          providerId: request.params.provider,
          token: request.params.token,
          headers: headersOf(request),
          rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          now: systemClock.now(),
        });
        const refused = refusalOf(outcome);
        if (refused !== null) throw refused;
        return { received: true };
      },
    });
  });
}

function refusalOf(outcome: CallbackOutcome): Error | null {
  switch (outcome) {
    case 'kept':
    case 'duplicate':
      return null;
    case 'unknown':
      return new NotFoundError('callback');
    case 'forged':
      return new RequestError('callback_forged', 'This call is not signed by whom it should be.');
    case 'not_now':
      return new RequestError('unavailable', 'Whether this call is genuine can not be found out just now.', {
        retry_after_seconds: 10,
      });
    default:
      throw new Error(`unknown outcome ${String(outcome satisfies never)}`);
  }
}

function headersOf(request: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
