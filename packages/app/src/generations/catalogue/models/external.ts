import type { ModelDefinition } from '../model-definition.ts';
import { common, fromPhoto, fromWords, image, prompt, tall_square_wide } from './parts.ts';

const video = {
  ...common,
  providerId: 'external',
  kind: 'video',
  templates: [...fromWords(prompt(5_000)), ...fromPhoto(image(true), prompt(5_000))],
  aspectRatios: tall_square_wide,
  seconds: { min: 1, max: 60, default: 5 },
  // Its renderer calls; this only asks whether it has.
  pollSeconds: 30,
  policy: 'postpaid',
} as const;

/** What an operator's own renderer makes: charged when it has ended, by the seconds that there are. */
export const externalModels: readonly ModelDefinition[] = [
  {
    ...video,
    id: 'external-standard',
    name: 'External',
    description: 'Videos from a renderer elsewhere, paid for when they are there.',
    providerModel: 'standard',
  },
  {
    ...video,
    id: 'external-pro',
    name: 'External Pro',
    description: 'Finer videos from a renderer elsewhere, paid for when they are there.',
    providerModel: 'pro',
  },
];
