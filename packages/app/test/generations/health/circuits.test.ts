import { afterEach, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import { modelHealth } from '../../../src/generations/catalogue/model-health.ts';
import { listOpenCircuits } from '../../../src/providers/health/circuits.ts';
import { falWorld } from '../../providers/fal/world.ts';
import { kieWorld } from '../../providers/kie/world.ts';
import { replicateWorld } from '../../providers/replicate/world.ts';
import { expectInvariants } from '../invariants.ts';
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

const banana = picture({ id: 'banana', provider: 'kie', model: 'nano-banana' });
const seedream = picture({ id: 'seedream', provider: 'kie', model: 'seedream-image' });

async function onKie(models = [banana, seedream]): Promise<{ health: HealthWorld; kie: Service }> {
  const { service, provider } = await kieWorld({ knobs: { callback: 'none' } });
  services.push(service);
  health = await healthWorld({ providers: [provider], models: models.map((model) => ({ model })) });
  return { health, kie: service };
}

const reasons = async (of: HealthWorld) =>
  (await listOpenCircuits(of.world.db)).map(({ provider_model, reason }) => `${provider_model}:${reason}`);

test('a provider dry for an hour: nobody fails, nothing is charged, and all goes on after the top-up without a person', async () => {
  const { health: h, kie } = await onKie();
  kie.knobs.balanceUsd = 0.35;
  const people = await Promise.all(Array.from({ length: 4 }, () => h.person()));
  await h.work();
  for (const person of people) for (let n = 0; n < 3; n += 1) await h.ask(person, 'banana');
  await h.eventually(async () => (await h.states())['succeeded'], 3);
  await h.eventually(() => reasons(h), [':balance']);
  expect(await h.openAlerts()).toContain('circuit/kie');
  const early = posts(kie).refused;
  // Twelve times five minutes.
  for (let look = 0; look < 12; look += 1) {
    await h.pass('5 minutes');
    await h.chores();
  }
  await h.eventually(() => h.states(), { queued: 9, succeeded: 3 });
  // Not tried again by every one of them every minute: the balance says that it would be for nothing.
  expect(posts(kie).refused - early).toBeLessThan(5);
  for (const person of people) {
    const { total, held } = await h.pipeline.balance(person);
    expect(total - held).toBeGreaterThanOrEqual(970n);
  }
  kie.knobs.balanceUsd = 100;
  await h.pass('31 seconds');
  await h.eventually(() => h.states(), { succeeded: 12 });
  expect(await reasons(h)).toEqual([]);
  expect(await h.openAlerts()).not.toContain('circuit/kie');
  for (const person of people)
    expect(await h.pipeline.balance(person)).toMatchObject({ total: 970n, held: 0n });
  await expectInvariants(h.world.admin, h.pipeline);
  expect(posts(kie).accepted).toBe(12);
});

test('where the balance cannot be asked for, a probe finds out', async () => {
  const { service, provider } = await replicateWorld({ knobs: { callback: 'none', balanceUsd: 0 } });
  services.push(service);
  const flux = picture({ id: 'flux', provider: 'replicate', model: 'black-forest-labs/flux-schnell' });
  health = await healthWorld({ providers: [provider], models: [{ model: flux }] });
  const h = health;
  await h.work();
  const person = await h.person();
  for (let n = 0; n < 5; n += 1) await h.ask(person, 'flux');
  await h.eventually(() => reasons(h), [':balance']);
  const early = posts(service).refused;
  for (let minute = 0; minute < 10; minute += 1) {
    await h.pass('1 minute');
    await h.eventually(() => reasons(h), [':balance']);
  }
  expect(posts(service).refused - early).toBeLessThanOrEqual(10);
  service.knobs.balanceUsd = 100;
  await h.pass('6 minutes');
  await h.eventually(() => h.states(), { succeeded: 5 });
  expect(await h.openAlerts()).toEqual([]);
});

test('a fal account that is locked for want of balance (403) waits for its top-up, and nobody pays for that', async () => {
  const { service, provider } = await falWorld({ knobs: { callback: 'none', balanceUsd: 0 } });
  services.push(service);
  const flux = picture({ id: 'flux', provider: 'fal', model: 'fal-ai/flux/dev' });
  health = await healthWorld({ providers: [provider], models: [{ model: flux }] });
  const h = health;
  await h.work();
  const person = await h.person();
  for (let n = 0; n < 3; n += 1) await h.ask(person, 'flux');
  await h.eventually(() => reasons(h), [':balance']);
  expect(await h.openAlerts()).toContain('circuit/fal');
  await h.eventually(() => h.states(), { queued: 3 });
  service.knobs.balanceUsd = 100;
  await h.pass('10 minutes');
  await h.eventually(() => h.states(), { succeeded: 3 });
  expect(await reasons(h)).toEqual([]);
  expect(posts(service).accepted).toBe(3);
  expect(await h.pipeline.balance(person)).toMatchObject({ total: 970n, held: 0n });
});

test('a deadline ends the waiting, with the credits back and no word of the operator', async () => {
  const { health: h, kie } = await onKie();
  kie.knobs.balanceUsd = 0;
  await h.work();
  const person = await h.person();
  const id = await h.ask(person, 'banana');
  await h.eventually(() => reasons(h), [':balance']);
  await h.pass('2 hours');
  await h.eventually(async () => (await h.see(person, id)).status, 'failed');
  expect((await h.see(person, id)).error).toMatchObject({ code: 'deadline' });
  expect(await h.pipeline.balance(person)).toMatchObject({ total: 1_000n, held: 0n });
});

test('a refused key opens the circuit; it closes once the key is let in', async () => {
  const { service, provider } = await kieWorld({ knobs: { callback: 'none' } });
  services.push(service);
  health = await healthWorld({ providers: [provider], models: [{ model: banana }] });
  const h = health;
  const refusal = { status: 401, body: { code: 401, msg: 'You do not have access permissions' } };
  service.knobs.submit = [refusal, refusal];
  await h.work();
  const person = await h.person();
  for (let n = 0; n < 3; n += 1) await h.ask(person, 'banana');
  await h.eventually(() => reasons(h), [':auth']);
  expect(await h.openAlerts()).toEqual(['circuit/kie']);
  service.knobs.submit = [];
  await h.pass('2 minutes');
  await h.eventually(() => h.states(), { succeeded: 3 });
  expect(await h.openAlerts()).toEqual([]);
});

test('a paused interface (505) stops that model alone', async () => {
  const { health: h, kie } = await onKie();
  const paused = { status: 200, body: { code: 505, msg: 'This interface is temporarily paused' } };
  kie.knobs.submit = [paused];
  await h.work();
  const person = await h.person();
  const first = await h.ask(person, 'banana');
  await h.eventually(() => reasons(h), ['nano-banana:config']);
  const others = [await h.ask(person, 'seedream'), await h.ask(person, 'seedream')];
  await h.eventually(async () => (await h.states())['succeeded'], 2);
  for (const id of others) expect((await h.see(person, id)).status).toBe('succeeded');
  expect((await h.see(person, first)).status).toBe('queued');
  const known = await modelHealth(h.world.db);
  expect(known.get('banana')).toMatchObject({ circuit: 'open', reason: 'config' });
  expect(known.get('seedream')).toMatchObject({ circuit: 'closed', reason: null, success_rate_24h: 1 });
  await h.pass('61 seconds');
  await h.eventually(() => h.states(), { succeeded: 3 });
  expect(await reasons(h)).toEqual([]);
});

test('failures of many people open it for a short while; of one person they do not', async () => {
  const { health: h, kie } = await onKie([{ ...banana, maxAttempts: 1 }, seedream]);
  await h.work();
  const alone = await h.person();
  kie.knobs.fail = Array.from({ length: 6 }, () => 'system');
  for (let n = 0; n < 6; n += 1) await h.ask(alone, 'banana');
  await h.eventually(() => h.states(), { failed: 6 });
  expect(await reasons(h)).toEqual([]);
  await h.pass('10 minutes');
  kie.knobs.fail = Array.from({ length: 5 }, () => 'system');
  const people = await Promise.all(Array.from({ length: 5 }, () => h.person()));
  for (const person of people) await h.ask(person, 'banana');
  await h.eventually(() => reasons(h), ['nano-banana:failures']);
  await h.eventually(() => h.states(), { failed: 11 });
  const waiting = await h.ask(alone, 'banana');
  await h.chores();
  expect((await h.see(alone, waiting)).status).toBe('queued');
  await h.pass('25 seconds');
  await h.eventually(async () => (await h.see(alone, waiting)).status, 'succeeded');
  expect(await reasons(h)).toEqual([]);
  expect(await h.pipeline.balance(alone)).toMatchObject({ total: 990n, held: 0n });
});

test('what the operator was to blame for uses up no attempts', async () => {
  const { health: h, kie } = await onKie();
  kie.knobs.submit = [
    { status: 200, body: { code: 402, msg: 'The current credits are insufficient. Please top up.' } },
    { status: 200, body: { code: 402, msg: 'The current credits are insufficient. Please top up.' } },
  ];
  kie.knobs.fail = ['system'];
  await h.work();
  const person = await h.person();
  const id = await h.ask(person, 'banana');
  await h.eventually(async () => {
    await h.pass('31 seconds');
    return (await h.see(person, id)).status;
  }, 'succeeded');
  expect(posts(kie)).toEqual({ accepted: 2, refused: 2 });
});

test('a provider that is out of reach is left alone, and asked again by one at a time', async () => {
  const { service, provider } = await kieWorld({ knobs: { callback: 'none' } });
  await service.close();
  health = await healthWorld({ providers: [provider], models: [{ model: banana }] });
  const h = health;
  await h.work();
  const people = [await h.person(), await h.person()];
  for (const person of people) for (let n = 0; n < 3; n += 1) await h.ask(person, 'banana');
  await h.eventually(() => reasons(h), [':failures']);
  const tried = async () => {
    const { rows } = await h.world.db.query<{ count: number }>(
      'select count(*)::integer from holdfast.attempt',
    );
    return rows[0]?.count ?? 0;
  };
  const early = await tried();
  for (let minute = 0; minute < 10; minute += 1) {
    await h.pass('1 minute');
    await h.chores();
    await h.eventually(() => reasons(h), [':failures']);
  }
  expect((await tried()) - early).toBeLessThanOrEqual(10);
  expect(await h.states()).toEqual({ queued: 6 });
});

test('submits that nobody knows the outcome of open it too, before they cost more', async () => {
  const { health: h, kie } = await onKie();
  kie.knobs.submit = Array.from({ length: 5 }, () => 'accept_then_drop');
  await h.work();
  const people = [await h.person(), await h.person()];
  for (const person of people) for (let n = 0; n < 4; n += 1) await h.ask(person, 'banana');
  await h.eventually(() => reasons(h), ['nano-banana:failures']);
  expect((await h.states())['outcome_unknown']).toBeGreaterThanOrEqual(5);
});
