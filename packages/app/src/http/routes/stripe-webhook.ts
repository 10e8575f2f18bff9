import { receiveEvent } from '../../payments/receive-event.ts';
import type { App, HttpServices } from '../services.ts';

const most_bytes = 512 * 1024;

/** Where Stripe tells what happened. The body is taken as it came, since the signature is over its bytes; it is kept, and a worker acts on it. */
export function registerStripeWebhook(app: App, services: HttpServices): void {
  app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: most_bytes }, (_request, body, done) =>
      done(null, body),
    );
    scope.post('/webhooks/stripe', {
      bodyLimit: most_bytes,
      schema: { hide: true },
      handler: async (request) => {
        const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
        const signature = request.headers['stripe-signature'];
        const fresh = await receiveEvent(
          services.payments,
          body,
          Array.isArray(signature) ? signature[0] : signature,
        );
        return { received: true, known: !fresh };
      },
    });
  });
}
