import multipart from '@fastify/multipart';
import { upload } from '@holdfast/client';
import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { saveUpload } from '../../delivery/uploads.ts';
import { caller } from '../access.ts';
import { createAnswerStore } from '../answer-store.ts';
import { RequestError } from '../errors.ts';
import { conflict, inProgress, readKey } from '../idempotency.ts';
import { plain } from '../plain.ts';
import type { App, HttpServices } from '../services.ts';
import { InvalidInputError } from '../../platform/errors.ts';

/** What multipart adds around a file. */
const envelope_bytes = 65_536;

/**
 * A photo. It is re-encoded before anything else looks at it; its name and declared type are not believed. A retry is known
 * by its key, and by the file itself: its hash is the intent.
 */
export async function registerUploadRoutes(app: App, services: HttpServices): Promise<void> {
  const { maxUploadBytes } = services.settings;
  const store = createAnswerStore(services.db, services.accounts.settings.secret);
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: { fileSize: maxUploadBytes + 1, files: 1, fields: 8, fieldSize: 1_000, parts: 9 },
  });

  app.post('/api/uploads', {
    config: { access: 'write', idempotency: 'own' },
    bodyLimit: maxUploadBytes + envelope_bytes,
    schema: {
      tags: ['Generations'],
      summary: 'Upload a photo',
      description: `multipart/form-data with one part \`file\`: a picture of at most ${maxUploadBytes} bytes.`,
      consumes: ['multipart/form-data'],
      response: { 201: upload },
    },
    handler: async (request, reply) => {
      refuseAnnouncedSize(request, maxUploadBytes);
      const person = caller(request).id;
      const key = readKey(request);
      const file = await receivedFile(request);
      const { content, fingerprint } = hashed(file.file);
      if (key === null) {
        const saved = await save();
        return reply.code(201).send(plain(saved));
      }
      // Until the file has been read, its fingerprint isn't known: it is compared at the end.
      const claim = await store.claim(person, key, pendingFingerprint);
      if (claim.kind !== 'claimed') {
        content.resume();
        if (claim.kind === 'in_progress') throw inProgress();
        const intent = await fingerprint;
        return await replay(intent);
      }
      try {
        const saved = await save();
        const answer = plain(saved);
        const body = JSON.stringify(answer);
        await store.keep(
          person,
          key,
          { status: 201, contentType: 'application/json', body },
          await fingerprint,
        );
        return await reply.code(201).send(answer);
      } catch (error) {
        await store.release(person, key);
        throw error;
      }

      async function save() {
        try {
          return await saveUpload(services.delivery, { personId: person, content, maxBytes: maxUploadBytes });
        } finally {
          // What is left of a refused file is read and forgotten, so that the answer can be read too.
          content.resume();
        }
      }

      async function replay(intent: Buffer) {
        const first = await store.claim(person, key ?? '', intent);
        if (first.kind === 'conflict') throw conflict(key ?? '');
        if (first.kind !== 'answered') throw inProgress();
        return reply
          .code(201)
          .header('idempotent-replayed', 'true')
          .send(upload.parse(JSON.parse(first.answer.body)));
      }
    },
  });
}

const pendingFingerprint = createHash('sha256').update('upload under way').digest();

async function receivedFile(request: FastifyRequest) {
  const file = await request.file();
  if (file && file.fieldname === 'file') return file;
  file?.file.resume();
  throw new RequestError('upload_missing', 'Send the picture as the part named "file".');
}

function refuseAnnouncedSize(request: FastifyRequest, maxBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes + envelope_bytes) throw tooLarge(maxBytes);
}

function tooLarge(maxBytes: number): InvalidInputError {
  return new InvalidInputError(
    'upload_too_large',
    `A picture is at most ${Math.floor(maxBytes / 1_048_576)} MB.`,
    {
      max_bytes: maxBytes,
    },
  );
}

/** The stream, and the hash of what went through it once it has ended. */
function hashed(source: NodeJS.ReadableStream): { content: Transform; fingerprint: Promise<Buffer> } {
  const hash = createHash('sha256');
  const content = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const fingerprint = new Promise<Buffer>((resolve) => {
    content.on('end', () => resolve(hash.digest()));
  });
  source.on('error', (error) => content.destroy(error));
  source.pipe(content);
  return { content, fingerprint };
}
