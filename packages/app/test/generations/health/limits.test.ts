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
  for (let n = 0; n < 12; n += 1) await health.ask(person, 'banana');
  await Promise.all([health.work(), health.work()]);
  // Seven tenths of a second between two, after a burst of five: the vendor counts by a clock that can't be moved.
  const h = health;
  await h.eventually(() => h.states(), { succeeded: 12 });
  expect(posts(service)).toEqual({ accepted: 12, refused: 0 });
  const times = service.book.posts.map(({ at }) => Date.parse(at)).toSorted((a, b) => a - b);
  const [first = 0] = times;
  expect(times.filter((at) => at - first < 500).length).toBeLessThanOrEqual(6);
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
  await h.world.clock.advance('20 seconds');
  await h.chores();
  expect(posts(service).accepted).toBe(0);
  expect(posts(service).refused).toBe(early);
  await h.eventually(
    async () => {
      await h.world.clock.advance('31 seconds');
      return h.states();
    },
    { succeeded: 3 },
  );
  expect(await h.openAlerts()).toEqual([]);
});
