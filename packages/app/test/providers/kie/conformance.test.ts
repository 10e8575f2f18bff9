import { describeProvider } from '../conformance.ts';
import { kieWorld } from './world.ts';

describeProvider('KIE.ai', async () => {
  const { service, provider } = await kieWorld({ knobs: { queuedMs: 20, runMs: 50 } });
  const model = 'bytedance/seedance-2';
  return {
    provider,
    kind: 'video',
    good: { model, input: { prompt: 'a lighthouse', duration: 5 }, files: {} },
    bad: { model, input: { prompt: 'something forbidden' }, files: {} },
    close: () => service.close(),
  };
});
