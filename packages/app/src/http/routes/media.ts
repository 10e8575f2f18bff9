import { z } from 'zod';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { openLinkedFile } from '../../delivery/open-link.ts';
import type { OpenedFile } from '../../delivery/open-link.ts';
import { RequestError } from '../errors.ts';
import { kindErrors } from '../kind-errors.ts';
import { parseRange } from '../range.ts';
import type { App, HttpServices } from '../services.ts';

/**
 * Files by signed links: whoever has one may see the file until it expires. Whatever the file is, it can't run scripts here: the browser
 * is told its type, not to guess another, and to treat it as a page without any rights.
 */
export function registerMediaRoutes(app: App, services: HttpServices): void {
  app.get('/media/:variant/:id', {
    errorHandler: kindErrors(services),
    schema: {
      hide: true,
      params: z.object({ variant: z.string().max(20), id: z.string().max(80) }),
      querystring: z.object({
        expires: z.string().max(20).default(''),
        signature: z.string().max(200).default(''),
      }),
    },
    handler: async (request, reply) => {
      const link = services.delivery.links.verify({ ...request.params, ...request.query });
      if (!link.ok) throw refusals[link.reason];
      const file = await openLinkedFile(services.delivery, { variant: link.variant, id: request.params.id });
      return answer(request, reply, file, Number(request.query.expires));
    },
  });
}

const refusals = {
  link_invalid: new RequestError('link_invalid', 'This link was not made here, or it was changed.'),
  link_expired: new RequestError(
    'link_expired',
    'Links to files work for a day, so that they can not be passed on for ever. Open it in your library to get a new one.',
  ),
};

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  file: OpenedFile,
  expires: number,
): Promise<FastifyReply> {
  const seconds_left = Math.max(0, Math.floor(expires - Date.now() / 1_000));
  const etag = `"${file.sha256}"`;
  reply
    .header('content-security-policy', "sandbox; default-src 'none'; media-src 'self'; img-src 'self'")
    .header('cross-origin-resource-policy', 'cross-origin')
    .header('cache-control', `private, max-age=${seconds_left}, immutable`)
    .header('accept-ranges', 'bytes')
    .header('etag', etag)
    .header('content-disposition', disposition(file.fileName))
    .type(file.contentType);
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();

  const whole = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag;
  const range = whole ? null : parseRange(request.headers.range, file.bytes);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.bytes}`);
    throw new RequestError('range_not_satisfiable', `The file has ${file.bytes} bytes.`);
  }
  if (range) {
    reply
      .code(206)
      .header('content-range', `bytes ${range.start}-${range.end}/${file.bytes}`)
      .header('content-length', range.end - range.start + 1);
  } else {
    reply.header('content-length', file.bytes);
  }
  return reply.send(await file.open(range ?? undefined));
}

/** RFC 6266, with the name in ASCII for old readers and in UTF-8 for the others. */
function disposition(fileName: string | null): string {
  if (fileName === null) return 'inline';
  const ascii = fileName.replaceAll(/[^\x20-\x7e]|["\\]/g, '_');
  const encoded = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
