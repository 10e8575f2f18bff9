import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type {
  Attempt,
  Provider,
  RawProviderError,
  SubmitResult,
  TaskRef,
  TaskStatus,
} from '../../src/providers/port.ts';

/** An attempt whose token is its own. */
export function attemptAt(
  what: Pick<Attempt, 'model' | 'input'> & Partial<Attempt>,
  hooks: string | null = null,
): Attempt {
  const token = randomBytes(16).toString('base64url');
  return { files: {}, token, callbackUrl: hooks === null ? null : `${hooks}/${token}`, ...what };
}

export const soon = (): AbortSignal => AbortSignal.timeout(20_000);

export async function accepted(provider: Provider, attempt: Attempt): Promise<TaskRef> {
  const result = await provider.submit(attempt, soon());
  if (result.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(result)}`);
  const urls = result.urls === undefined ? {} : { urls: result.urls };
  return { taskId: result.taskId, attemptToken: attempt.token, model: attempt.model, ...urls };
}

export async function endOf(provider: Provider, task: TaskRef): Promise<TaskStatus> {
  for (;;) {
    const status = await provider.status(task, soon());
    if (status.state !== 'queued' && status.state !== 'running') return status;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function errorOf(answer: SubmitResult | TaskStatus): RawProviderError {
  if ('error' in answer) return answer.error;
  throw new Error(`no error in ${JSON.stringify(answer)}`);
}

export async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export interface ReceivedCall {
  readonly token: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: Buffer;
}

/** A place that takes callbacks. */
export interface Hooks {
  readonly url: string;
  /** The next call for this attempt that nobody has taken yet. */
  next(token: string): Promise<ReceivedCall>;
  /** Whom it was called for, in order. */
  readonly order: readonly string[];
  close(): Promise<void>;
}

export async function startHooks(): Promise<Hooks> {
  const calls: ReceivedCall[] = [];
  const waiting: { token: string; resolve: (call: ReceivedCall) => void }[] = [];
  const order: string[] = [];
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = (request.url ?? '').split('/').at(-1) ?? '';
    const call = { token, headers: request.headers, rawBody: await buffer(request) };
    order.push(token);
    const first = waiting.findIndex((each) => each.token === token);
    if (first === -1) calls.push(call);
    else waiting.splice(first, 1)[0]?.resolve(call);
    response.writeHead(200, { connection: 'close' }).end();
  }
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    order,
    next(token) {
      const first = calls.findIndex((each) => each.token === token);
      const [call] = first === -1 ? [] : calls.splice(first, 1);
      if (call !== undefined) return Promise.resolve(call);
      return new Promise((resolve) => waiting.push({ token, resolve }));
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** As a door hands a call on. */
export function webhookCall(call: ReceivedCall, now = new Date()) {
  const headers = Object.fromEntries(
    Object.entries(call.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  return { attemptToken: call.token, headers, rawBody: call.rawBody, now };
}
