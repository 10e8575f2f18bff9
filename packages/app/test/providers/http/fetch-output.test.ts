import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchOutput } from '../../../src/providers/http/fetch-output.ts';
import type { FetchLimits } from '../../../src/providers/http/fetch-output.ts';
import { bytesOf, soon } from '../vendor-support.ts';
import { startHttp } from './servers.ts';
import type { Listening } from './servers.ts';

let server: Listening;
const authorized: string[] = [];
beforeAll(async () => {
  server = await startHttp((request, response) => {
    if (request.headers.authorization !== undefined) authorized.push(request.url ?? '');
    const [, what = '', count = ''] = (request.url ?? '').split('/');
    const media = { 'content-type': 'video/mp4' };
    switch (what) {
      case 'hop': {
        const left = Number(count);
        response.writeHead(302, { location: left > 1 ? `/hop/${left - 1}` : '/film' }).end();
        return;
      }
      case 'nowhere':
        response.writeHead(302, { location: 'http://' }).end();
        return;
      case 'flood':
        response.writeHead(200, media).end(Buffer.alloc(100_000));
        return;
      case 'stall':
        response.writeHead(200, media).write('begun');
        return;
      case 'busy':
        response.writeHead(503).end();
        return;
      default:
        response.writeHead(200, { 'content-type': 'binary/octet-stream' }).end('a film');
    }
  });
});
afterAll(() => server.close());

async function fetched(path: string, limits: Partial<FetchLimits> = {}): Promise<string> {
  const output = { kind: 'video', url: `http://127.0.0.1:${server.port}${path}`, posterUrl: null } as const;
  const stream = await fetchOutput('vendor', output, { allowPrivateAddresses: true, ...limits }, soon());
  return (await bytesOf(stream)).toString();
}

test('three redirects are followed, a fourth is not, and no key goes along', async () => {
  expect(await fetched('/hop/3')).toBe('a film');
  await expect(fetched('/hop/4')).rejects.toMatchObject({ error: { code: 'output_refused' } });
  await expect(fetched('/nowhere')).rejects.toMatchObject({ error: { code: 'output_unavailable' } });
  expect(authorized).toEqual([]);
});

test('what does not say its size is cut off at the limit', async () => {
  expect(await fetched('/flood', { maxBytes: 100_000 })).toHaveLength(100_000);
  await expect(fetched('/flood', { maxBytes: 99_999 })).rejects.toMatchObject({ name: 'ProviderError' });
});

test('what stops coming is given up', async () => {
  await expect(fetched('/stall', { idleMs: 100 })).rejects.toMatchObject({
    error: { code: 'output_unavailable' },
  });
});

test('a store that fails for the moment says so; one on this machine is refused in production', async () => {
  await expect(fetched('/busy')).rejects.toMatchObject({
    error: { code: 'output_unavailable', httpStatus: 503 },
  });
  await expect(fetched('/film', { allowPrivateAddresses: false })).rejects.toMatchObject({
    error: { code: 'output_refused' },
  });
});
