import { expect, test } from 'vitest';
import { toStudioRequest } from '../../src/providers/studio/to-request.ts';

const asked = (token: string, seed?: number) =>
  toStudioRequest({
    token,
    model: 'standard',
    input: { template: 'prompt', prompt: 'Again', duration_seconds: 3, aspect_ratio: '1:1', seed },
    files: {},
  });

test('an attempt has a seed of its own, the same whenever it is begun again; another attempt has another', () => {
  const { seed } = asked('one');
  expect(seed).toBeTypeOf('number');
  expect(asked('one')).toEqual(asked('one'));
  expect(asked('two').seed).not.toBe(seed);
});

test('a seed that is asked for is the seed', () => {
  expect(asked('one', 7).seed).toBe(7);
  expect(asked('two', 0).seed).toBe(0);
});
