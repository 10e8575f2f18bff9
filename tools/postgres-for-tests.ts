import type { TestProject } from 'vitest/node';
import { temporaryPostgres } from './temporary-postgres.ts';

/**
 * Vitest's global setup: one Postgres for the whole run, in which every test file makes databases of its own. TEST_ADMIN_URL
 * names another one, as a superuser, to run tests on another version.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_ADMIN_URL'];
  if (given !== undefined) {
    project.provide('adminUrl', given);
    return () => Promise.resolve();
  }
  // Vitest leaves without a word on these; leaving by `exit` takes Postgres along.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  const postgres = await temporaryPostgres('none');
  project.provide('adminUrl', postgres.adminUrl('postgres'));
  return () => postgres.close();
}
