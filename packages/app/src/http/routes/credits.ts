import { balance, holdList, lotList, movementPage, pageQuery } from '@holdfast/client';
import { z } from 'zod';
import { listHolds, listLots, listMovements, readBalance } from '../../credits/queries.ts';
import { caller } from '../access.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';

const tags = ['Credits'];

export function registerCreditRoutes(app: App, services: HttpServices): void {
  const { credits } = services;

  app.get('/api/credits/balance', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'The balance and its parts',
      description: 'All from one reading: total = available + held.',
      response: { 200: balance },
    },
    handler: async (request) => plain(await readBalance(credits, caller(request).id)),
  });

  app.get('/api/credits/lots', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'Where credits come from and when they expire, in the order of spending',
      querystring: z.strictObject({ all: z.stringbool().default(false) }),
      response: { 200: lotList },
    },
    handler: async (request) => ({
      items: plain(await listLots(credits, caller(request).id, { all: request.query.all })),
    }),
  });

  app.get('/api/credits/holds', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'What is held, and for which generation',
      querystring: z.strictObject({
        state: z.enum(['open', 'all']).default('open'),
        limit: z.coerce.number().int().min(1).max(100).default(100),
      }),
      response: { 200: holdList },
    },
    handler: async (request) => ({
      items: plain(await listHolds(credits, caller(request).id, request.query)),
    }),
  });

  app.get('/api/credits/history', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'Every movement, newest first',
      querystring: pageQuery.strict(),
      response: { 200: movementPage },
    },
    handler: async (request) => plain(await listMovements(credits, caller(request).id, request.query)),
  });
}
