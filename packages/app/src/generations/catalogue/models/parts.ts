import type { ModelInput, ModelTemplate } from '../catalogue.ts';
import type { ModelDefinition } from '../model-definition.ts';

/** What models of paid providers have in common. Most of the deadline may be a wait for a provider that is away for a while. */
export const common = {
  submitTimeoutSeconds: 60,
  deadlineSeconds: 3_600,
  runTimeoutSeconds: null,
  maxAttempts: 2,
  pollSeconds: 10,
} satisfies Partial<ModelDefinition>;

export function prompt(maxLength: number): ModelInput {
  return {
    type: 'text',
    name: 'prompt',
    label: 'Words',
    required: true,
    max_length: maxLength,
    multiline: true,
  };
}

/** How many to make: each is quoted, and charged only if it is delivered. */
export function count(max: number): ModelInput {
  return {
    type: 'number',
    name: 'count',
    label: 'How many',
    required: false,
    min: 1,
    max,
    step: 1,
    default: 1,
  };
}

export function image(required: boolean): ModelInput {
  return { type: 'image', name: 'image', label: 'Photo', required };
}

export function fromWords(...inputs: readonly ModelInput[]): readonly ModelTemplate[] {
  return [{ id: 'prompt', label: 'From words', description: 'What you describe.', inputs }];
}

export function fromPhoto(...inputs: readonly ModelInput[]): readonly ModelTemplate[] {
  return [{ id: 'photo', label: 'From a photo', description: 'Your photo, as you describe.', inputs }];
}

export const tall_square_wide = ['9:16', '1:1', '16:9'] as const;
export const tall_wide = ['9:16', '16:9'] as const;

/** How some image models name our aspect ratios. */
export const image_sizes = { '9:16': 'portrait_16_9', '1:1': 'square_hd', '16:9': 'landscape_16_9' };
