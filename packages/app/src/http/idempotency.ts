import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { idempotencyKey } from '@holdfast/client';
import { caller, isWrite } from './access.ts';
import { createAnswerStore } from './answer-store.ts';
import { RequestError } from './errors.ts';
import type { App, HttpServices } from './services.ts';

/**
 * A write that names an Idempotency-Key is done once: the first successful answer is kept and given to every retry. A refusal
 * changed nothing and is not kept, so a retry after it may succeed. Runs after validation, so that the body compared is the body meant.
 */
export function registerIdempotency(app: App, services: HttpServices): void {
  const store = createAnswerStore(services.db, services.accounts.settings.secret);
  app.decorateRequest('claimedKey', null);

  app.addHook('preHandler', async (request, reply) => {
    if (!request.identity || !isWrite(request) || request.routeOptions.config.idempotency === 'own') return;
    const key = readKey(request);
    if (key === null) return;
    const claim = await store.claim(caller(request).id, key, fingerprint(request));
    if (claim.kind === 'claimed') {
      request.claimedKey = key;
      return;
    }
    if (claim.kind === 'conflict') throw conflict(key);
    if (claim.kind === 'in_progress') throw inProgress();
    return reply
      .code(claim.answer.status)
      .header('idempotent-replayed', 'true')
      .type(claim.answer.contentType)
      .serializer((body: string) => body)
      .send(claim.answer.body);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    if (request.claimedKey === null) return payload;
    const key = request.claimedKey;
    request.claimedKey = null;
    const person = caller(request).id;
    const done =
      reply.statusCode < 300 && (typeof payload === 'string' || payload === null || payload === undefined);
    if (!done) {
      await store.release(person, key);
      return payload;
    }
    const contentType = String(reply.getHeader('content-type') ?? 'application/json');
    await store.keep(person, key, { status: reply.statusCode, contentType, body: payload ?? '' });
    return payload;
  });
}

/** The request's Idempotency-Key; null where it has none. */
export function readKey(request: FastifyRequest): string | null {
  const given = request.headers['idempotency-key'];
  if (given === undefined) return null;
  const parsed = idempotencyKey.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new RequestError(
    'idempotency_key_invalid',
    'An Idempotency-Key is 1 to 200 characters of printable ASCII without spaces.',
  );
}

export function requireKey(request: FastifyRequest): string {
  const key = readKey(request);
  if (key !== null) return key;
  throw new RequestError(
    'idempotency_key_required',
    'Send an Idempotency-Key: a new one for each thing you want, the same one when you try again.',
  );
}

export function conflict(key: string): RequestError {
  return new RequestError(
    'idempotency_conflict',
    'This Idempotency-Key was used with another request. Use a new key for a new request.',
    { idempotency_key: key },
  );
}

export function inProgress(): RequestError {
  return new RequestError(
    'idempotency_in_progress',
    'The first request with this Idempotency-Key is still under way. Try again in a moment.',
    { retry_after_seconds: 1 },
  );
}

/** Validated bodies name their fields in the contract's order, so equal requests are equal text. */
function fingerprint(request: FastifyRequest): Buffer {
  const intent = JSON.stringify([
    request.method,
    request.routeOptions.url,
    request.params,
    request.query,
    request.body ?? null,
  ]);
  return createHash('sha256').update(intent).digest();
}
