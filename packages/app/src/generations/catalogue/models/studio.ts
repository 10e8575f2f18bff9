import type { ModelInput, ModelTemplate } from '../catalogue.ts';
import type { ModelDefinition } from '../model-definition.ts';

const styleOf = (names: readonly string[]): ModelInput => ({
  type: 'choice',
  name: 'style',
  label: 'Style',
  required: false,
  choices: names.map((value) => ({ value, label: `${value.slice(0, 1).toUpperCase()}${value.slice(1)}` })),
  default: null,
});
const style = styleOf(['nocturne', 'poster', 'paper', 'signal', 'aura', 'echo']);
/** How a photo is developed. */
const photoStyle = styleOf(['warm', 'film', 'sea', 'dusk', 'forest', 'rose', 'night', 'mono']);
/** What a product card is printed on. */
const cardStyle = styleOf(['light', 'dark', 'vivid']);
const prompt = (label: string, required: boolean): ModelInput => ({
  type: 'text',
  name: 'prompt',
  label,
  required,
  max_length: 1_000,
  multiline: true,
});
const photo: ModelInput = { type: 'image', name: 'image', label: 'Photo', required: true };

const films: readonly ModelTemplate[] = [
  {
    id: 'prompt',
    label: 'From words',
    description: 'Your words in motion over a living scene.',
    inputs: [prompt('Words', true), style],
  },
  {
    id: 'reels',
    label: 'Reel from a photo',
    description: 'A slow camera over your photo, with captions timed to reading.',
    inputs: [photo, prompt('Captions', false), photoStyle],
  },
  {
    id: 'neurocard',
    label: 'Product card',
    description: 'Your product with its name, price and selling points.',
    inputs: [
      photo,
      {
        type: 'text',
        name: 'product_name',
        label: 'Product name',
        required: true,
        max_length: 120,
        multiline: false,
      },
      {
        type: 'text',
        name: 'product_price',
        label: 'Price',
        required: false,
        max_length: 40,
        multiline: false,
      },
      {
        type: 'text_list',
        name: 'selling_points',
        label: 'Selling points',
        required: false,
        max_items: 6,
        max_length: 90,
      },
      cardStyle,
    ],
  },
];

const pictures: readonly ModelTemplate[] = [
  {
    id: 'prompt',
    label: 'From words',
    description: 'A poster of your words.',
    inputs: [prompt('Words', true), style],
  },
  {
    id: 'photo',
    label: 'From a photo',
    description: 'Your photo, set as a picture to post.',
    inputs: [photo, prompt('Caption', false), photoStyle],
  },
];

const common = {
  providerId: 'studio',
  aspectRatios: ['9:16', '1:1', '16:9'] as const,
  submitTimeoutSeconds: 30,
  // Most of it may be waiting for a turn: the machine makes a few at once.
  deadlineSeconds: 7_200,
  runTimeoutSeconds: 900,
  maxAttempts: 3,
  pollSeconds: 0.5,
};

/** What the renderer that comes along can make. */
export const studioModels: readonly ModelDefinition[] = [
  {
    ...common,
    id: 'studio-standard',
    name: 'Studio',
    description: 'Videos in 720p, made on this server.',
    kind: 'video',
    providerModel: 'standard',
    templates: films,
    seconds: { min: 3, max: 15, default: 5 },
  },
  {
    ...common,
    id: 'studio-pro',
    name: 'Studio Pro',
    description: 'Videos in 1080p with finer scenes, made on this server.',
    kind: 'video',
    providerModel: 'pro',
    templates: films,
    seconds: { min: 3, max: 15, default: 5 },
  },
  {
    ...common,
    id: 'studio-image',
    name: 'Studio Image',
    description: 'Pictures to post, made on this server.',
    kind: 'image',
    providerModel: 'image',
    templates: pictures,
    seconds: null,
  },
];
