import { afterEach, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import { listAlerts } from '../../../src/alerts/queries.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { alertBelow } from '../../../src/providers/health/accounts.ts';
import { readBalance } from '../../../src/providers/health/balances.ts';
import { kieWorld } from '../../providers/kie/world.ts';
import { healthWorld, picture, posts } from './support.ts';
import type { HealthWorld } from './support.ts';

let health: HealthWorld | null = null;
let service: Service | null = null;
afterEach(async () => {
  await health?.close();
  await service?.close();
  health = null;
  service = null;
});

async function onKie(balanceUsd: number): Promise<{ health: HealthWorld; kie: Service }> {
  const kie = await kieWorld({ knobs: { callback: 'none', balanceUsd } });
  service = kie.service;
  const banana = picture({ id: 'banana', provider: 'kie', model: 'nano-banana' });
  health = await healthWorld({ providers: [kie.provider], models: [{ model: banana }] });
  return { health, kie: kie.service };
}

test('the operator is told how many days are left, and hears when it is over', async () => {
  const { health: h, kie } = await onKie(100);
  for (let hour = 0; hour < 24; hour += 1) {
    await h.chores();
    expect(await h.openAlerts()).toEqual([]);
    kie.knobs.balanceUsd -= 1;
    await h.pass('1 hour');
  }
  await h.chores();
  expect(await h.openAlerts()).toEqual([]);
  const { daysLeft } = (await readBalance(h.world.db, 'kie')) ?? {};
  expect(daysLeft).toBeGreaterThan(3);
  expect(daysLeft).toBeLessThan(3.4);
  kie.knobs.balanceUsd -= 16;
  await h.pass('6 minutes');
  await h.chores();
  const [alert] = await listAlerts(h.world.db);
  expect(alert).toMatchObject({
    key: 'provider/kie/balance',
    severity: 'warning',
    title: 'kie: 1.4 days left',
  });
  const metrics = createMetrics(h.world.db);
  const text = await metrics.registry.metrics();
  expect(text).toContain('holdfast_provider_balance_usd{provider="kie"} 60');
  expect(text).toMatch(/holdfast_provider_days_left\{provider="kie"\} 1\.4/);
  kie.knobs.balanceUsd += 200;
  await h.pass('6 minutes');
  await h.chores();
  expect(await h.openAlerts()).toEqual([]);
});

test('an absolute amount alerts as well', async () => {
  const { health: h } = await onKie(9);
  await alertBelow(h.world.db, 'kie', 10);
  await h.chores();
  expect(await listAlerts(h.world.db)).toMatchObject([{ title: 'kie has $9.00 left', cleared_at: null }]);
});

test('one worker at a time asks, and only every few minutes', async () => {
  const { health: h } = await onKie(9);
  await Promise.all(Array.from({ length: 5 }, () => h.chores()));
  await h.pass('4 minutes');
  await h.chores();
  const { rows } = await h.world.db.query('select from holdfast.provider_balance');
  expect(rows).toHaveLength(1);
});

test('nobody is sent off for a balance that does not cover them', async () => {
  const { health: h, kie } = await onKie(0.05);
  await h.chores();
  expect(await h.openAlerts()).toContain('circuit/kie');
  await h.work();
  const person = await h.person();
  await h.ask(person, 'banana');
  await h.pass('10 minutes');
  await h.chores();
  expect(posts(kie)).toEqual({ accepted: 0, refused: 0 });
  kie.knobs.balanceUsd = 10;
  await h.pass('31 seconds');
  await h.eventually(() => h.states(), { succeeded: 1 });
  expect(await h.openAlerts()).toEqual([]);
});
