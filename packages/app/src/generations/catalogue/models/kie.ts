import type { ModelDefinition } from '../model-definition.ts';
import { common, fromPhoto, fromWords, image, prompt, tall_square_wide, tall_wide } from './parts.ts';

const kie = { ...common, providerId: 'kie' } as const;
const video = { ...kie, kind: 'video' } as const;
const picture = { ...kie, kind: 'image', seconds: null, aspectRatios: tall_square_wide } as const;

const listed = { source: 'https://kie.ai/pricing', readOn: '2026-10-07' };
const heard = { source: 'https://kie.ai/pricing, as others tell', readOn: null };

/** A start: what KIE takes, in dollars for a second or a piece. */
export const kieModels: readonly ModelDefinition[] = [
  {
    ...video,
    id: 'kie-veo-3-1-fast',
    name: 'Veo 3.1 Fast',
    description: 'Eight seconds in 720p, with sound.',
    providerModel: 'veo-3-1',
    templates: fromWords(prompt(5_000)),
    aspectRatios: tall_wide,
    seconds: { min: 8, max: 8, default: 8 },
    // Sold by the clip, however long it is: 0.30.
    providerPriceUsd: 0.0375,
    providerPriceFrom: listed,
    mapping: {
      inputs: { prompt: 'prompt', aspect_ratio: 'aspect_ratio', duration_seconds: 'duration' },
      constants: { model: 'veo3_fast', generation_type: 'TEXT_2_VIDEO', resolution: '720p' },
    },
  },
  {
    ...video,
    id: 'kie-veo-3-1-fast-photo',
    name: 'Veo 3.1 Fast, from a photo',
    description: 'Eight seconds in 720p that begin with your photo, with sound.',
    providerModel: 'veo-3-1',
    templates: fromPhoto(image(true), prompt(5_000)),
    aspectRatios: tall_wide,
    seconds: { min: 8, max: 8, default: 8 },
    providerPriceUsd: 0.0375,
    providerPriceFrom: listed,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'image_urls[0]',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: 'duration',
      },
      constants: {
        model: 'veo3_fast',
        generation_type: 'FIRST_AND_LAST_FRAMES_2_VIDEO',
        resolution: '720p',
      },
    },
  },
  {
    ...video,
    id: 'kie-kling-3-0',
    name: 'Kling 3.0',
    description: 'Three to fifteen seconds in 1080p, from words or from a photo.',
    providerModel: 'kling-3.0/video',
    templates: fromWords(prompt(2_500), image(false)),
    aspectRatios: tall_square_wide,
    seconds: { min: 3, max: 15, default: 5 },
    providerPriceUsd: 0.09,
    providerPriceFrom: listed,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'image_urls[0]',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: { to: 'duration', text: { suffix: '' } },
      },
      constants: { mode: 'pro', sound: false, multi_shots: false, multi_prompt: [] },
    },
  },
  {
    ...video,
    id: 'kie-seedance-2-5',
    name: 'Seedance 2.5',
    description: 'Four to twelve seconds in 720p with sound, from words or from a photo.',
    providerModel: 'bytedance/seedance-2-5',
    templates: fromWords(prompt(10_000), image(false)),
    aspectRatios: tall_square_wide,
    seconds: { min: 4, max: 12, default: 5 },
    providerPriceUsd: 0.315,
    providerPriceFrom: listed,
    mapping: {
      inputs: {
        prompt: 'prompt',
        image: 'first_frame_url',
        aspect_ratio: 'aspect_ratio',
        duration_seconds: 'duration',
      },
      constants: { resolution: '720p', generate_audio: true, output_format: 'mp4' },
    },
  },
  {
    ...video,
    id: 'kie-minimax-h3',
    name: 'MiniMax H3',
    description: 'Four to fifteen seconds in 768p.',
    providerModel: 'minimax-h3/text-to-video',
    templates: fromWords(prompt(7_000)),
    aspectRatios: tall_square_wide,
    seconds: { min: 4, max: 15, default: 5 },
    providerPriceUsd: 0.04,
    providerPriceFrom: listed,
    mapping: {
      inputs: { prompt: 'prompt', aspect_ratio: 'aspect_ratio', duration_seconds: 'duration' },
      constants: { resolution: '768P' },
    },
  },
  {
    ...video,
    id: 'kie-minimax-h3-photo',
    name: 'MiniMax H3, from a photo',
    description: 'Four to fifteen seconds in 768p that begin with your photo, in its shape.',
    providerModel: 'minimax-h3/image-to-video',
    templates: fromPhoto(image(true), prompt(7_000)),
    aspectRatios: tall_square_wide,
    seconds: { min: 4, max: 15, default: 5 },
    providerPriceUsd: 0.04,
    providerPriceFrom: listed,
    mapping: {
      inputs: { prompt: 'prompt', image: 'first_frame_url', duration_seconds: 'duration' },
      constants: { resolution: '768P' },
    },
  },
  {
    ...video,
    id: 'kie-wan-2-7',
    name: 'Wan 2.7',
    description: 'Two to fifteen seconds in 720p.',
    providerModel: 'wan/2-7-text-to-video',
    templates: fromWords(prompt(5_000)),
    aspectRatios: tall_square_wide,
    seconds: { min: 2, max: 15, default: 5 },
    providerPriceUsd: 0.08,
    providerPriceFrom: listed,
    mapping: {
      inputs: {
        prompt: 'prompt',
        aspect_ratio: 'ratio',
        duration_seconds: 'duration',
        seed: 'seed',
      },
      constants: { resolution: '720p', watermark: false },
    },
  },
  {
    ...picture,
    id: 'kie-nano-banana-pro',
    name: 'Nano Banana Pro',
    description: 'Pictures with readable text, from words or from a photo.',
    providerModel: 'nano-banana-pro',
    templates: fromWords(prompt(10_000), image(false)),
    providerPriceUsd: 0.09,
    providerPriceFrom: listed,
    mapping: {
      inputs: { prompt: 'prompt', image: 'image_input[0]', aspect_ratio: 'aspect_ratio' },
      constants: { resolution: '1K', output_format: 'png' },
    },
  },
  {
    ...picture,
    id: 'kie-seedream-4-5',
    name: 'Seedream 4.5',
    description: 'Pictures from words.',
    providerModel: 'seedream/4.5-text-to-image',
    templates: fromWords(prompt(3_000)),
    providerPriceUsd: 0.0325,
    providerPriceFrom: heard,
    mapping: {
      inputs: { prompt: 'prompt', aspect_ratio: 'aspect_ratio' },
      constants: { quality: 'basic' },
    },
  },
  {
    ...picture,
    id: 'kie-seedream-4-5-edit',
    name: 'Seedream 4.5, from a photo',
    description: 'Your photo, changed as you describe.',
    providerModel: 'seedream/4.5-edit',
    templates: fromPhoto(image(true), prompt(3_000)),
    providerPriceUsd: 0.0325,
    providerPriceFrom: heard,
    mapping: {
      inputs: { prompt: 'prompt', image: 'image_urls[0]', aspect_ratio: 'aspect_ratio' },
      constants: { quality: 'basic' },
    },
  },
  {
    ...picture,
    id: 'kie-z-image',
    name: 'Z-Image',
    description: 'Quick pictures from words.',
    providerModel: 'z-image',
    templates: fromWords(prompt(1_000)),
    providerPriceUsd: 0.004,
    providerPriceFrom: listed,
    mapping: { inputs: { prompt: 'prompt', aspect_ratio: 'aspect_ratio' } },
  },
];
