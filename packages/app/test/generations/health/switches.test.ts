import { afterEach, expect, test } from 'vitest';
import type { Service } from '../../../emulators/shared/service.ts';
import { forgetModels } from '../../../src/generations/catalogue/catalogue.ts';
import type { ModelDefinition } from '../../../src/generations/catalogue/model-definition.ts';
import { modelHealth } from '../../../src/generations/catalogue/model-health.ts';
import { spentToday } from '../../../src/generations/pick-up/spend.ts';
import { capProvider, limitRunning, pauseProvider } from '../../../src/providers/health/accounts.ts';
import { falWorld } from '../../providers/fal/world.ts';
import { kieWorld } from '../../providers/kie/world.ts';
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

const banana = picture({ id: 'banana', provider: 'kie', model: 'nano-banana', fallback: 'flux' });
const flux = picture({ id: 'flux', provider: 'fal', model: 'fal-ai/flux/dev' });

const prompt = flux.templates[0]?.inputs ?? [];
const withPhoto: ModelDefinition = {
  ...flux,
  templates: [
    {
      id: 'prompt',
      label: 'From a photo',
      description: 'Words and a photo.',
      inputs: [...prompt, { type: 'image', name: 'image', label: 'Photo', required: true }],
    },
  ],
};

async function onBoth(
  models: readonly { model: typeof banana; credits?: bigint }[] = [{ model: banana }, { model: flux }],
): Promise<{ health: HealthWorld; kie: Service; fal: Service }> {
  const kie = await kieWorld({ knobs: { callback: 'none' } });
  const fal = await falWorld({ knobs: { callback: 'none' } });
  services.push(kie.service, fal.service);
  health = await healthWorld({ providers: [kie.provider, fal.provider], models });
  return { health, kie: kie.service, fal: fal.service };
}

test('a daily cap: nothing is submitted beyond it until midnight UTC, and the operator hears at four fifths and at the whole', async () => {
  const { health: h, kie } = await onBoth([
    { model: picture({ id: 'banana', provider: 'kie', model: 'nano-banana' }) },
  ]);
  await h.world.clock.set(new Date('2027-06-01T23:00:00Z'));
  await capProvider(h.world.db, 'kie', 0.5);
  const person = await h.person();
  await Promise.all([h.work(), h.work()]);
  for (let n = 0; n < 4; n += 1) await h.ask(person, 'banana');
  await h.eventually(() => h.states(), { succeeded: 4 });
  await h.eventually(() => h.openAlerts(), ['provider/kie/cap']);
  for (let n = 0; n < 6; n += 1) await h.ask(person, 'banana');
  await h.eventually(() => h.states(), { queued: 5, succeeded: 5 });
  await h.pass('10 minutes');
  await h.chores();
  expect(posts(kie)).toEqual({ accepted: 5, refused: 0 });
  expect(await spentToday(h.world.db, 'kie')).toBeCloseTo(0.5);
  await h.pass('51 minutes');
  await h.eventually(() => h.states(), { succeeded: 10 });
  expect(await spentToday(h.world.db, 'kie')).toBeCloseTo(0.5);
  await expectInvariants(h.world.admin, h.pipeline);
});

test('the switch: new requests are refused with a sentence and hold nothing, what is queued waits', async () => {
  const { health: h, kie } = await onBoth([
    { model: picture({ id: 'banana', provider: 'kie', model: 'nano-banana' }) },
  ]);
  const person = await h.person();
  const early = await h.ask(person, 'banana');
  await pauseProvider(h.world.db, 'kie', 'Maintenance until noon');
  forgetModels(h.world.db);
  await h.work();
  await expect(h.ask(person, 'banana')).rejects.toMatchObject({
    code: 'model_unavailable',
    message:
      'banana is not available at the moment: Maintenance until noon. Please try another model, or later.',
  });
  expect(await h.pipeline.balance(person)).toMatchObject({ held: 10n });
  await h.pass('10 minutes');
  await h.chores();
  expect(posts(kie)).toEqual({ accepted: 0, refused: 0 });
  expect(await h.see(person, early)).toMatchObject({ status: 'queued', queue: { reason: 'model_waiting' } });
  expect((await modelHealth(h.world.db)).get('banana')).toMatchObject({ circuit: 'open', reason: 'paused' });
  await pauseProvider(h.world.db, 'kie', null);
  forgetModels(h.world.db);
  await h.ask(person, 'banana');
  await h.eventually(() => h.states(), { succeeded: 2 });
});

