import staticFiles from '@fastify/static';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './errors.ts';
import type { App, HttpServices } from './services.ts';

/**
 * The web app: its files, and its first page for every address that only it knows. What begins with `/api/` or `/media/` is never
 * a page: there an unknown address is a problem in JSON.
 */
export async function registerWeb(app: App, services: HttpServices): Promise<void> {
  const directory = services.settings.webDirectory;
  const hasPages = directory !== null && existsSync(join(directory, 'index.html'));
  if (directory !== null && hasPages) {
    await app.register(staticFiles, {
      root: directory,
      wildcard: false,
      index: false,
      dotfiles: 'ignore',
      preCompressed: true,
      setHeaders: (reply, path) => {
        // Built files carry their content's hash in their names.
        const built = path.startsWith(join(directory, 'assets'));
        reply.header('cache-control', built ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    if (directory !== null && hasPages && isPage(request)) return sendPage(reply);
    const detail = `There is nothing at ${request.method} ${request.url.split('?')[0]}.`;
    return sendProblem(request, reply, { status: 404, code: 'route_not_found', detail });
  });
}

function sendPage(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
}

function isPage(request: FastifyRequest): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (/^\/(api|media)(\/|$|\?)/.test(request.url)) return false;
  // A file that isn't there is not a page either.
  const [path = ''] = request.url.split('?');
  return !/\.[a-z0-9]{1,8}$/i.test(path);
}
