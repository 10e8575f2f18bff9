/**
 * Protections that a test can take away from a process, one at a time, to see that the proof notices: a check that can't fail proves
 * nothing. A process so switched says so in its environment and refuses to start anywhere but in a test.
 */
export const removals = ['marker', 'claim', 'sweeper', 'key'] as const;
export type Removal = (typeof removals)[number];

/** @throws Error where a switch is set outside a test, or is not one */
export function readRemoval(env: Readonly<Record<string, string | undefined>>): Removal | null {
  const wanted = env['TEST_REMOVE'];
  if (wanted === undefined || wanted === '') return null;
  if (env['NODE_ENV'] === 'production' || env['HOLDFAST_TEST'] !== '1') {
    throw new Error(
      'TEST_REMOVE takes a protection away and is for tests alone: unset it, or set HOLDFAST_TEST=1 and never NODE_ENV=production.',
    );
  }
  const known = removals.find((name) => name === wanted);
  if (known === undefined) throw new Error(`TEST_REMOVE is one of ${removals.join(', ')}.`);
  return known;
}

const taken = readRemoval(process.env);

/** True where a test took this protection away; in production always false. */
export function isRemoved(name: Removal): boolean {
  return taken === name;
}
