import { modelList, modelStatusList } from '@holdfast/client';
import { listModels } from '../../generations/catalogue/catalogue.ts';
import { listModelStatus } from '../../generations/catalogue/model-status.ts';
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

  app.get('/api/model-status', {
    schema: {
      tags: ['Generations'],
      summary: 'How each model does today',
      description:
        'Whether it works, how often it succeeds, how long it takes. For everybody; read anew every ten seconds.',
      response: { 200: modelStatusList },
    },
    handler: async () => ({ items: plain(await listModelStatus(services.generations)) }),
  });
}
