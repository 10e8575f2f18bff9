import { listLocalMails } from '../../delivery/mail/local-mailbox.ts';
import { RequestError } from '../errors.ts';
import { escapeHtml, page } from '../html.ts';
import { isLocalRequest } from '../origins.ts';
import type { App, HttpServices } from '../services.ts';

/**
 * The mails that would have been sent, while no SMTP server is set. Whoever reads them can take over any account, so they are shown to
 * this machine alone.
 */
export function registerLocalMail(app: App, services: HttpServices): void {
  app.get('/local-mail', {
    schema: { hide: true },
    handler: async (request, reply) => {
      const { localMail, publicUrl } = services.settings;
      if (!localMail || !isLocalRequest(request, publicUrl)) {
        throw new RequestError('route_not_found', 'There is nothing at GET /local-mail.');
      }
      const mails = await listLocalMails(services.db);
      const letters = mails.map(
        (mail) => `<article><h2>${escapeHtml(mail.subject)}</h2>
<p class="small">To ${escapeHtml(mail.recipient)}, ${mail.written_at.toISOString()}</p>
<pre>${escapeHtml(mail.body)}</pre>
${mail.link === null ? '' : `<p><a class="button" href="${escapeHtml(mail.link)}">Open the link</a></p>`}</article>`,
      );
      const body = letters.length > 0 ? letters.join('\n') : '<p>No mail has been written yet.</p>';
      return reply
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(
          page(
            'Local mail',
            `<h1>Local mail</h1><p>No SMTP server is set, so mails stay here. Set SMTP_URL to send them.</p>${body}`,
          ),
        );
    },
  });
}
