import { expect, test } from 'vitest';
import { createWorld } from '../support/world.ts';
import { stormPayments } from './storm/storm.ts';

test('a small storm: webhooks go wrong, servers die, and the books agree', { timeout: 400_000 }, async () => {
  const world = await createWorld();
  try {
    const { found, ...report } = await stormPayments({
      databaseUrl: world.appUrl,
      purchases: 40,
      kills: 2,
      servers: 2,
      seed: 7,
      say: () => undefined,
    });
    expect(found).toEqual([]);
    expect(report).toMatchObject({ kills: 2, violations: 0, seed: 7 });
    expect(report.purchases).toBeGreaterThanOrEqual(40);
  } finally {
    await world.close();
  }
});
