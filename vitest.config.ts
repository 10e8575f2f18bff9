import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'tools/test/**/*.test.ts'],
    globalSetup: ['tools/postgres-for-tests.ts'],
    // Files run side by side, each with databases of its own; the machine is expected to have two cores.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    // What is waited for comes when it comes: a busy machine is no failure.
    expect: { poll: { timeout: 30_000 } },
    sequence: { hooks: 'stack' },
    allowOnly: false,
  },
});
