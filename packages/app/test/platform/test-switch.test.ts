import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isRemoved, readRemoval, removals } from '../../src/platform/test-switch.ts';

test('nothing is taken away by itself', () => {
  expect(removals.filter(isRemoved)).toEqual([]);
  expect(readRemoval({})).toBeNull();
  expect(readRemoval({ HOLDFAST_TEST: '1' })).toBeNull();
});

test('a test may take away what there is, and nothing else', () => {
  expect(readRemoval({ TEST_REMOVE: 'marker', HOLDFAST_TEST: '1' })).toBe('marker');
  expect(() => readRemoval({ TEST_REMOVE: 'everything', HOLDFAST_TEST: '1' })).toThrow(
    /one of marker, claim/,
  );
});

test.each([
  [{ TEST_REMOVE: 'claim' }],
  [{ TEST_REMOVE: 'claim', HOLDFAST_TEST: 'yes' }],
  [{ TEST_REMOVE: 'claim', HOLDFAST_TEST: '1', NODE_ENV: 'production' }],
])('a process with %j does not start', (env) => {
  expect(() => readRemoval(env)).toThrow(/for tests alone/);
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main, 'worker'], {
    env: { PATH: process.env['PATH'], ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect(status).toBe(1);
  expect(stderr).toContain('TEST_REMOVE takes a protection away and is for tests alone');
});
