import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { ProviderError } from '../port.ts';
import type { ProviderOutput, RawProviderError } from '../port.ts';
import { ConnectionError, openAnswer } from './connection.ts';

export interface FetchLimits {
  /** Loopback and private networks, and plain http: for emulators and tests alone. */
  readonly allowPrivateAddresses: boolean;
  /** The largest file; 4 GB unless told. */
  readonly maxBytes?: number;
  /** How long nothing may arrive; 60 s unless told. */
  readonly idleMs?: number;
}

const max_redirects = 3;
/** What an address is never opened for, however often it is tried. */
const refusals = new Set(['private_address', 'wrong_protocol', 'err_invalid_url']);
/** Media, or what stores answer for files that they can't name. What it really is, is seen when it is probed. */
const fetched_types = /^(video\/|image\/|(application|binary)\/octet-stream)/;

/**
 * Opens a result by an address that a vendor, or whoever spoke for it, has named. No key goes along; only https to the public internet,
 * checked again at each redirect; what calls itself a page is not read; too much, too slow and too short break off.
 * @throws ProviderError `output_gone` (404, 410), `output_refused` (not to be fetched at all), `output_unavailable`
 */
export async function fetchOutput(
  provider: string,
  output: ProviderOutput,
  limits: FetchLimits,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const fail = (code: string, message: string, cause?: unknown, httpStatus?: number): ProviderError => {
    const error: RawProviderError = { code, message, ...(httpStatus === undefined ? {} : { httpStatus }) };
    return new ProviderError(provider, error, { cause });
  };
  let url = output.url;
  for (let hops = 0; hops <= max_redirects; hops += 1) {
    const response = await open(url);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status >= 300 && status < 400 && location !== undefined) {
      response.destroy();
      if (!URL.canParse(location, url)) throw fail('output_unavailable', 'a redirect to nowhere');
      url = new URL(location, url).href;
      continue;
    }
    const problem = problemOf(response, limits.maxBytes ?? 2 ** 32);
    if (problem === null) return bounded(response);
    response.destroy();
    throw fail(problem.code, problem.message, undefined, status);
  }
  throw fail('output_refused', `more than ${max_redirects} redirects`);

  async function open(address: string): Promise<IncomingMessage> {
    try {
      return await openAnswer({
        method: 'GET',
        url: address,
        signal,
        publicOnly: !limits.allowPrivateAddresses,
      });
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      throw fail(refusals.has(error.code) ? 'output_refused' : 'output_unavailable', error.message, error);
    }
  }

  function bounded(response: IncomingMessage): ReadableStream<Uint8Array> {
    const maxBytes = limits.maxBytes ?? 2 ** 32;
    response.setTimeout(limits.idleMs ?? 60_000, () => {
      response.destroy(new Error('nothing more has arrived'));
    });
    async function* chunks(): AsyncGenerator<Uint8Array> {
      let bytes = 0;
      try {
        for await (const chunk of response as AsyncIterable<Buffer>) {
          bytes += chunk.length;
          if (bytes > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
          yield chunk;
        }
      } catch (error) {
        throw fail('output_unavailable', error instanceof Error ? error.message : String(error), error);
      }
    }
    return Readable.toWeb(Readable.from(chunks())) as ReadableStream<Uint8Array>;
  }
}

function problemOf(response: IncomingMessage, maxBytes: number): { code: string; message: string } | null {
  const status = response.statusCode ?? 0;
  if (status === 404 || status === 410) return { code: 'output_gone', message: 'the file is gone' };
  if (status !== 200) return { code: 'output_unavailable', message: `HTTP ${status}` };
  const type = response.headers['content-type'] ?? 'application/octet-stream';
  if (!fetched_types.test(type)) {
    return { code: 'output_unavailable', message: `${type} came where a film or a picture was expected` };
  }
  const length = Number(response.headers['content-length'] ?? 0);
  if (length > maxBytes) return { code: 'output_refused', message: `${length} bytes are more than allowed` };
  return null;
}
