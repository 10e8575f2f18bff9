import {
  calculateCostAnswer,
  calculateCostRequest,
  generateAnswer,
  generateRequest,
  generateVideoRequest,
  jobStatus,
  taskAccepted,
  taskStatus,
} from '@holdfast/client';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acceptGeneration } from '../generations/accept/accept.ts';
import { listModels } from '../generations/catalogue/catalogue.ts';
import type { GenerationInput, Kind } from '../generations/catalogue/model.ts';
import { calculateCost } from '../generations/accept/quote.ts';
import { getGeneration } from '../generations/view/read.ts';
import type { GenerationView } from '../generations/view/views.ts';
import { InvalidInputError, NotFoundError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import { caller } from './access.ts';
import { readKey } from './idempotency.ts';
import { speaking } from './locale.ts';
import { plain } from './plain.ts';
import type { App, HttpServices } from './services.ts';

const tags = ['Compatibility'];

/** The doors that existing front ends call: thin routes over the same commands. An Idempotency-Key is honoured and not required. */
export function registerCompatibility(app: App, services: HttpServices): void {
  const { generations } = services;

  async function accept(
    request: FastifyRequest,
    model: string,
    input: GenerationInput,
  ): Promise<GenerationView> {
    const command = {
      personId: caller(request).id,
      key: readKey(request) ?? newId('key'),
      request: { model, input },
    };
    return (await acceptGeneration(speaking(generations, request), command)).generation;
  }

  app.post('/api/calculate-cost', {
    config: { access: 'read', idempotency: 'own' },
    schema: {
      tags,
      summary: 'What a request would cost',
      body: calculateCostRequest,
      response: { 200: calculateCostAnswer },
    },
    handler: async (request) => {
      const model = await chooseModel(services, request.body);
      // What it would cost doesn't depend on the words.
      const input = { prompt: '-', ...costInput(model, request.body.duration_seconds, request.body.count) };
      const cost = await calculateCost(generations, { personId: caller(request).id, model: model.id, input });
      return {
        total_credits: plain(cost.credits),
        credits_per_second: cost.unit === 'second' ? plain(cost.credits_per_unit) : null,
        duration_seconds: cost.unit === 'second' ? cost.units : null,
        credits_balance: plain(cost.balance.available),
        sufficient: cost.sufficient,
        shortfall: plain(cost.shortfall),
      };
    },
  });

  app.post('/api/generate', {
    config: { access: 'write', idempotency: 'own' },
    schema: { tags, summary: 'Start a generation', body: generateRequest, response: { 202: generateAnswer } },
    handler: async (request, reply) => {
      const { prompt, image, duration_seconds, count } = request.body;
      const model = await chooseModel(services, request.body);
      const made = await accept(request, model.id, {
        ...withPhoto(model, prompt, image),
        ...costInput(model, duration_seconds, count),
      });
      return reply
        .code(202)
        .send({ job_id: made.id, status: 'PENDING', credits: plain(made.receipt.quoted) });
    },
  });

  app.get('/api/status/:job_id', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'How a generation stands',
      params: z.object({ job_id: z.string().max(80) }),
      response: { 200: jobStatus },
    },
    handler: async (request) => {
      return asJob(
        await getGeneration(speaking(generations, request), caller(request).id, request.params.job_id),
      );
    },
  });

  for (const kind of ['video', 'image'] as const) {
    app.post(`/api/v1/generate-${kind}`, {
      config: { access: 'write', idempotency: 'own' },
      schema: {
        tags,
        summary: `Start ${kind === 'video' ? 'a video' : 'an image'}`,
        body: generateVideoRequest,
        response: { 202: taskAccepted },
      },
      handler: async (request, reply) => {
        const { prompt, image, duration } = request.body;
        const model = await chooseModel(services, { kind, model: request.body.model });
        const made = await accept(request, model.id, {
          ...withPhoto(model, prompt, image),
          ...costInput(model, duration),
        });
        return reply.code(202).send({ taskId: made.id, status: 'processing' });
      },
    });
  }

  app.get('/api/v1/video-status/:taskId', {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'How a generation stands',
      params: z.object({ taskId: z.string().max(80) }),
      response: { 200: taskStatus },
    },
    handler: async (request) => {
      return asTask(
        await getGeneration(speaking(generations, request), caller(request).id, request.params.taskId),
      );
    },
  });
}

interface ChosenModel {
  readonly id: string;
  readonly kind: Kind;
  readonly defaultSeconds: number | null;
  /** The first way of making something from a photo. */
  readonly photoTemplate: string | null;
}

/** By name, or by kind and tier: a model whose name ends with the tier, else the first of its kind. */
async function chooseModel(
  services: HttpServices,
  asked: { kind?: Kind; model?: string; tier?: string },
): Promise<ChosenModel> {
  const models = await listModels(services.generations);
  const kind = asked.kind ?? 'video';
  const ofKind = models.filter((model) => model.kind === kind);
  const found =
    asked.model === undefined
      ? (ofKind.find((model) => model.id.endsWith(`-${asked.tier ?? 'standard'}`)) ?? ofKind[0])
      : models.find((model) => model.id === asked.model);
  if (!found) throw new NotFoundError('model');
  if (asked.kind !== undefined && found.kind !== asked.kind) {
    throw new InvalidInputError('invalid_input', `${found.id} makes a ${found.kind}, not a ${asked.kind}.`, {
      field: 'model',
    });
  }
  const fromPhoto = found.templates.find(({ inputs }) => inputs.some((input) => input.type === 'image'));
  return {
    id: found.id,
    kind: found.kind,
    defaultSeconds: found.duration_seconds?.default ?? null,
    photoTemplate: fromPhoto?.id ?? null,
  };
}

function costInput(model: ChosenModel, seconds: number | undefined, count = 1): GenerationInput {
  return {
    ...(model.defaultSeconds === null ? {} : { duration_seconds: seconds ?? model.defaultSeconds }),
    ...(count === 1 ? {} : { count }),
  };
}

function withPhoto(model: ChosenModel, prompt: string, image: string | undefined): GenerationInput {
  if (image === undefined) return { prompt };
  return { prompt, image, ...(model.photoTemplate === null ? {} : { template: model.photoTemplate }) };
}

function asJob(found: GenerationView): z.output<typeof jobStatus> {
  return {
    job_id: found.id,
    status: jobWord(found),
    progress: done(found),
    video_url: found.outputs[0]?.url,
    error: failure(found),
    credits_charged: plain(found.receipt.charged),
    credits_returned: plain(found.receipt.released + found.receipt.refunded),
  };
}

function jobWord(found: GenerationView): z.output<typeof jobStatus>['status'] {
  if (found.final) return found.status === 'succeeded' ? 'SUCCESS' : 'FAILURE';
  return found.status === 'queued' ? 'PENDING' : 'PROCESSING';
}

function asTask(found: GenerationView): z.output<typeof taskStatus> {
  const ended = found.status === 'succeeded' ? 'completed' : 'failed';
  return {
    taskId: found.id,
    status: found.final ? ended : 'processing',
    progress: done(found),
    videoUrl: found.outputs[0]?.url,
    error: failure(found),
    creditsCharged: plain(found.receipt.charged),
  };
}

function done(found: GenerationView): number {
  return found.status === 'succeeded' ? 1 : (found.progress ?? 0);
}

function failure(found: GenerationView): string | undefined {
  if (!found.final || found.status === 'succeeded') return undefined;
  return found.error?.message ?? found.receipt.summary;
}
