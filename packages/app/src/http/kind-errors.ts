import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { titleOf } from './error-table.ts';
import { sendProblem, toProblem } from './errors.ts';
import { escapeHtml, page } from './html.ts';
import type { HttpServices } from './services.ts';

/** For addresses that stand in mails and chats: what is wrong with one, as a page for whoever opens it, as a problem for programs. */
export function kindErrors(services: Pick<HttpServices, 'settings'>) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = toProblem(error, services);
    if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, 'request failed');
    if (!/\btext\/html\b/.test(request.headers.accept ?? '')) {
      void sendProblem(request, reply, problem);
      return;
    }
    const title = titleOf(problem.code, problem.status);
    const library = escapeHtml(`${services.settings.publicUrl}/library`);
    void reply
      .code(problem.status)
      .header('cache-control', 'no-store')
      .header('x-request-id', request.id)
      .type('text/html; charset=utf-8')
      .send(
        page(
          title,
          `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(problem.detail)}</p><nav><a class="button" href="${library}">Open your library</a></nav>`,
        ),
      );
  };
}
