import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressHeader, authPath } from '../../accounts/sign-in-names.ts';
import { refuseForeignOrigin } from '../access.ts';
import { problemBody, RequestError } from '../errors.ts';
import type { RequestCounter } from '../request-counter.ts';
import type { App, HttpServices } from '../services.ts';

/** Tries for one mail address in a minute, wherever they come from. */
const attempts_per_minute = 10;
const guessed = new Set([
  '/sign-in/email',
  '/sign-up/email',
  '/request-password-reset',
  '/send-verification-email',
]);

/** Sign-in as the library that does it offers it, with its refusals written as problems. */
export async function registerAuthRoutes(
  app: App,
  services: HttpServices,
  counter: RequestCounter,
): Promise<void> {
  await app.register(async (scope) => {
    // The library reads the body itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.route({
      method: ['GET', 'POST'],
      url: `${authPath}/*`,
      schema: { hide: true },
      handler: async (request, reply) => {
        if (request.method === 'POST') refuseForeignOrigin(request, services.settings.publicUrl);
        limitGuesses(request, counter);
        const { handler } = await services.accounts.signIn();
        const answer = await handler(toWebRequest(request, services.settings.publicUrl));
        return send(request, reply, answer);
      },
    });
  });
}

function limitGuesses(request: FastifyRequest, counter: RequestCounter): void {
  const path = request.url.slice(authPath.length).split('?')[0] ?? '';
  if (request.method !== 'POST' || !guessed.has(path)) return;
  const email = emailIn(request.body);
  if (email === null) return;
  const bucket = `guess:${path}:${createHash('sha256').update(email).digest('base64url')}`;
  const { retryAfterSeconds } = counter.count(bucket, attempts_per_minute);
  if (retryAfterSeconds === null) return;
  throw new RequestError('rate_limited', 'Too many tries for this mail address. Wait a minute.', {
    limit: attempts_per_minute,
    retry_after_seconds: retryAfterSeconds,
  });
}

function emailIn(body: unknown): string | null {
  try {
    const { email } = JSON.parse(String(body)) as { email?: unknown };
    return typeof email === 'string' ? email.trim().toLowerCase() : null;
  } catch {
    return null;
  }
}

function toWebRequest(request: FastifyRequest, publicUrl: string): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  headers.set(addressHeader, request.ip);
  headers.delete('content-length');
  // Checked above. Programs send none, and the library would take them for a browser with something to hide.
  headers.set('origin', publicUrl);
  const body = request.method === 'POST' ? ((request.body as string | undefined) ?? '') : undefined;
  return new Request(`${publicUrl}${request.url}`, { method: request.method, headers, body });
}

async function send(request: FastifyRequest, reply: FastifyReply, answer: Response): Promise<FastifyReply> {
  for (const [name, value] of answer.headers) {
    if (name !== 'set-cookie' && name !== 'content-length') reply.header(name, value);
  }
  for (const cookie of answer.headers.getSetCookie()) reply.header('set-cookie', cookie);
  reply.header('cache-control', 'no-store').code(answer.status);
  const text = await answer.text();
  if (answer.status < 400) return reply.send(text);
  return reply
    .type('application/problem+json')
    .send(JSON.stringify(asProblem(answer.status, text, request.id)));
}

/** A superset of what the library says, so that its own client understands it too. */
function asProblem(status: number, text: string, requestId: string): Record<string, unknown> {
  let said: { code?: unknown; message?: unknown } = {};
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    said = {};
  }
  const message = typeof said.message === 'string' ? said.message : 'The request was refused.';
  const code = typeof said.code === 'string' ? said.code.toLowerCase() : (codes[status] ?? 'bad_request');
  return { ...problemBody({ status, code, detail: message }, requestId), message };
}

const codes: Readonly<Record<number, string>> = {
  401: 'unauthenticated',
  403: 'origin_forbidden',
  404: 'route_not_found',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  500: 'internal',
};
