import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { setPreference, unsubscribeLinks } from '../../delivery/mail/unsubscribe.ts';
import { RequestError } from '../errors.ts';
import { escapeHtml, page } from '../html.ts';
import type { App, HttpServices } from '../services.ts';

const query = z.object({ token: z.string().max(300).default('') });

/**
 * Stops one kind of mail without signing in. Opening the address only shows a button, since programs open addresses in mails; mail programs press
 * it by themselves with a POST (RFC 8058).
 */
export async function registerUnsubscribe(app: App, services: HttpServices): Promise<void> {
  const links = unsubscribeLinks({
    publicUrl: services.settings.publicUrl,
    secret: services.accounts.settings.secret,
  });
  const read = (token: string) => {
    const found = links.read(token);
    if (found === null)
      throw new RequestError('link_invalid', 'This link was not made here, or it was changed.');
    return found;
  };

  app.get('/unsubscribe', {
    schema: { hide: true, querystring: query },
    handler: async (request, reply) => {
      read(request.query.token);
      const action = `/unsubscribe?token=${encodeURIComponent(request.query.token)}`;
      return reply
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(
          page(
            'Stop these mails',
            `<h1>Stop these mails?</h1><form method="post" action="${escapeHtml(action)}"><button class="button">Stop them</button></form>`,
          ),
        );
    },
  });

  // A form's own kind of body, which no other route takes.
  await app.register(async (scope) => {
    const parser = { bodyLimit: 1_024, parseAs: 'string' as const };
    scope.addContentTypeParser('application/x-www-form-urlencoded', parser, (_request, _body, done) =>
      done(null, undefined),
    );
    scope.withTypeProvider<ZodTypeProvider>().post('/unsubscribe', {
      config: { idempotency: 'own' },
      schema: { hide: true, querystring: query },
      handler: async (request, reply) => {
        const { personId, topic } = read(request.query.token);
        await setPreference(services.db, { personId, channel: 'mail', topic, wanted: false });
        return reply
          .type('text/html; charset=utf-8')
          .send(page('Stopped', '<h1>Done</h1><p>These mails will not come any more.</p>'));
      },
    });
  });
}
