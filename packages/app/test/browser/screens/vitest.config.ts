import { defineConfig } from 'vitest/config';

/** `npm run screens`: not a test, but made in a test's world, on the real server with the real renderer. */
export default defineConfig({
  test: {
    root: new URL('../../../../..', import.meta.url).pathname,
    include: ['packages/app/test/browser/screens/take.ts'],
    globalSetup: ['tools/postgres-for-tests.ts'],
    pool: 'forks',
    testTimeout: 900_000,
    hookTimeout: 180_000,
    reporters: ['dot'],
  },
});
