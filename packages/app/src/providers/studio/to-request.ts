import { createHash } from 'node:crypto';
import { InvalidInputError } from '../../platform/errors.ts';
import type { Attempt } from '../port.ts';
import type { StudioRequest } from './request.ts';

/**
 * An attempt in the words of the catalogue, as the renderer's request. Without a seed in the input it gets its own, since who asks for the same again
 * wants another. Throws `InvalidInputError` studio_input_invalid.
 */
export function toStudioRequest(
  attempt: Pick<Attempt, 'token' | 'model' | 'input' | 'files'>,
): StudioRequest {
  const { input, model } = attempt;
  const text = (name: string): string => (typeof input[name] === 'string' ? input[name] : '');
  const list = (name: string): string[] => (Array.isArray(input[name]) ? input[name].map(String) : []);
  const photo = (): string => {
    const file = attempt.files['image'];
    if (file === undefined) throw refused('image', 'a photo is needed');
    return file.path;
  };
  const common = {
    shape: input['aspect_ratio'],
    quality: model === 'pro' ? 'pro' : 'standard',
    seed: input['seed'] ?? createHash('sha256').update(attempt.token).digest().readUInt32BE(),
  };
  const style = input['style'] === undefined ? {} : { style: input['style'] };
  const seconds = { seconds: input['duration_seconds'] };
  // Only its own check decides what the renderer takes: it parses what is built here.
  return (model === 'image' ? imageOf() : videoOf()) as StudioRequest;

  function imageOf(): object {
    switch (input['template']) {
      case 'prompt':
        return { make: 'image_prompt', prompt: text('prompt'), ...style, ...common };
      case 'photo':
        return { make: 'image_photo', photo: photo(), prompt: text('prompt'), ...style, ...common };
      default:
        throw refused('template', 'it is not one of this model');
    }
  }

  function videoOf(): object {
    switch (input['template']) {
      case 'prompt':
        return { make: 'video_prompt', prompt: text('prompt'), ...style, ...seconds, ...common };
      case 'reels':
        return {
          make: 'video_reels',
          photo: photo(),
          prompt: text('prompt'),
          ...style,
          ...seconds,
          ...common,
        };
      case 'neurocard':
        return {
          make: 'video_neurocard',
          photo: photo(),
          name: text('product_name'),
          price: text('product_price'),
          sellingPoints: list('selling_points'),
          ...style,
          ...seconds,
          ...common,
        };
      default:
        throw refused('template', 'it is not one of this model');
    }
  }
}

function refused(field: string, why: string): InvalidInputError {
  return new InvalidInputError('studio_input_invalid', `The renderer can't use "${field}": ${why}.`, {
    field,
  });
}
