import { z } from 'zod';
import { RequestError } from '../errors.ts';
import type { App, HttpServices } from '../services.ts';

/**
 * Where Telegram calls. It answers once the update is kept, so that what is not kept comes again; a wrong secret is answered as if there were
 * nothing here.
 */
export function registerTelegram(app: App, services: HttpServices): void {
  app.post('/webhooks/telegram', {
    config: { idempotency: 'own' },
    schema: { hide: true, body: z.object({ update_id: z.int().min(0) }).loose() },
    handler: async (request) => {
      const secret = request.headers['x-telegram-bot-api-secret-token'];
      const taken =
        services.telegram !== null &&
        (await services.telegram(typeof secret === 'string' ? secret : '', request.body));
      if (!taken) throw new RequestError('route_not_found', 'There is nothing at POST /webhooks/telegram.');
      return { ok: true };
    },
  });
}
