import { request as requestHttp } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { lookupPublic, refusePrivateLiteral } from './address-guard.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly signal: AbortSignal;
  /** Set for addresses that a stranger chose: only https to the public internet. */
  readonly publicOnly?: boolean;
}

/**
 * No answer came. `notSent` is proof that the server can't have read a byte of the request: its name was unknown, it took no
 * connection, or the secret channel was never agreed. Everything after that first moment proves nothing.
 */
export class ConnectionError extends Error {
  readonly code: string;
  readonly notSent: boolean;

  constructor(code: string, message: string, notSent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectionError';
    this.code = code;
    this.notSent = notSent;
  }
}

const connect_timeout_ms = 15_000;

/**
 * Sends one request over a connection of its own, and hands over the answer once its headers are here. Nothing is repeated, no redirect
 * followed. A connection that was used before may have been closed by the other side just now, and a request lost on it could not
 * be told from one that was read: so none is.
 * @throws ConnectionError
 */
export function openAnswer(asked: HttpRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let url: URL;
    try {
      url = permitted(asked);
    } catch (error) {
      reject(new ConnectionError(codeOf(error), messageOf(error), true, { cause: error }));
      return;
    }
    const secure = url.protocol === 'https:';
    const body = asked.body === undefined ? undefined : Buffer.from(asked.body);
    let reached = false;
    const request = (secure ? requestHttps : requestHttp)(url, {
      method: asked.method,
      agent: false,
      signal: asked.signal,
      headers: { ...asked.headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) },
      ...(asked.publicOnly === true ? { lookup: lookupPublic } : {}),
    });
    const waiting = setTimeout(
      () => request.destroy(Object.assign(new Error('no connection in time'), { code: 'connect_timeout' })),
      connect_timeout_ms,
    );
    const connected = (): void => {
      reached = true;
      clearTimeout(waiting);
    };
    request.once('socket', (socket) => {
      if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', connected);
      else connected();
    });
    request.once('response', resolve);
    request.once('close', () => clearTimeout(waiting));
    request.on('error', (error) =>
      reject(new ConnectionError(codeOf(error), messageOf(error), !reached, { cause: error })),
    );
    request.end(body);
  });
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body; undefined where it is no JSON. */
  readonly json: unknown;
  readonly text: string;
}

const max_answer_bytes = 4 * 1024 * 1024;

/**
 * One request, and its whole answer as text and JSON.
 * @throws ConnectionError also for an answer that breaks off or is larger than 4 MB: the server has read the request then
 */
export async function ask(asked: HttpRequest): Promise<HttpAnswer> {
  const response = await openAnswer(asked);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > max_answer_bytes) throw new Error(`the answer is larger than ${max_answer_bytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw new ConnectionError('answer_broken', messageOf(error), false, { cause: error });
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, json: parse(text), text };
}

function permitted(asked: HttpRequest): URL {
  asked.signal.throwIfAborted();
  const url = new URL(asked.url);
  const wanted = asked.publicOnly === true ? ['https:'] : ['https:', 'http:'];
  if (!wanted.includes(url.protocol)) {
    throw Object.assign(new Error(`${url.protocol} is not ${wanted.join(' or ')}`), {
      code: 'wrong_protocol',
    });
  }
  if (asked.publicOnly === true) refusePrivateLiteral(url);
  return url;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException;
    return typeof code === 'string' ? code.toLowerCase() : error.name;
  }
  return 'unknown';
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
