import { describeProvider } from '../conformance.ts';
import { falWorld } from './world.ts';

describeProvider('fal, making films', async () => {
  const { service, provider } = await falWorld({ knobs: { queuedMs: 20, runMs: 50 } });
  const model = 'fal-ai/kling-video/v3/standard/text-to-video';
  return {
    provider,
    kind: 'video',
    good: { model, input: { prompt: 'a lighthouse', duration: '5' }, files: {} },
    bad: { model, input: { prompt: 'something forbidden' }, files: {} },
    close: () => service.close(),
  };
});

describeProvider('fal, making pictures', async () => {
  const { service, provider } = await falWorld({ knobs: { queuedMs: 200, runMs: 200 } });
  const model = 'fal-ai/flux/dev';
  return {
    provider,
    kind: 'image',
    good: { model, input: { prompt: 'a lighthouse' }, files: {} },
    bad: { model, input: { prompt: 'something forbidden' }, files: {} },
    long: { model, input: { prompt: 'a long one' }, files: {} },
    close: () => service.close(),
  };
});
