import { expect, test } from 'vitest';
import { falWorld } from './fal/world.ts';
import { kieWorld } from './kie/world.ts';
import { soon } from './vendor-support.ts';

test('KIE’s list is read by the names that its pages tell, without the key', async () => {
  const { service, provider } = await kieWorld({ apiKey: 'another-key' });
  try {
    const asked = ['z-image', 'kling-3.0/video', 'veo-3-1'];
    expect(await provider.listedPrices?.(asked, soon())).toEqual([
      { model: 'z-image', label: 'Z-Image, text-to-image', usd: 0.004, unit: 'per image' },
      {
        model: 'kling-3.0/video',
        label: 'Kling 3.0, video, without audio-1080P',
        usd: 0.1,
        unit: 'per second',
      },
    ]);
  } finally {
    await service.close();
  }
  await expect(provider.listedPrices?.(['z-image'], soon())).rejects.toMatchObject({
    error: { code: 'unreachable' },
  });
});

test('fal is asked for each', async () => {
  const { service, provider } = await falWorld({ priceUsd: 0.5 });
  try {
    const model = 'fal-ai/flux/dev';
    expect(await provider.listedPrices?.([model], soon())).toEqual([
      { model, label: model, usd: 0.1, unit: 'seconds' },
    ]);
  } finally {
    await service.close();
  }
});
