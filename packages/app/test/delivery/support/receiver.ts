import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One call, as it came. */
export interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that answers as it is told, in order; the last answer stays. */
export async function receiver(...answers: ((response: ServerResponse) => void)[]) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        got.push({ headers: request.headers, body });
        const answer = answers[Math.min(got.length, answers.length) - 1];
        if (answer) answer(response);
        else response.writeHead(204).end();
        return body;
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, got, close };
}

export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end();
