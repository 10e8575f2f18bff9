import { afterEach, expect, test } from 'vitest';
import { holdBackQuestions } from '../../../src/generations/steps/note-health.ts';
import { listOpenCircuits } from '../../../src/providers/health/circuits.ts';
import { forgetGates } from '../../../src/providers/health/gate.ts';
import { takeToken } from '../../../src/providers/health/tokens.ts';
import { kieWorld } from '../../providers/kie/world.ts';
import { healthWorld } from './support.ts';
import type { HealthWorld } from './support.ts';

let health: HealthWorld | null = null;
afterEach(async () => {
  await health?.close();
  health = null;
});

test('a question that is too much holds back the others, one with a refused key opens the circuit', async () => {
  const { service, provider } = await kieWorld();
  await service.close();
  health = await healthWorld({ providers: [provider], models: [] });
  const { deps } = health.pipeline;
  const throttled = { code: '429', message: 'Too many', httpStatus: 200, retryAfterSeconds: 40 };
  await holdBackQuestions(deps, provider, throttled, undefined);
  expect(await takeToken(deps.db, 'kie', 'status')).toBeGreaterThan(35);
  expect(await takeToken(deps.db, 'kie', 'submit')).toBe(0);
  await health.world.clock.advance('41 seconds');
  forgetGates(deps.db);
  expect(await takeToken(deps.db, 'kie', 'status')).toBe(0);
  expect(await listOpenCircuits(deps.db)).toEqual([]);
  await holdBackQuestions(deps, provider, { code: '401', message: 'no access' }, health.world.clock.now());
  expect(await listOpenCircuits(deps.db)).toMatchObject([{ provider_model: '', reason: 'auth' }]);
  await holdBackQuestions(deps, provider, { code: 'unreachable', message: 'no route' }, undefined);
  expect(await listOpenCircuits(deps.db)).toHaveLength(1);
});
