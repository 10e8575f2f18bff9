import { describeProvider } from '../conformance.ts';
import { replicateWorld } from './world.ts';

describeProvider('Replicate', async () => {
  const { service, provider } = await replicateWorld({ knobs: { queuedMs: 100, runMs: 100 } });
  const model = 'wan-video/wan-2.2-t2v-fast';
  return {
    provider,
    kind: 'video',
    good: { model, input: { prompt: 'a lighthouse' }, files: {} },
    bad: { model, input: { prompt: 'something forbidden' }, files: {} },
    long: { model, input: { prompt: 'a long one' }, files: {} },
    close: () => service.close(),
  };
});
