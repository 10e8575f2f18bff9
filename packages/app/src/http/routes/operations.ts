import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { RequestError } from '../errors.ts';
import { isLocalRequest } from '../origins.ts';
import type { App, HttpServices } from '../services.ts';

/** For whoever runs this: is it alive, should it get requests, what does it count. Not part of the API. */
export function registerOperationRoutes(app: App, services: HttpServices): void {
  const schema = { hide: true };

  app.get('/healthz', { schema, handler: async () => ({ status: 'ok' }) });

  app.get('/readyz', {
    schema,
    handler: async () => {
      const reason = await services.readiness();
      if (reason === null) return { status: 'ready' };
      throw new RequestError('not_ready', reason);
    },
  });

  app.get('/metrics', {
    schema,
    handler: async (request, reply) => {
      if (!mayReadMetrics(request, services.settings)) {
        throw new RequestError('route_not_found', 'There is nothing at GET /metrics.');
      }
      return reply.type(services.metrics.contentType).send(await services.metrics.metrics());
    },
  });
}

function mayReadMetrics(
  request: FastifyRequest,
  { metricsToken: token, publicUrl }: HttpServices['settings'],
): boolean {
  if (token === null) return isLocalRequest(request, publicUrl);
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
