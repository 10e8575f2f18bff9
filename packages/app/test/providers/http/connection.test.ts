import { expect, test } from 'vitest';
import { ask } from '../../../src/providers/http/connection.ts';
import { paidPost } from '../../../src/providers/http/paid-post.ts';
import { startHttp, startTcp } from './servers.ts';

const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const post = (url: string, signal = soon()) => paidPost({ url, signal, body: '{}' });

test('a refused connection and a secret channel that was never agreed prove that nothing was sent', async () => {
  const gone = await startTcp((socket) => socket.destroy());
  await gone.close();
  expect(await post(`http://127.0.0.1:${gone.port}/`)).toMatchObject({ kind: 'not_sent' });
  const rude = await startTcp((socket) => socket.once('data', () => socket.destroy()));
  expect(await post(`https://127.0.0.1:${rude.port}/`)).toMatchObject({ kind: 'not_sent' });
  await rude.close();
  const mute = await startTcp(() => undefined);
  const url = `https://127.0.0.1:${mute.port}/`;
  expect(await post(url, AbortSignal.timeout(200))).toMatchObject({ kind: 'not_sent' });
  await mute.close();
});

test('a connection that stood and broke proves nothing, whatever was read', async () => {
  const atOnce = await startTcp((socket) => socket.destroy());
  expect(await post(`http://127.0.0.1:${atOnce.port}/`)).toMatchObject({ kind: 'no_answer' });
  await atOnce.close();
  const mute = await startTcp(() => undefined);
  const url = `http://127.0.0.1:${mute.port}/`;
  expect(await post(url, AbortSignal.timeout(200))).toMatchObject({ kind: 'no_answer' });
  await mute.close();
  const nonsense = await startTcp((socket) => socket.once('data', () => socket.end('SMTP ready\r\n\r\n')));
  expect(await post(`http://127.0.0.1:${nonsense.port}/`)).toMatchObject({ kind: 'no_answer' });
  await nonsense.close();
});

test('an answer that breaks off or never ends is no answer', async () => {
  const short = await startHttp((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"id":', () => response.destroy());
  });
  expect(await post(`http://127.0.0.1:${short.port}/`)).toMatchObject({ kind: 'no_answer' });
  await short.close();
  const endless = await startHttp((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, ' ')));
    };
    response.on('drain', more);
    more();
  });
  expect(await post(`http://127.0.0.1:${endless.port}/`)).toMatchObject({ kind: 'no_answer' });
  await endless.close();
});

test('every request has a connection of its own, and no redirect is followed', async () => {
  const ports = new Set<number | undefined>();
  const server = await startHttp((request, response) => {
    ports.add(request.socket.remotePort);
    expect(request.headers.connection).toBe('close');
    response.writeHead(302, { location: '/elsewhere' }).end('{"a":1}');
  });
  const url = `http://127.0.0.1:${server.port}/`;
  for (let index = 0; index < 3; index += 1) {
    expect(await ask({ method: 'POST', url, body: '{}', signal: soon() })).toMatchObject({
      status: 302,
      json: { a: 1 },
    });
  }
  expect(ports.size).toBe(3);
  await server.close();
});
