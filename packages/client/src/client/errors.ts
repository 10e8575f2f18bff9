import type { Problem } from '../contract/common.ts';

/** Every error that this client throws on purpose. */
export class HoldfastClientError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No answer came: offline, refused, or the time-out passed. Whether the server acted is unknown; a retry with the same key is safe. */
export class ConnectionError extends HoldfastClientError {}

/** The wait was longer than the caller allowed. The generation goes on. */
export class WaitTimeoutError extends HoldfastClientError {}

/** The server answered with something that is not part of the contract: a proxy's page, or another version. */
export class UnexpectedAnswerError extends HoldfastClientError {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The server refused. `code` is stable and is what to branch on; `problem` holds its facts. */
export class ApiError extends HoldfastClientError {
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;
  /** Names the request in the server's log. */
  readonly requestId: string | undefined;

  constructor(problem: Problem) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
    this.requestId = problem.request_id;
  }
}

/** 401: not signed in, or the key or session is unknown, expired or revoked. */
export class UnauthenticatedError extends ApiError {}

/** 402 `insufficient_credits`. Nothing was held. Amounts are whole credits. */
export class InsufficientCreditsError extends ApiError {
  readonly total: number;
  readonly held: number;
  readonly available: number;
  readonly required: number;
  readonly shortfall: number;
  readonly pricingUrl: string;

  constructor(problem: Problem) {
    super(problem);
    this.total = Number(problem['total']);
    this.held = Number(problem['held']);
    this.available = Number(problem['available']);
    this.required = Number(problem['required']);
    this.shortfall = Number(problem['shortfall']);
    this.pricingUrl = String(problem['pricing_url']);
  }
}

/** 403: signed in, but not allowed to (a key without the scope, a request from another site). */
export class ForbiddenError extends ApiError {}

/** 404: no such thing, or somebody else's. */
export class NotFoundError extends ApiError {}

/** 409: the request clashes with what already is: a key used with another body, something that can't be cancelled any more. */
export class ConflictError extends ApiError {}

/** 429: too many requests or generations, or a cooldown. */
export class RateLimitedError extends ApiError {
  /** Seconds after which trying again makes sense; null where the server didn't say. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem) {
    super(problem);
    const seconds = problem['retry_after_seconds'];
    this.retryAfterSeconds = typeof seconds === 'number' ? seconds : null;
  }
}

/** 400, 413, 415, 422: the request itself is wrong. `problem.errors` names the fields. */
export class InvalidRequestError extends ApiError {}

/** 5xx: the server's fault. */
export class ServerError extends ApiError {}

/** Gives an error of the class that its code and status ask for. */
export function apiError(problem: Problem): ApiError {
  if (problem.code === 'insufficient_credits') return new InsufficientCreditsError(problem);
  if (problem.status >= 500) return new ServerError(problem);
  switch (problem.status) {
    case 401:
      return new UnauthenticatedError(problem);
    case 403:
      return new ForbiddenError(problem);
    case 404:
    case 410:
      return new NotFoundError(problem);
    case 409:
      return new ConflictError(problem);
    case 429:
      return new RateLimitedError(problem);
    default:
      return new InvalidRequestError(problem);
  }
}
