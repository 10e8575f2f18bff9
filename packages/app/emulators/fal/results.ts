import { makesPictures, piecesOf } from '../shared/tasks.ts';
import type { EmulatedTask, Phase } from '../shared/tasks.ts';

export interface Result {
  readonly status: number;
  readonly body: unknown;
}

/** What each task is billed, in a model's units. */
export const billed_units = 5;

/** Errors of fal's own, told in another shape than a model's. */
const infrastructure =
  /^(request_timeout|startup_timeout|runner_\w+|internal_error|client_(cancelled|disconnected)|bad_request)$/;

/** A task's output, or its error with the HTTP status that it ended with. */
export function resultOf(task: EmulatedTask, phase: Phase, url: string): Result {
  if (phase === 'cancelled') return infra(499, 'client_cancelled', 'Request was cancelled');
  const picture = makesPictures(task.model);
  const file = (extension: string) => `${url}/files/${task.id}.${extension}`;
  const unsafe = typeof task.outcome === 'object' && task.outcome.code === 'nsfw';
  if (phase === 'succeeded' || unsafe) {
    const image = { url: file('png'), content_type: 'image/png', width: 120, height: 90 };
    const video = { url: file('mp4'), content_type: 'video/mp4', file_name: 'output.mp4', duration: 1 };
    const images = Array.from({ length: piecesOf(task, 'num_images') }, () => image);
    const concepts = images.map(() => unsafe);
    const body = picture ? { images, has_nsfw_concepts: concepts, seed: 1 } : { video, seed: 1 };
    return { status: 200, body };
  }
  switch (task.outcome) {
    case 'policy':
      return ofModel(422, 'content_policy_violation', 'The content could not be processed: it was flagged.');
    case 'photo':
      return ofModel(422, 'face_detection_error', 'Could not detect a face in the image.');
    case 'system':
    case 'succeed':
    case 'stuck':
      return infra(500, 'internal_error', 'Internal error');
    default: {
      const { code, message, status } = task.outcome;
      return infrastructure.test(code)
        ? infra(status ?? 500, code, message)
        : ofModel(status ?? 422, code, message, task.input);
    }
  }
}

export function errorHeaders(result: Result): Record<string, string> {
  const { error_type } = result.body as { error_type?: string };
  return error_type === undefined ? {} : { 'x-fal-error-type': error_type };
}

function infra(status: number, error_type: string, detail: string): Result {
  return { status, body: { detail, error_type } };
}

function ofModel(status: number, type: string, msg: string, input?: unknown): Result {
  const { image_url } = (input ?? {}) as { image_url?: unknown };
  return { status, body: { detail: [{ loc: ['body', 'prompt'], msg, type, input: image_url ?? null }] } };
}
