import type { FastifyRequest } from 'fastify';
import { identify } from '../accounts/identify.ts';
import type { Identity } from '../accounts/identify.ts';
import { InsufficientScopeError, UnauthenticatedError } from '../accounts/errors.ts';
import type { Person } from '../accounts/rules.ts';
import { RequestError } from './errors.ts';
import { isTrustedOrigin } from './origins.ts';
import type { App, HttpServices } from './services.ts';

/** Finds out who asks, on every route whose `access` is not `public`; each route says what it asks for. */
export function registerAccess(app: App, services: HttpServices): void {
  app.decorateRequest('identity', null);
  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access ?? 'public';
    if (access === 'public') return;
    const identity = await identify(services.accounts, {
      cookie: request.headers.cookie,
      authorization: request.headers.authorization,
      apiKey: single(request.headers['x-api-key']),
    });
    if (!identity) throw new UnauthenticatedError('unauthenticated', 'Sign in, or send an API key.');
    if (isWrite(request) && identity.via === 'session')
      refuseForeignOrigin(request, services.settings.publicUrl);
    refuseWithoutScope(identity, access);
    request.identity = identity;
  });
}

export function isWrite(request: FastifyRequest): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
}

/** A cookie is sent by the browser whichever page asked: a write by cookie must come from a page of ours. */
export function refuseForeignOrigin(request: FastifyRequest, publicUrl: string): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreign =
    origin === undefined
      ? site !== undefined && site !== 'same-origin' && site !== 'none'
      : !isTrustedOrigin(origin, publicUrl);
  if (foreign) throw new RequestError('origin_forbidden', 'This request came from a page of another site.');
}

function refuseWithoutScope(identity: Identity, access: 'read' | 'write' | 'session'): void {
  if (access === 'session') {
    if (identity.via === 'session') return;
    throw new RequestError('session_required', 'An API key can not do this: sign in.');
  }
  if (identity.scopes.includes(access)) return;
  throw new InsufficientScopeError('insufficient_scope', `This API key has no "${access}" scope.`, {
    required: access,
    scopes: identity.scopes,
  });
}

/** The person that a route with an `access` was called by. */
export function caller(request: FastifyRequest): Person {
  if (!request.identity) throw new Error(`${request.routeOptions.url} forgot to say who may call it`);
  return request.identity.person;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
