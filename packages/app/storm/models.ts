import type { ModelDefinition } from '../src/generations/model-definition.ts';
import type { ChargePolicy } from '../src/credits/rules.ts';

export interface StormModel {
  readonly model: ModelDefinition;
  readonly creditsPerUnit: bigint;
  readonly policy: ChargePolicy;
  /** Wishes out of all. */
  readonly weight: number;
}

interface Shape {
  readonly id: string;
  readonly kind: 'video' | 'image';
  readonly providerId: string;
  readonly providerModel: string;
  readonly creditsPerUnit: bigint;
  readonly policy: ChargePolicy;
  readonly weight: number;
}

/** KIE takes the fewest submits, so it gets the fewest wishes. */
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
    id: 'storm-kie-image',
    kind: 'image',
    providerId: 'kie',
    providerModel: 'nano-banana-pro',
    creditsPerUnit: 3n,
    policy: 'reserve',
    weight: 1,
  },
  {
    id: 'storm-fal-video',
    kind: 'video',
    providerId: 'fal',
    providerModel: 'fal-ai/kling/text-to-video',
    creditsPerUnit: 9n,
    policy: 'reserve',
    weight: 5,
  },
  {
    id: 'storm-fal-image',
    kind: 'image',
    providerId: 'fal',
    providerModel: 'fal-ai/flux/dev',
    creditsPerUnit: 2n,
    policy: 'prepaid',
    weight: 3,
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
  },
];

/** A deadline that is short, and still longer than a worker's death takes to be noticed, twice. */
const deadline_seconds = 480;
const least_deadline_seconds = 60;

/** What the storm asks for: every vendor, both kinds, with deadlines that end within the storm. */
export function stormModels(timeScale: number): readonly StormModel[] {
  return shapes.map(({ creditsPerUnit, policy, weight, ...shape }) => ({
    creditsPerUnit,
    policy,
    weight,
    model: {
      ...shape,
      name: shape.id,
      description: 'Asked for in storms.',
      templates: [
        {
          id: 'prompt',
          label: 'From words',
          description: 'Words.',
          inputs: [
            {
              type: 'text',
              name: 'prompt',
              label: 'Words',
              required: true,
              max_length: 200,
              multiline: true,
            },
          ],
        },
      ],
      aspectRatios: ['9:16', '1:1'],
      seconds: shape.kind === 'video' ? { min: 1, max: 8, default: 3 } : null,
      submitTimeoutSeconds: 4,
      deadlineSeconds: Math.max(least_deadline_seconds, deadline_seconds / timeScale),
      runTimeoutSeconds: null,
      maxAttempts: 3,
      pollSeconds: Math.max(1, 3 / timeScale),
    },
  }));
}
