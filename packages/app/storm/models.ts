import type { ChargePolicy } from '../src/credits/rules.ts';
import { count, fromPhoto, fromWords, image, prompt } from '../src/generations/catalogue/models/parts.ts';
import { studioModels } from '../src/generations/catalogue/models/studio.ts';
import type { ModelDefinition } from '../src/generations/catalogue/model-definition.ts';

export interface StormModel {
  readonly model: ModelDefinition;
  readonly creditsPerUnit: bigint;
  readonly policy: ChargePolicy;
  /** Wishes out of all. */
  readonly weight: number;
  /** How many may be asked for at once. */
  readonly mostAtOnce: number;
  readonly takesPhoto: boolean;
}

type Shape = Omit<StormModel, 'model' | 'mostAtOnce' | 'takesPhoto'> &
  Pick<ModelDefinition, 'id' | 'kind' | 'providerId' | 'providerModel'> & {
    readonly more?: Partial<ModelDefinition>;
    /** The vendor's own word for how many. */
    readonly countedAs?: string;
    /** And for a photo. */
    readonly photoAs?: string;
  };

/** Asked for by nobody but those who wait for an hour. */
export const patient_model = 'storm-patient';
const most_pictures = 4;

/** Every vendor, both kinds, all three ways to charge; KIE takes the fewest submits, so it gets the fewest wishes. */
const shapes: readonly Shape[] = [
  {
    id: 'storm-kie-video',
    kind: 'video',
    providerId: 'kie',
    providerModel: 'veo-3-1',
    creditsPerUnit: 7n,
    policy: 'reserve',
    weight: 2,
  },
  {
    // So cheap that it is rather paid twice than waited for.
    id: 'storm-kie-image',
    kind: 'image',
    providerId: 'kie',
    providerModel: 'nano-banana-pro',
    creditsPerUnit: 3n,
    policy: 'reserve',
    weight: 1,
    more: { maxUnknownCostUsd: 1 },
  },
  {
    id: 'storm-fal-video',
    kind: 'video',
    providerId: 'fal',
    providerModel: 'fal-ai/kling/text-to-video',
    creditsPerUnit: 8n,
    policy: 'reserve',
    weight: 5,
    more: { fallbackModelId: 'storm-replicate-video' },
  },
  {
    id: 'storm-fal-image',
    kind: 'image',
    providerId: 'fal',
    providerModel: 'fal-ai/flux/dev',
    creditsPerUnit: 2n,
    policy: 'prepaid',
    weight: 3,
    countedAs: 'num_images',
  },
  {
    id: 'storm-replicate-video',
    kind: 'video',
    providerId: 'replicate',
    providerModel: 'storm/film',
    creditsPerUnit: 8n,
    policy: 'reserve',
    weight: 5,
  },
  {
    id: 'storm-replicate-image',
    kind: 'image',
    providerId: 'replicate',
    providerModel: 'storm/picture-flux',
    creditsPerUnit: 4n,
    policy: 'postpaid',
    weight: 3,
    countedAs: 'num_outputs',
  },
  {
    // What is asked for in chats as well.
    id: 'storm-fal-photo',
    kind: 'video',
    providerId: 'fal',
    providerModel: 'fal-ai/kling/image-to-video',
    creditsPerUnit: 4n,
    policy: 'reserve',
    weight: 1,
    photoAs: 'image_url',
  },
  {
    id: 'storm-replicate-photo',
    kind: 'video',
    providerId: 'replicate',
    providerModel: 'storm/moving',
    creditsPerUnit: 6n,
    policy: 'reserve',
    weight: 1,
    photoAs: 'start_image',
  },
  {
    id: 'storm-kie-photo',
    kind: 'image',
    providerId: 'kie',
    providerModel: 'nano-banana-pro',
    creditsPerUnit: 3n,
    policy: 'reserve',
    weight: 1,
    photoAs: 'image_input[0]',
  },
  {
    // Made on this machine, and dear to it.
    id: 'storm-studio-image',
    kind: 'image',
    providerId: 'studio',
    providerModel: 'image',
    creditsPerUnit: 2n,
    policy: 'reserve',
    weight: 0.6,
    more: { submitTimeoutSeconds: 30, runTimeoutSeconds: 300, pollSeconds: 0.5 },
  },
  {
    id: patient_model,
    kind: 'video',
    providerId: 'replicate',
    providerModel: 'storm/patient',
    creditsPerUnit: 5n,
    policy: 'reserve',
    weight: 0,
    more: { deadlineSeconds: 3 * 3_600 },
  },
];

/** What the bot offers. */
const in_chats = (studioModels.find(({ kind }) => kind === 'video')?.templates ?? []).filter(({ id }) =>
  ['reels', 'neurocard'].includes(id),
);

/** Long enough that what waits for a worker or a vendor is made after all, on a slow machine too: what can only wait for it has it passed in the end. */
const deadline_seconds = 1_500;
const least_deadline_seconds = 60;
const price_usd = 0.1;

/** What the storm asks for, with deadlines that end within the storm. */
export function stormModels(timeScale: number): readonly StormModel[] {
  return shapes.map(({ creditsPerUnit, policy, weight, more, countedAs, photoAs, ...shape }) => ({
    creditsPerUnit,
    policy,
    weight,
    mostAtOnce: countedAs === undefined ? 1 : most_pictures,
    takesPhoto: photoAs !== undefined,
    model: {
      ...shape,
      name: shape.id,
      description: 'Asked for in storms.',
      templates: templatesOf(shape.kind, countedAs, photoAs),
      aspectRatios: ['9:16', '1:1'],
      seconds: shape.kind === 'video' ? { min: 1, max: 8, default: 3 } : null,
      submitTimeoutSeconds: 4,
      deadlineSeconds: Math.round(Math.max(least_deadline_seconds, deadline_seconds / timeScale)),
      runTimeoutSeconds: null,
      maxAttempts: 3,
      pollSeconds: Math.max(1, 3 / timeScale),
      ...(shape.providerId === 'studio' ? {} : { providerPriceUsd: price_usd }),
      ...(countedAs === undefined ? {} : { mapping: { inputs: { prompt: 'prompt', count: countedAs } } }),
      ...(photoAs === undefined
        ? {}
        : {
            mapping: { inputs: { prompt: 'prompt', product_name: 'prompt', image: photoAs, seed: 'seed' } },
          }),
      ...more,
    },
  }));
}

function templatesOf(
  kind: ModelDefinition['kind'],
  countedAs?: string,
  photoAs?: string,
): ModelDefinition['templates'] {
  if (countedAs !== undefined) return fromWords(prompt(200), count(most_pictures));
  if (photoAs === undefined) return fromWords(prompt(200));
  return [...fromPhoto(image(true), prompt(200)), ...(kind === 'video' ? in_chats : [])];
}
