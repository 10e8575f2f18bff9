import { modelList } from '@holdfast/client';
import { listModels } from '../../generations/catalogue.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';

export function registerModelRoutes(app: App, services: HttpServices): void {
  app.get('/api/models', {
    schema: {
      tags: ['Generations'],
      summary: 'Models, their inputs and prices',
      response: { 200: modelList },
    },
    handler: async () => ({ items: plain(await listModels(services.generations)) }),
  });
}
