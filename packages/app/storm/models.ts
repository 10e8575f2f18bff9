import type { ChargePolicy } from '../src/credits/rules.ts';
import { count, fromWords, prompt } from '../src/generations/catalogue/models/parts.ts';
import type { ModelDefinition } from '../src/generations/catalogue/model-definition.ts';

export interface StormModel {
  readonly model: ModelDefinition;
  readonly creditsPerUnit: bigint;
  readonly policy: ChargePolicy;
  /** Wishes out of all. */
  readonly weight: number;
  /** How many may be asked for at once. */
  readonly mostAtOnce: number;
}

type Shape = Omit<StormModel, 'model' | 'mostAtOnce'> &
  Pick<ModelDefinition, 'id' | 'kind' | 'providerId' | 'providerModel'> & {
    readonly more?: Partial<ModelDefinition>;
    /** The vendor's own word for how many. */
    readonly countedAs?: string;
  };

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
];

/** Long enough that what waits for a worker or a vendor is made after all, on a slow machine too: what can only wait for it has it passed in the end. */
const deadline_seconds = 1_500;
const least_deadline_seconds = 60;
const price_usd = 0.1;

/** What the storm asks for, with deadlines that end within the storm. */
export function stormModels(timeScale: number): readonly StormModel[] {
  return shapes.map(({ creditsPerUnit, policy, weight, more, countedAs, ...shape }) => ({
    creditsPerUnit,
    policy,
    weight,
    mostAtOnce: countedAs === undefined ? 1 : most_pictures,
    model: {
      ...shape,
      name: shape.id,
      description: 'Asked for in storms.',
      templates: fromWords(prompt(200), ...(countedAs === undefined ? [] : [count(most_pictures)])),
      aspectRatios: ['9:16', '1:1'],
      seconds: shape.kind === 'video' ? { min: 1, max: 8, default: 3 } : null,
      submitTimeoutSeconds: 4,
      deadlineSeconds: Math.round(Math.max(least_deadline_seconds, deadline_seconds / timeScale)),
      runTimeoutSeconds: null,
      maxAttempts: 3,
      pollSeconds: Math.max(1, 3 / timeScale),
      providerPriceUsd: price_usd,
      ...(countedAs === undefined ? {} : { mapping: { inputs: { prompt: 'prompt', count: countedAs } } }),
      ...more,
    },
  }));
}
