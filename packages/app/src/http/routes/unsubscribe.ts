import type { FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readPreferences, setPreference, unsubscribeLinks } from '../../delivery/mail/unsubscribe.ts';
import type { Topic } from '../../delivery/mail/unsubscribe.ts';
import { RequestError } from '../errors.ts';
import { escapeHtml, page } from '../html.ts';
import { kindErrors } from '../kind-errors.ts';
import type { App, HttpServices } from '../services.ts';

/** Whatever stands there: what was not made here is told kindly. */
const query = z.object({ token: z.string().max(10_000).catch('').default('') });

const about: Readonly<Record<Topic, string>> = {
  ready: 'about what is ready',
  failed: 'about what failed',
  news: 'with news and apologies',
};

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

  const errorHandler = kindErrors(services);
  const account = `<p class="small">Which mails you get is also chosen in <a href="${escapeHtml(services.settings.publicUrl)}/account">your account</a>.</p>`;
  const actionOf = (token: string) => escapeHtml(`/unsubscribe?token=${encodeURIComponent(token)}`);
  const asPage = (reply: FastifyReply, title: string, body: string) =>
    reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page(title, body));

  app.get('/unsubscribe', {
    errorHandler,
    schema: { hide: true, querystring: query },
    handler: async (request, reply) => {
      const { personId, topic } = read(request.query.token);
      const wanted = (await readPreferences(services.db, personId))[topic];
      const mails = `Mails ${about[topic]}`;
      return wanted
        ? asPage(
            reply,
            'Stop these mails',
            `<h1>Stop these mails?</h1><p>${mails} will not come any more. Others still do.</p><form method="post" action="${actionOf(request.query.token)}"><button class="button">Stop them</button></form>${account}`,
          )
        : asPage(
            reply,
            'Stopped',
            `<h1>They are stopped</h1><p>${mails} do not come any more.</p>${account}`,
          );
    },
  });

  // A form's own kind of body, which no other route takes; mail programs post either kind.
  await app.register(async (scope) => {
    const parser = { bodyLimit: 10_240, parseAs: 'string' as const };
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
      scope.removeContentTypeParser(type);
      scope.addContentTypeParser(type, parser, (_request, _body, done) => done(null, undefined));
    }
    scope.withTypeProvider<ZodTypeProvider>().post('/unsubscribe', {
      errorHandler,
      config: { idempotency: 'own' },
      schema: { hide: true, querystring: query },
      handler: async (request, reply) => {
        const { personId, topic } = read(request.query.token);
        await setPreference(services.db, { personId, channel: 'mail', topic, wanted: false });
        return asPage(
          reply,
          'Stopped',
          `<h1>Done</h1><p>Mails ${about[topic]} will not come any more.</p>${account}`,
        );
      },
    });
  });
}
