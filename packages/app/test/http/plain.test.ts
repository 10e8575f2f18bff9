import { expect, test } from 'vitest';
import { plain } from '../../src/http/plain.ts';

test('amounts become exact integers, instants become text, at any depth', () => {
  const view = {
    credits: 42n,
    at: new Date('2026-01-02T03:04:05.678Z'),
    list: [{ amount: -1n }],
    none: null,
  };
  expect(plain(view)).toEqual({
    credits: 42,
    at: '2026-01-02T03:04:05.678Z',
    list: [{ amount: -1 }],
    none: null,
  });
});

test('an amount that JSON could not write exactly is refused, not rounded', () => {
  expect(plain(BigInt(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => plain({ credits: BigInt(Number.MAX_SAFE_INTEGER) + 1n })).toThrow(RangeError);
});
