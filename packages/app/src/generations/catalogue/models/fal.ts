import type { ModelDefinition } from '../model-definition.ts';
import {
  common,
  count,
  fromPhoto,
  fromWords,
  image,
  image_sizes,
  prompt,
  tall_square_wide,
  tall_wide,
} from './parts.ts';

const fal = { ...common, providerId: 'fal' } as const;
const video = { ...fal, kind: 'video' } as const;
const picture = { ...fal, kind: 'image', seconds: null, aspectRatios: tall_square_wide } as const;

const listed = { source: 'https://api.fal.ai/v1/models/pricing', readOn: '2026-09-09' };
const heard = { source: 'https://fal.ai/pricing, as others tell', readOn: null };

/** A start: what fal takes, in dollars for a second or a piece of about one megapixel. */
export const falModels: readonly ModelDefinition[] = [
  {
    ...video,
    id: 'fal-veo-3-1-fast',
    name: 'Veo 3.1 Fast',
    description: 'Four, six or eight seconds in 720p, with sound.',
    providerModel: 'fal-ai/veo3.1/fast',
    templates: fromWords(prompt(5_000)),
    aspectRatios: tall_wide,
    seconds: { min: 4, max: 8, default: 8 },
    allowedSeconds: [4, 6, 8],
    providerPriceUsd: 0.15,
    providerPriceFrom: heard,
    mapping: {
      inputs: {
        prompt: 'prompt',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: { to: 'duration', text: { suffix: 's' } },
      },
      constants: { resolution: '720p', generate_audio: true },
    },
  },
  {
    ...video,
    id: 'fal-kling-2-5-turbo',
    name: 'Kling 2.5 Turbo Pro',
    description: 'Five or ten seconds.',
    providerModel: 'fal-ai/kling-video/v2.5-turbo/pro/text-to-video',
    templates: fromWords(prompt(2_500)),
    aspectRatios: tall_square_wide,
    seconds: { min: 5, max: 10, default: 5 },
    allowedSeconds: [5, 10],
    providerPriceUsd: 0.07,
    providerPriceFrom: heard,
    fallbackModelId: 'replicate-kling-2-5-turbo',
    mapping: {
      inputs: {
        prompt: 'prompt',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: { to: 'duration', text: { suffix: '' } },
      },
    },
  },
  {
    ...video,
    id: 'fal-kling-2-5-turbo-photo',
    name: 'Kling 2.5 Turbo Pro, from a photo',
    description: 'Five or ten seconds that begin with your photo, in its shape.',
    providerModel: 'fal-ai/kling-video/v2.5-turbo/pro/image-to-video',
    templates: fromPhoto(image(true), prompt(2_500)),
    aspectRatios: tall_square_wide,
    seconds: { min: 5, max: 10, default: 5 },
    allowedSeconds: [5, 10],
    providerPriceUsd: 0.07,
    providerPriceFrom: heard,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'image_url',
        duration_seconds: { to: 'duration', text: { suffix: '' } },
      },
    },
  },
  {
    ...video,
    id: 'fal-seedance-1-lite',
    name: 'Seedance 1.0 Lite',
    description: 'Three to twelve seconds in 720p.',
    providerModel: 'fal-ai/bytedance/seedance/v1/lite/text-to-video',
    templates: fromWords(prompt(5_000)),
    aspectRatios: tall_square_wide,
    seconds: { min: 3, max: 12, default: 5 },
    providerPriceUsd: 0.036,
    providerPriceFrom: heard,
    fallbackModelId: 'replicate-seedance-1-lite',
    mapping: {
      inputs: {
        prompt: 'prompt',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: { to: 'duration', text: { suffix: '' } },
        seed: 'seed',
      },
      constants: { resolution: '720p' },
    },
  },
  {
    ...video,
    id: 'fal-hailuo-02-photo',
    name: 'Hailuo 02, from a photo',
    description: 'Six or ten seconds in 768p that begin with your photo, in its shape.',
    providerModel: 'fal-ai/minimax/hailuo-02/standard/image-to-video',
    templates: fromPhoto(image(true), prompt(2_000)),
    aspectRatios: tall_square_wide,
    seconds: { min: 6, max: 10, default: 6 },
    allowedSeconds: [6, 10],
    providerPriceUsd: 0.045,
    providerPriceFrom: heard,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'image_url',
        duration_seconds: { to: 'duration', text: { suffix: '' } },
      },
      constants: { resolution: '768P', prompt_optimizer: true },
    },
  },
  {
    ...picture,
    id: 'fal-flux-schnell',
    name: 'FLUX.1 schnell',
    description: 'Quick pictures from words.',
    providerModel: 'fal-ai/flux/schnell',
    templates: fromWords(prompt(5_000), count(4)),
    providerPriceUsd: 0.003,
    providerPriceFrom: listed,
    fallbackModelId: 'replicate-flux-schnell',
    mapping: {
      inputs: {
        prompt: 'prompt',
        aspect_ratio: { to: 'image_size', values: image_sizes },
        seed: 'seed',
        count: 'num_images',
      },
      constants: { output_format: 'png' },
    },
  },
  {
    ...picture,
    id: 'fal-flux-dev',
    name: 'FLUX.1 dev',
    description: 'Pictures from words.',
    providerModel: 'fal-ai/flux/dev',
    templates: fromWords(prompt(5_000), count(4)),
    providerPriceUsd: 0.025,
    providerPriceFrom: heard,
    fallbackModelId: 'replicate-flux-dev',
    mapping: {
      inputs: {
        prompt: 'prompt',
        aspect_ratio: { to: 'image_size', values: image_sizes },
        seed: 'seed',
        count: 'num_images',
      },
      constants: { output_format: 'png' },
    },
  },
  {
    ...picture,
    id: 'fal-flux-kontext',
    name: 'FLUX.1 Kontext, from a photo',
    description: 'Your photo, changed as you describe.',
    providerModel: 'fal-ai/flux-pro/kontext',
    templates: fromPhoto(image(true), prompt(5_000), count(4)),
    providerPriceUsd: 0.04,
    providerPriceFrom: heard,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'image_url',
        aspect_ratio: 'aspect_ratio',
        seed: 'seed',
        count: 'num_images',
      },
      constants: { output_format: 'png' },
    },
  },
  {
    ...picture,
    id: 'fal-nano-banana-pro',
    name: 'Nano Banana Pro',
    description: 'Pictures with readable text, from words.',
    providerModel: 'fal-ai/nano-banana-pro',
    templates: fromWords(prompt(10_000), count(4)),
    providerPriceUsd: 0.15,
    providerPriceFrom: listed,
    mapping: {
      inputs: { prompt: 'prompt', aspect_ratio: 'aspect_ratio', count: 'num_images' },
      constants: { resolution: '1K', output_format: 'png' },
    },
  },
];
