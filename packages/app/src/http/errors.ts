import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { isConnectionLoss } from '../platform/database.ts';
import { HoldfastError, InvalidInputError, NotFoundError } from '../platform/errors.ts';
import { statusOf, titleOf } from './error-table.ts';
import { plain } from './plain.ts';
import type { App, HttpServices } from './services.ts';

/** Raised by the doors themselves. */
export class RequestError extends HoldfastError {}

/** Every error leaves as `application/problem+json` with a stable code; what only the operator may know goes to the log. */
export function registerErrors(app: App, services: HttpServices): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const problem = toProblem(error, services);
    if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, 'request failed');
    return sendProblem(request, reply, problem);
  });
}

export interface ProblemFacts {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: ProblemFacts,
): FastifyReply {
  const seconds = problem.data?.['retry_after_seconds'];
  if (typeof seconds === 'number') reply.header('retry-after', Math.ceil(seconds));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .header('x-request-id', request.id)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemBody(problem, request.id));
}

export function problemBody(problem: ProblemFacts, requestId: string): Record<string, unknown> {
  return {
    ...problem.data,
    type: `urn:holdfast:problem:${problem.code}`,
    title: titleOf(problem.code, problem.status),
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    request_id: requestId,
  };
}

/** The one place where an error becomes an answer. */
export function toProblem(
  error: FastifyError | Error,
  services: Pick<HttpServices, 'settings'>,
): ProblemFacts {
  if (error instanceof HoldfastError) return fromHoldfast(error, services.settings.pricingUrl);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.slice(0, 20).map((issue) => ({
      field: `${error.validationContext ?? 'body'}${issue.instancePath}`.replaceAll('/', '.'),
      message: issue.message ?? 'is not valid',
    }));
    const [first] = errors;
    return {
      status: 400,
      code: 'invalid_input',
      detail: first ? `${first.field}: ${first.message}` : 'The request is not valid.',
      data: { errors },
    };
  }
  if (isResponseSerializationError(error)) return internal;
  if (isConnectionLoss(error)) {
    return {
      status: 503,
      code: 'unavailable',
      detail: 'The database can not be reached just now. Nothing is lost: try again.',
      data: { retry_after_seconds: 2 },
    };
  }
  return fromFramework(error);
}

const internal: ProblemFacts = {
  status: 500,
  code: 'internal',
  detail: 'Something went wrong on our side. It was logged under the request id.',
};

function fromHoldfast(error: HoldfastError, pricingUrl: string): ProblemFacts {
  const status = statusOf(error.code) ?? statusOfClass(error);
  if (status === 500) return internal;
  const data: Record<string, unknown> = { ...error.data };
  if (error.code === 'insufficient_credits') {
    for (const name of ['total', 'held', 'in_flight', 'available', 'required', 'shortfall']) {
      const amount = data[name];
      if (typeof amount === 'string' || typeof amount === 'bigint') data[name] = plain(BigInt(amount));
    }
    data['pricing_url'] = pricingUrl;
  }
  return { status, code: error.code, detail: error.message, data };
}

function statusOfClass(error: HoldfastError): number {
  if (error instanceof InvalidInputError) return 400;
  if (error instanceof NotFoundError) return 404;
  return 500;
}

/** What the framework refuses before any route is asked, by its own stable codes. */
function fromFramework(error: Partial<FastifyError>): ProblemFacts {
  const code = error.code ?? '';
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || error.statusCode === 413) {
    return { status: 413, code: 'body_too_large', detail: 'The body is too large.' };
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return { status: 415, code: 'unsupported_media_type', detail: 'Send application/json.' };
  }
  if (code === 'FST_INVALID_MULTIPART_CONTENT_TYPE') {
    return { status: 415, code: 'unsupported_media_type', detail: 'Send multipart/form-data.' };
  }
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || code === 'FST_ERR_CTP_EMPTY_JSON_BODY') {
    return { status: 400, code: 'malformed_json', detail: 'The body is not JSON.' };
  }
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH') {
    return { status: 400, code: 'malformed_url', detail: 'The address is not valid.' };
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) {
    return { status, code: 'bad_request', detail: error.message ?? 'The request is not valid.' };
  }
  return internal;
}
