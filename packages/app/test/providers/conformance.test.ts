import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
