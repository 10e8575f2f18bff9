import {
  operatorAdopt,
  operatorAnswer,
  operatorOverview,
  operatorReason,
  operatorResubmit,
} from '@holdfast/client';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OperationsDeps } from '../../operations/deps.ts';
import { adopt, askNow, release, resubmit, settleOrphan } from '../../operations/operator-actions.ts';
import { readOverview } from '../../operations/overview.ts';
import type { ByHand } from '../../operations/operator-log.ts';
import { NotFoundError } from '../../platform/errors.ts';
import { caller } from '../access.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';
import { generationParams } from './generations.ts';

const tags = ['Operator'];
const params = generationParams;

/** What operators see and do. By session alone: an API key never moves anybody's credits by hand. */
export function registerOperatorRoutes(app: App, services: HttpServices): void {
  const operations: OperationsDeps = services;

  app.get('/api/operator/overview', {
    config: { access: 'session' },
    schema: { tags, summary: 'What needs an operator', response: { 200: operatorOverview } },
    handler: async (request) => {
      operatorOf(request);
      return plain(await readOverview(operations));
    },
  });

  app.post('/api/operator/generations/:id/ask', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Ask its provider how it stands, now',
      params,
      body: operatorReason,
      response: { 200: operatorAnswer },
    },
    handler: async (request) => askNow(operations, byHand(request), request.params.id),
  });

  app.post('/api/operator/generations/:id/adopt', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Take a task of the provider’s for its result',
      description: 'The provider is asked first. Nothing that has ended is changed.',
      params,
      body: operatorAdopt,
      response: { 200: operatorAnswer },
    },
    handler: async (request) =>
      adopt(operations, byHand(request), { generationId: request.params.id, taskId: request.body.task }),
  });

  app.post('/api/operator/generations/:id/release', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'End it as failed, credits back',
      params,
      body: operatorReason,
      response: { 200: operatorAnswer },
    },
    handler: async (request) => release(operations, byHand(request), request.params.id),
  });

  app.post('/api/operator/generations/:id/resubmit', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Make a new paid attempt',
      description: 'Only where nobody knows what became of the last one; it may be paid for twice.',
      params,
      body: operatorResubmit,
      response: { 200: operatorAnswer },
    },
    handler: async (request) =>
      resubmit(operations, byHand(request), {
        generationId: request.params.id,
        attempt: request.body.attempt,
      }),
  });

  app.post('/api/operator/orphans/:id/settle', {
    config: { access: 'session' },
    schema: {
      tags,
      summary: 'Take an orphan cost off the list',
      params: z.object({ id: z.string().min(1).max(80) }),
      body: operatorReason,
      response: { 200: operatorAnswer },
    },
    handler: async (request) => settleOrphan(operations, byHand(request), request.params.id),
  });
}

/** To whoever is no operator, nothing of this is there. @throws NotFoundError */
function operatorOf(request: FastifyRequest): string {
  const { id, role } = caller(request);
  if (role !== 'operator') throw new NotFoundError('page');
  return id;
}

function byHand(request: FastifyRequest<{ Body: { reason: string } }>): ByHand {
  return { operator: operatorOf(request), reason: request.body.reason };
}
