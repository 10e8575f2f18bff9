import { afterEach, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import { kieWorld } from '../../providers/kie/world.ts';
import { replicateWorld } from '../../providers/replicate/world.ts';
import { healthWorld, picture, posts } from './support.ts';
import type { HealthWorld } from './support.ts';

let health: HealthWorld | null = null;
let services: Service[] = [];
afterEach(async () => {
  await health?.close();
  await Promise.all(services.map((service) => service.close()));
  health = null;
  services = [];
});

test('two workers share one limit: a burst waits in the queue and never meets a 429', async () => {
  const { service, provider } = await kieWorld({ knobs: { callback: 'none', limited: true } });
  services.push(service);
  const banana = picture({ id: 'banana', provider: 'kie', model: 'nano-banana' });
  health = await healthWorld({ providers: [provider], models: [{ model: banana }] });
  const person = await health.person();
  for (let n = 0; n < 26; n += 1) await health.ask(person, 'banana');
  const h = health;
  await Promise.all([h.work(), h.work()]);
  await h.eventually(() => posts(service).accepted, 20);
  await h.eventually(() => h.states(), { queued: 6, succeeded: 20 });
  await h.pass('4 seconds');
  await h.chores();
  expect(posts(service)).toEqual({ accepted: 20, refused: 0 });
  // The vendor counts by a clock that can't be moved.
  service.knobs.limited = false;
  await h.pass('7 seconds');
  await h.eventually(() => h.states(), { succeeded: 26 });
  expect(posts(service)).toEqual({ accepted: 26, refused: 0 });
});

test('a 429 holds back every worker for as long as the vendor says, and costs nobody an attempt', async () => {
  const { service, provider } = await replicateWorld({ knobs: { callback: 'none' } });
  services.push(service);
  const flux = picture({ id: 'flux', provider: 'replicate', model: 'black-forest-labs/flux-schnell' });
  health = await healthWorld({ providers: [provider], models: [{ model: { ...flux, maxAttempts: 1 } }] });
  const h = health;
  const person = await h.person();
  service.knobs.submit = ['throttle', 'throttle', 'throttle', 'throttle'];
  for (let n = 0; n < 3; n += 1) await h.ask(person, 'flux');
  await Promise.all([h.work(), h.work()]);
  await h.eventually(() => posts(service).refused > 0);
  const early = posts(service).refused;
  await h.pass('20 seconds');
  await h.chores();
  expect(posts(service).accepted).toBe(0);
  expect(posts(service).refused).toBe(early);
  await h.eventually(
    async () => {
      await h.pass('31 seconds');
      return h.states();
    },
    { succeeded: 3 },
  );
  expect(await h.openAlerts()).toEqual([]);
});
