import { quote, quoteRequest } from '@holdfast/client';
import { createQuote } from '../../generations/accept/quote.ts';
import { caller } from '../access.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';

export function registerQuoteRoutes(app: App, services: HttpServices): void {
  app.post('/api/quotes', {
    config: { access: 'write' },
    schema: {
      tags: ['Generations'],
      summary: 'Pin a price',
      description: 'The most that exactly these inputs can cost, until the quote expires. Holds nothing.',
      body: quoteRequest,
      response: { 201: quote },
    },
    handler: async (request, reply) => {
      const { model, input } = request.body;
      const made = await createQuote(services.generations, { personId: caller(request).id, model, input });
      return reply.code(201).send(plain(made));
    },
  });
}
