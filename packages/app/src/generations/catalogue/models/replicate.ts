import type { ModelDefinition } from '../model-definition.ts';
import { common, count, fromPhoto, fromWords, image, prompt, tall_square_wide, tall_wide } from './parts.ts';

// What ends is gone after an hour, and what is lost can be told from what never started for as long: so no deadline is longer.
const replicate = { ...common, providerId: 'replicate' } as const;
const video = { ...replicate, kind: 'video' } as const;
const picture = { ...replicate, kind: 'image', seconds: null, aspectRatios: tall_square_wide } as const;

const heard = { source: 'https://replicate.com/pricing, as others tell', readOn: null };

/** A start: what Replicate takes, in dollars for a second or a piece. */
export const replicateModels: readonly ModelDefinition[] = [
  {
    ...video,
    id: 'replicate-seedance-1-lite',
    name: 'Seedance 1.0 Lite',
    description: 'Two to twelve seconds in 720p, from words or from a photo.',
    providerModel: 'bytedance/seedance-1-lite',
    templates: fromWords(prompt(5_000), image(false)),
    aspectRatios: tall_square_wide,
    seconds: { min: 2, max: 12, default: 5 },
    providerPriceUsd: 0.036,
    providerPriceFrom: heard,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'image',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: 'duration',
        seed: 'seed',
      },
      constants: { resolution: '720p' },
    },
  },
  {
    ...video,
    id: 'replicate-seedance-1-pro',
    name: 'Seedance 1.0 Pro',
    description: 'Two to twelve seconds in 1080p, from words or from a photo.',
    providerModel: 'bytedance/seedance-1-pro',
    templates: fromWords(prompt(5_000), image(false)),
    aspectRatios: tall_square_wide,
    seconds: { min: 2, max: 12, default: 5 },
    providerPriceUsd: 0.15,
    providerPriceFrom: heard,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'image',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: 'duration',
        seed: 'seed',
      },
      constants: { resolution: '1080p' },
    },
  },
  {
    ...video,
    id: 'replicate-kling-2-5-turbo',
    name: 'Kling 2.5 Turbo Pro',
    description: 'Five or ten seconds, from words or from a photo.',
    providerModel: 'kwaivgi/kling-v2.5-turbo-pro',
    templates: fromWords(prompt(2_500), image(false)),
    aspectRatios: tall_square_wide,
    seconds: { min: 5, max: 10, default: 5 },
    allowedSeconds: [5, 10],
    providerPriceUsd: 0.07,
    providerPriceFrom: heard,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'start_image',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: 'duration',
      },
    },
  },
  {
    ...video,
    id: 'replicate-hailuo-02-photo',
    name: 'Hailuo 02, from a photo',
    description: 'Six or ten seconds in 768p that begin with your photo, in its shape.',
    providerModel: 'minimax/hailuo-02',
    templates: fromPhoto(image(true), prompt(2_000)),
    aspectRatios: tall_square_wide,
    seconds: { min: 6, max: 10, default: 6 },
    allowedSeconds: [6, 10],
    providerPriceUsd: 0.045,
    providerPriceFrom: heard,
    mapping: {
      inputs: { prompt: 'prompt', image: 'first_frame_image', duration_seconds: 'duration' },
      constants: { resolution: '768p' },
    },
  },
  {
    ...video,
    id: 'replicate-veo-3-1-fast',
    name: 'Veo 3.1 Fast',
    description: 'Four, six or eight seconds with sound, from words or from a photo.',
    providerModel: 'google/veo-3.1-fast',
    templates: fromWords(prompt(5_000), image(false)),
    aspectRatios: tall_wide,
    seconds: { min: 4, max: 8, default: 8 },
    allowedSeconds: [4, 6, 8],
    providerPriceUsd: 0.15,
    providerPriceFrom: heard,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'image',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: 'duration',
        seed: 'seed',
      },
      constants: { resolution: '720p', generate_audio: true },
    },
  },
  {
    ...picture,
    id: 'replicate-flux-schnell',
    name: 'FLUX.1 schnell',
    description: 'Quick pictures from words.',
    providerModel: 'black-forest-labs/flux-schnell',
    templates: fromWords(prompt(5_000), count(4)),
    providerPriceUsd: 0.003,
    providerPriceFrom: heard,
    mapping: {
      inputs: { prompt: 'prompt', aspect_ratio: 'aspect_ratio', seed: 'seed', count: 'num_outputs' },
      constants: { output_format: 'png' },
    },
  },
  {
    ...picture,
    id: 'replicate-flux-dev',
    name: 'FLUX.1 dev',
    description: 'Pictures from words.',
    providerModel: 'black-forest-labs/flux-dev',
    templates: fromWords(prompt(5_000), count(4)),
    providerPriceUsd: 0.025,
    providerPriceFrom: heard,
    mapping: {
      inputs: { prompt: 'prompt', aspect_ratio: 'aspect_ratio', seed: 'seed', count: 'num_outputs' },
      constants: { output_format: 'png' },
    },
  },
  {
    ...picture,
    id: 'replicate-flux-kontext',
    name: 'FLUX.1 Kontext, from a photo',
    description: 'Your photo, changed as you describe.',
    providerModel: 'black-forest-labs/flux-kontext-pro',
    templates: fromPhoto(image(true), prompt(5_000)),
    providerPriceUsd: 0.04,
    providerPriceFrom: heard,
    mapping: {
      inputs: { prompt: 'prompt', image: 'input_image', aspect_ratio: 'aspect_ratio', seed: 'seed' },
      constants: { output_format: 'png' },
    },
  },
];
