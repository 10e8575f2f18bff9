import { generation, generationPage, generationPageQuery, generationRequest } from '@holdfast/client';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { acceptGeneration, generateAgain } from '../../generations/accept/accept.ts';
import { cancelGeneration } from '../../generations/end/cancel.ts';
import { getGeneration, listGenerations } from '../../generations/view/read.ts';
import type { GenerationView } from '../../generations/view/views.ts';
import { caller } from '../access.ts';
import { requireKey } from '../idempotency.ts';
import { speaking } from '../locale.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';

const tags = ['Generations'];
export const generationParams = z.object({ id: z.string().min(1).max(80) });
const nothing = z.strictObject({}).nullish();

export function registerGenerationRoutes(app: App, services: HttpServices): void {
  const { generations } = services;

  app.post('/api/generations', {
    config: { access: 'write', idempotency: 'own' },
    schema: {
      tags,
      summary: 'Start a generation',
      description:
        'Holds the credits, writes the generation and answers at once. Needs an Idempotency-Key; a retry with it gets the first answer.',
      body: generationRequest,
      response: { 202: generation },
    },
    handler: async (request, reply) => {
      const command = { personId: caller(request).id, key: requireKey(request), request: request.body };
      return accepted(reply, await acceptGeneration(speaking(generations, request), command));
    },
  });

  app.get('/api/generations', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'The library, newest first',
      querystring: generationPageQuery.strict(),
      response: { 200: generationPage },
    },
    handler: async (request) =>
      plain(await listGenerations(speaking(generations, request), caller(request).id, request.query)),
  });

  app.get('/api/generations/:id', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'One generation with its receipt',
      params: generationParams,
      response: { 200: generation },
    },
    handler: async (request) =>
      plain(await getGeneration(speaking(generations, request), caller(request).id, request.params.id)),
  });

  app.post('/api/generations/:id/cancel', {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Cancel',
      description: 'Free before the work was given away; afterwards only where its provider can stop.',
      params: generationParams,
      body: nothing,
      response: { 200: generation },
    },
    handler: async (request) => {
      const command = { personId: caller(request).id, generationId: request.params.id };
      return plain(await cancelGeneration(speaking(generations, request), command));
    },
  });

  app.post('/api/generations/:id/again', {
    config: { access: 'write', idempotency: 'own' },
    schema: {
      tags,
      summary: 'The same inputs once more',
      description: 'At the price of today. Needs an Idempotency-Key.',
      params: generationParams,
      body: nothing,
      response: { 202: generation },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const command = { personId: caller(request).id, key: requireKey(request), generationId: id };
      return accepted(reply, await generateAgain(speaking(generations, request), command));
    },
  });
}

function accepted(
  reply: FastifyReply,
  answer: { generation: GenerationView; replayed: boolean },
): FastifyReply {
  reply.code(202).header('location', `/api/generations/${answer.generation.id}`);
  if (answer.replayed) reply.header('idempotent-replayed', 'true');
  return reply.send(plain(answer.generation));
}