test('no more tasks at once than an operator allows, over all workers', async () => {
  const { health: h, kie } = await onBoth([
    { model: picture({ id: 'banana', provider: 'kie', model: 'nano-banana' }) },
  ]);
  await limitRunning(h.world.db, 'kie', 2);
  kie.knobs.runMs = 300;
  const person = await h.person();
  for (let n = 0; n < 6; n += 1) await h.ask(person, 'banana');
  await Promise.all([h.work(), h.work()]);
  let most = 0;
  await h.eventually(
    async () => {
      const alive = [...kie.tasks.values()].filter((task) => ['queued', 'running'].includes(kie.phase(task)));
      most = Math.max(most, alive.length);
      return h.states();
    },
    { succeeded: 6 },
  );
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(2);
});

test('what waits goes to the fallback at the same quote, and the person sees what they asked for', async () => {
  const { health: h, kie, fal } = await onBoth();
  kie.knobs.balanceUsd = 0;
  await h.work();
  const person = await h.person();
  const ids = [await h.ask(person, 'banana'), await h.ask(person, 'banana')];
  await h.eventually(() => h.states(), { succeeded: 2 });
  expect(posts(fal).accepted).toBe(2);
  const view = await h.see(person, ids[0] ?? '');
  expect(view).toMatchObject({ model: 'banana', receipt: { quoted: 10n, captured: 10n } });
  const { rows } = await h.world.db.query(
    `select g.provider_id, g.provider_model, a.provider_id as by, a.provider_model as model, a.state
       from holdfast.generation g join holdfast.attempt a on a.generation_id = g.id
      where g.id = $1 and a.state = 'succeeded'`,
    [ids[0]],
  );
  expect(rows).toEqual([
    {
      provider_id: 'fal',
      provider_model: 'fal-ai/flux/dev',
      by: 'fal',
      model: 'fal-ai/flux/dev',
      state: 'succeeded',
    },
  ]);
  const { rows: steps } = await h.world.db.query<{ timeline: { provider?: string }[] }>(
    'select timeline from holdfast.generation where id = $1',
    [ids[0]],
  );
  expect(steps[0]?.timeline.filter((step) => step.provider === 'fal')).toHaveLength(1);
  expect(await h.pipeline.balance(person)).toMatchObject({ total: 980n, held: 0n });
  await expectInvariants(h.world.admin, h.pipeline);
});

test.each([
  ['dearer', [{ model: banana }, { model: flux, credits: 11n }]],
  [
    'of another kind of input',
    [
      { model: banana },
      {
        model: withPhoto,
      },
    ],
  ],
])('a fallback that is %s is none', async (_what, models) => {
  const { health: h, kie, fal } = await onBoth(models);
  kie.knobs.balanceUsd = 0;
  await h.work();
  const person = await h.person();
  await h.ask(person, 'banana');
  await h.eventually(async () => (await h.openAlerts()).includes('circuit/kie'));
  await h.chores();
  expect(await h.states()).toEqual({ queued: 1 });
  expect(posts(fal).accepted).toBe(0);
});

test('a fallback that is not well itself is not gone to', async () => {
  const { health: h, kie, fal } = await onBoth();
  kie.knobs.balanceUsd = 0;
  await pauseProvider(h.world.db, 'fal', 'off');
  await h.work();
  const person = await h.person();
  await h.ask(person, 'banana');
  await h.eventually(async () => (await h.openAlerts()).includes('circuit/kie'));
  await h.chores();
  expect(await h.states()).toEqual({ queued: 1 });
  await pauseProvider(h.world.db, 'fal', null);
  forgetModels(h.world.db);
  await h.eventually(() => h.states(), { succeeded: 1 });
  expect(posts(fal).accepted).toBe(1);
});

test('what its provider failed at as often as it may goes to the fallback too', async () => {
  const { health: h, kie, fal } = await onBoth();
  kie.knobs.fail = ['system', 'system', 'system'];
  await h.work();
  const person = await h.person();
  const id = await h.ask(person, 'banana');
  await h.eventually(async () => (await h.see(person, id)).status, 'succeeded');
  expect(posts(kie).accepted).toBe(2);
  expect(posts(fal).accepted).toBe(1);
  expect(await h.pipeline.balance(person)).toMatchObject({ total: 990n, held: 0n });
});
