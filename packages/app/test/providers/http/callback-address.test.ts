import { expect, test } from 'vitest';
import { callbackAddress } from '../../../src/providers/http/callback-address.ts';

const at = (callbackUrl: string | null, allowPrivateAddresses = false) =>
  callbackAddress({ callbackUrl }, { allowPrivateAddresses });

test.each([
  ['https://video.example.com/hooks/fal/x', true],
  ['http://video.example.com/hooks/fal/x', false],
  ['http://127.0.0.1:8000/hooks/fal/x', false],
  ['https://127.0.0.1/hooks/fal/x', false],
  ['https://[::1]/hooks/fal/x', false],
  ['https://localhost/hooks/fal/x', false],
  ['https://10.1.2.3/hooks/fal/x', false],
])('a vendor is told to call %s: %s', (url, told) => {
  expect(at(url)).toBe(told ? url : null);
  expect(at(url, true)).toBe(url);
});

test('nothing stays nothing', () => {
  expect(at(null)).toBeNull();
});
