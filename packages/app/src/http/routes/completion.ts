import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { completionAnswer, completionRequest } from '@holdfast/client';
import type { CompletionRequest } from '@holdfast/client';
import { receiveCompletion } from '../../generations/callbacks/completions.ts';
import { RequestError } from '../errors.ts';
import type { App, HttpServices } from '../services.ts';

const max_body_bytes = 65_536;

const succeeded = new Set(['succeeded', 'success', 'completed']);

/** Where external renderers call when a task has ended. The bytes of the body are kept as they came, since they may be what was signed. */
export function registerCompletionRoutes(app: App, services: HttpServices): void {
  const bytes = new WeakMap<FastifyRequest, Buffer>();
  app.post('/api/callbacks/completion', {
    schema: {
      tags: ['Callbacks'],
      summary: 'A task of an external renderer has ended',
      description:
        'Shown with the shared key (X-API-Key) and the task’s token (X-Callback-Token), or signed with the shared key over the body (X-Signature: sha256=…). The first word stands: the same again gets the same answer, another one 409.',
      querystring: z.strictObject({ token: z.string().max(100).optional() }),
      body: completionRequest,
      response: { 200: completionAnswer },
    },
    preParsing: async (request, _reply, payload) => {
      const body = await read(payload);
      bytes.set(request, body);
      return Object.assign(Readable.from([body]), { receivedEncodedLength: body.length });
    },
    handler: async (request) => {
      const token = prove(
        request,
        services.settings.callbackKey,
        bytes.get(request) ?? Buffer.alloc(0),
        request.query.token,
      );
      const { error: _error, ...stored } = await receiveCompletion(services.generations, {
        ...callOf(request.body),
        token,
      });
      return { received: true as const, ...stored };
    },
  });
}

function callOf(body: CompletionRequest): Omit<Parameters<typeof receiveCompletion>[1], 'token'> {
  const status = succeeded.has(body.status.toLowerCase()) ? 'succeeded' : 'failed';
  return {
    taskId: body.task_id,
    status,
    outputDurationSeconds: body.output_duration_seconds ?? null,
    outputUrl: body.output_url ?? null,
    error: body.error ?? null,
  };
}

/**
 * Whether the caller may say so: by a signature over the body, or by the shared key and a token.
 * @returns the token, which is still to be compared with the task's; null where the signature says all
 */
function prove(
  request: FastifyRequest,
  key: string | null,
  body: Buffer,
  queried: string | undefined,
): string | null {
  if (key === null) {
    throw new RequestError(
      'unauthenticated',
      'No external renderer is expected here: PROXY_API_KEY is not set.',
    );
  }
  const { headers } = request;
  const signature = headers['x-signature'];
  if (typeof signature === 'string') {
    const wanted = createHmac('sha256', key).update(body).digest('hex');
    if (isSame(signature.replace(/^sha256=/i, '').toLowerCase(), wanted)) return null;
    throw new RequestError(
      'callback_forged',
      'X-Signature is not the HMAC-SHA256 of this body by the shared key.',
    );
  }
  const shown = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer +/i, '');
  if (shown === undefined) {
    throw new RequestError(
      'unauthenticated',
      'Show the shared key (X-API-Key) and the task’s token (X-Callback-Token), or sign the body (X-Signature).',
    );
  }
  if (typeof shown !== 'string' || !isSame(shown, key)) {
    throw new RequestError('key_invalid', 'This is not the shared key.');
  }
  const token = headers['x-callback-token'] ?? queried;
  if (typeof token === 'string' && token !== '') return token;
  throw new RequestError(
    'unauthenticated',
    'The shared key alone is not enough: show the token that came with the task as X-Callback-Token too.',
  );
}

/** Compared by their hashes, which are of one length whatever was sent. */
function isSame(given: string, wanted: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}

async function read(payload: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of payload) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += part.length;
    if (length > max_body_bytes) {
      throw new RequestError('body_too_large', `A completion has at most ${max_body_bytes} bytes.`);
    }
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}
