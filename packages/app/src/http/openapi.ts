import swagger from '@fastify/swagger';
import {
  apiKey,
  balance,
  generation,
  hold,
  lot,
  me,
  model,
  movement,
  newApiKey,
  problem,
  publicSettings,
  quote,
  receipt,
  upload,
} from '@holdfast/client';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';
import type { App, HttpServices } from './services.ts';

const schemaRegistry = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries({
  ApiKey: apiKey,
  Balance: balance,
  Generation: generation,
  Hold: hold,
  Lot: lot,
  Me: me,
  Model: model,
  Movement: movement,
  NewApiKey: newApiKey,
  Problem: problem,
  Quote: quote,
  Receipt: receipt,
  Settings: publicSettings,
  Upload: upload,
})) {
  schemaRegistry.add(schema, { id });
}

const transform = createJsonSchemaTransform({ schemaRegistry });
const transformObject = createJsonSchemaTransformObject({ schemaRegistry });

const securityOf: Record<'public' | 'read' | 'write' | 'session', Record<string, string[]>[]> = {
  public: [],
  read: [{ key: [] }, { session: [] }],
  write: [{ key: [] }, { session: [] }],
  session: [{ session: [] }],
};

const idempotencyHeader = {
  type: 'string',
  minLength: 1,
  maxLength: 200,
  description:
    'Names this intent. A retry with the same key and body gets the first answer; with another body 409.',
};

/** Describes every route from the schemas that it is validated by. */
export async function registerOpenApi(app: App, services: HttpServices): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Holdfast',
        version: '0.1.0',
        description:
          'Videos and images for credits. You pay for exactly what was delivered: a quote is the most that can be charged, it is held when work starts, and what is not used is released. Amounts are whole credits; times are ISO 8601 in UTC; refusals are problem+json with a stable `code`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: services.settings.publicUrl }],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An API key.' },
          session: { type: 'apiKey', in: 'cookie', name: 'holdfast.session_token' },
        },
      },
      tags: [
        { name: 'Generations', description: 'Quotes, generations and their files' },
        { name: 'Credits', description: 'Balance, lots, holds and movements' },
        { name: 'Delivery', description: 'How results reach people: webhooks, Telegram, mails' },
        { name: 'Account', description: 'Who is signed in, and keys' },
        { name: 'Callbacks', description: 'Where external renderers call' },
        { name: 'Compatibility', description: 'Doors that existing front ends call' },
      ],
    },
    transform: (source) => {
      const transformed = transform(source);
      const { config, method } = source.route;
      const access = config?.access ?? 'public';
      const write = ![method].flat().every((name) => name === 'GET' || name === 'HEAD');
      const schema = {
        ...transformed.schema,
        security: securityOf[access],
      };
      if (!write || access === 'public' || transformed.schema.hide === true)
        return { schema, url: transformed.url };
      const headers = { type: 'object', properties: { 'Idempotency-Key': idempotencyHeader } };
      return { schema: { ...schema, headers }, url: transformed.url };
    },
    transformObject: (source) => withProblems(transformObject(source) as OpenAPIV3_1.Document) as never,
  });
  app.get('/api/openapi.json', {
    schema: { hide: true },
    handler: async (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  });
}

const uploadForm = {
  type: 'object',
  required: ['file'],
  properties: { file: { type: 'string', format: 'binary', description: 'A picture.' } },
};

/** Every operation may be refused, always in the same form. */
function withProblems(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const uploads = document.paths?.['/api/uploads']?.post;
  if (uploads)
    Object.assign(uploads, {
      requestBody: { required: true, content: { 'multipart/form-data': { schema: uploadForm } } },
    });
  for (const path of Object.values(document.paths ?? {})) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const operation = path?.[method];
      if (!operation) continue;
      operation.responses = {
        ...operation.responses,
        default: {
          description: 'Refused: `code` says why',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      };
    }
  }
  return document;
}
