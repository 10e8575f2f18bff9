import { expect, test } from 'vitest';
import { parseRange } from '../../src/http/range.ts';

test.each([
  [undefined, null],
  ['', null],
  ['bytes=-', null],
  ['items=0-1', null],
  ['bytes=0-1,5-6', null],
  ['bytes=5-2', null],
  ['bytes=a-b', null],
  ['bytes=0-', { start: 0, end: 99 }],
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=10-19', { start: 10, end: 19 }],
  ['bytes=90-1000', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
] as const)('of 100 bytes, %s means %j', (header, range) => {
  expect(parseRange(header, 100)).toEqual(range);
});
