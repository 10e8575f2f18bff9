import type { z } from 'zod';
import { problem as problemSchema } from '../contract/common.ts';
import { ApiError, apiError, ConnectionError, RateLimitedError, UnexpectedAnswerError } from './errors.ts';

export interface ClientOptions {
  /** Where Holdfast is, for instance `https://credits.example.com`. In a browser it may be left out: this page's own origin. */
  readonly baseUrl?: string;
  /** An API key. Left out in a browser, where the session's cookie speaks for the person. */
  readonly apiKey?: string;
  /** For one answer; 30,000 unless told. A stream of events has no such limit. */
  readonly timeoutMs?: number;
  /** How often a request is sent again after silence, 429 or 5xx; 3 unless told, 0 for never. */
  readonly retries?: number;
  readonly fetch?: typeof globalThis.fetch;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /**
   * Names this intent: the server does it once, however often it is asked with the same key. Made anew for each call unless given, and
   * kept over this client's own retries. Give one where a retry may come from a later call, or after a restart.
   */
  readonly idempotencyKey?: string;
}

export interface RequestSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly json?: unknown;
  readonly form?: () => FormData;
  readonly accept?: string;
}

const longestPauseMs = 20_000;

/** Sends requests, keeping one idempotency key over all tries of one call, and turns refusals into errors. */
export class Transport {
  readonly #options: ClientOptions;
  readonly #fetch: typeof globalThis.fetch;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  async call<T extends z.ZodType>(
    spec: RequestSpec,
    answer: T,
    options: CallOptions = {},
  ): Promise<z.output<T>> {
    const headers = this.#headers(spec, options);
    const retries = this.#options.retries ?? 3;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const response = await this.#once(spec, headers, options.signal, this.#options.timeoutMs ?? 30_000);
        return await read(response, answer);
      } catch (error) {
        if (attempt >= retries || !worthRetrying(error) || options.signal?.aborted) throw error;
        await pause(pauseMs(error, attempt), options.signal);
      }
    }
  }

  /** One request whose body is read by the caller as it comes. Not retried. */
  async stream(spec: RequestSpec, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#once(spec, this.#headers(spec, {}), signal, null);
    if (!response.ok) throw await refusal(response);
    if (!response.body) throw new UnexpectedAnswerError(response.status, 'The server opened no stream.');
    return response.body;
  }

  #headers(spec: RequestSpec, options: CallOptions): Headers {
    const headers = new Headers(this.#options.headers);
    headers.set('accept', spec.accept ?? 'application/json, application/problem+json');
    if (this.#options.apiKey) headers.set('authorization', `Bearer ${this.#options.apiKey}`);
    if (spec.json !== undefined) headers.set('content-type', 'application/json');
    if (spec.method !== 'GET') headers.set('idempotency-key', options.idempotencyKey ?? newIdempotencyKey());
    return headers;
  }

  async #once(
    spec: RequestSpec,
    headers: Headers,
    signal: AbortSignal | undefined,
    timeoutMs: number | null,
  ): Promise<Response> {
    const signals = [signal, timeoutMs === null ? undefined : AbortSignal.timeout(timeoutMs)].filter(
      (each) => each !== undefined,
    );
    try {
      return await this.#fetch(this.#url(spec), {
        method: spec.method,
        headers,
        body: spec.form ? spec.form() : spec.json === undefined ? undefined : JSON.stringify(spec.json),
        credentials: this.#options.apiKey ? 'omit' : 'same-origin',
        signal: signals.length > 0 ? AbortSignal.any(signals) : undefined,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ConnectionError(`No answer from ${spec.method} ${spec.path}.`, { cause: error });
    }
  }

  #url(spec: RequestSpec): string {
    const base = (this.#options.baseUrl ?? '').replace(/\/+$/, '');
    const set = Object.entries(spec.query ?? {}).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    return `${base}${spec.path}${set.length > 0 ? `?${new URLSearchParams(set)}` : ''}`;
  }
}

/** 128 random bits. Also on a page without https, where `randomUUID` is not to be had. */
export function newIdempotencyKey(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function read<T extends z.ZodType>(response: Response, answer: T): Promise<z.output<T>> {
  if (!response.ok) throw await refusal(response);
  let body: unknown;
  try {
    body = await response.json();
  } catch (error) {
    throw new ConnectionError('The answer broke off.', { cause: error });
  }
  const parsed = answer.safeParse(body);
  if (!parsed.success) {
    throw new UnexpectedAnswerError(response.status, 'The answer does not fit the contract.', {
      cause: parsed.error,
    });
  }
  return parsed.data;
}

async function refusal(response: Response): Promise<Error> {
  const body: unknown = await response.json().catch(() => null);
  const parsed = problemSchema.safeParse(body);
  if (parsed.success) return apiError(parsed.data);
  return new UnexpectedAnswerError(
    response.status,
    `The server answered ${response.status} without saying why.`,
  );
}

function worthRetrying(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (error instanceof UnexpectedAnswerError) return error.status >= 502 && error.status <= 504;
  if (error instanceof RateLimitedError) return error.code === 'rate_limited';
  if (!(error instanceof ApiError)) return false;
  return error.status >= 500 || error.code === 'idempotency_in_progress';
}

/** Longer after each try, jittered; at least what the server asked for. */
function pauseMs(error: unknown, attempt: number): number {
  const asked = error instanceof RateLimitedError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
  const backoff = 250 * 2 ** attempt * (0.5 + Math.random());
  return Math.min(Math.max(asked, backoff), longestPauseMs);
}

/** Ends early, by throwing the signal's reason, when it is aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    if (signal?.aborted) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}
