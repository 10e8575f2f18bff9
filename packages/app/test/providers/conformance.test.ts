import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { createExternalProvider } from '../../src/providers/external/adapter.ts';
import type { Completion } from '../../src/providers/external/adapter.ts';
import { createStudioProvider } from '../../src/providers/studio/adapter.ts';
import { describeProvider } from './conformance.ts';
import { film } from './media-files.ts';
import { createScriptedProvider } from './scripted/provider.ts';
import { startScriptedService } from './scripted/server.ts';

describeProvider('the renderer that comes along', async () => {
  const workDirectory = await mkdtemp(join(tmpdir(), 'holdfast-work-'));
  const video = (input: Record<string, unknown>, seconds = 3) => ({
    model: 'standard',
    input: { template: 'prompt', aspect_ratio: '1:1', duration_seconds: seconds, ...input },
    files: {},
  });
  return {
    provider: createStudioProvider({ workDirectory, concurrency: 2 }),
    kind: 'video',
    good: video({ prompt: 'Promises', seed: 1 }),
    bad: video({ prompt: '' }),
    long: video({ prompt: 'Long', seed: 1 }, 15),
    close: () => rm(workDirectory, { recursive: true, force: true }),
  };
});

describeProvider('the scripted service', async () => {
  const service = await startScriptedService({ file: await film(1), polls: 3, refuseWord: 'forbidden' });
  return {
    provider: createScriptedProvider({ url: service.url }),
    kind: 'video',
    good: { model: 'scripted-1', input: { prompt: 'a test' }, files: {} },
    bad: { model: 'scripted-1', input: { prompt: 'forbidden' }, files: {} },
    long: { model: 'scripted-1', input: { prompt: 'a test' }, files: {} },
    close: () => service.close(),
  };
});

describeProvider('a renderer elsewhere', async () => {
  const said = new Map<string, Completion | null>();
  const made = await film(1);
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'video/mp4' }).end(made);
      return;
    }
    const answer = async (): Promise<number> => {
      const body = (await json(request)) as { callback_token: string; input: { prompt: string } };
      if (body.input.prompt === 'forbidden') return 422;
      const outputUrl = `http://127.0.0.1:${port()}/made.mp4`;
      said.set(body.callback_token, {
        status: 'succeeded',
        outputDurationSeconds: 1,
        outputUrl,
        error: null,
      });
      return 202;
    };
    void answer().then((status) => response.writeHead(status).end());
  });
  const port = (): number => (server.address() as AddressInfo).port;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    provider: createExternalProvider({
      completions: { find: async (token) => said.get(token) ?? 'unknown_task' },
      renderUrl: `http://127.0.0.1:${port()}/render`,
      key: 'the key that is shared',
      callbackUrl: 'http://127.0.0.1:9/api/callbacks/completion',
      allowPrivateAddresses: true,
    }),
    kind: 'video',
    good: { model: 'standard', input: { prompt: 'a test' }, files: {} },
    bad: { model: 'standard', input: { prompt: 'forbidden' }, files: {} },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
});
