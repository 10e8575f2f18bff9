import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogueFile } from '../../src/generations/catalogue/catalogue-file.ts';
import { exportCatalogue } from '../../src/generations/catalogue/operate-catalogue.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { firstCatalogue } from '../../src/generations/catalogue/first-prices.ts';
import {
  importByHand,
  offerByHand,
  setCostByHand,
  setPriceByHand,
} from '../../src/operations/change-models.ts';
import {
  capProviderByHand,
  limitProvider,
  retryProvider,
  switchProvider,
} from '../../src/operations/change-providers.ts';
import type { OperationsDeps } from '../../src/operations/deps.ts';
import { listActions } from '../../src/operations/operator-log.ts';
import { openCircuit } from '../../src/providers/health/circuits.ts';
import { createPipeline } from '../generations/pipeline.ts';
import type { Pipeline } from '../generations/pipeline.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
let pipeline: Pipeline;
let deps: OperationsDeps;
const by = { operator: 'cli ada', reason: 'a reason' };
const rules = {
  creditsPerSecondStandard: 10n,
  creditsPerSecondPro: 14n,
  creditsPerUsd: 100,
  priceMargin: 1.5,
};

beforeAll(async () => {
  world = await createWorld();
  pipeline = await createPipeline({ db: world.db, log: world.log, providers: [] });
  deps = { db: world.db, credits: pipeline.deps.credits, generations: pipeline.deps };
  await seedCatalogue(world.db, firstCatalogue(['kie'], rules));
});
afterAll(async () => {
  await pipeline.close();
  await world.close();
});

async function lastAction() {
  const [line] = await listActions(world.db, { limit: 1 });
  return line;
}

test('what is decided about a provider is in the log, with how things stood before and after', async () => {
  await switchProvider(deps, by, 'kie', 'Maintenance');
  expect(await lastAction()).toMatchObject({
    operator: 'cli ada',
    action: 'pause_provider',
    subject: 'kie',
    reason: 'a reason',
    outcome: 'done',
    before: { paused_reason: null },
    after: { paused_reason: 'Maintenance' },
  });
  await switchProvider(deps, by, 'kie', null);
  expect(await lastAction()).toMatchObject({ action: 'resume_provider', after: { paused_reason: null } });
  await capProviderByHand(deps, by, 'kie', 25.5);
  expect(await lastAction()).toMatchObject({
    action: 'cap_provider',
    before: { daily_cap_usd: null },
    after: { daily_cap_usd: 25.5 },
  });
  await limitProvider(deps, by, 'kie', { running: 4, submit: { count: 1, seconds: 2 } });
  expect(await lastAction()).toMatchObject({
    action: 'limit_provider',
    before: { max_running: null, limits: {} },
    after: { max_running: 4, limits: { submit: { count: 1, seconds: 2 } } },
  });
  await openCircuit(
    { db: world.db, log: world.log },
    { providerId: 'kie', providerModel: '' },
    { reason: 'auth', detail: '401' },
  );
  expect(await retryProvider(deps, by, 'kie', '')).toBe(true);
  expect(await lastAction()).toMatchObject({
    action: 'retry_provider',
    outcome: 'done',
    before: { circuits: [{ model: '', reason: 'auth' }] },
    after: { circuits: [] },
  });
  expect(await retryProvider(deps, by, 'kie', '')).toBe(false);
  expect(await lastAction()).toMatchObject({ outcome: 'nothing_to_do' });
});

test('what is decided about models and prices is in the log', async () => {
  await setPriceByHand(deps, by, { model: 'kie-z-image', creditsPerUnit: 3n });
  expect(await lastAction()).toMatchObject({
    action: 'set_price',
    subject: 'kie-z-image',
    before: { price: { credits_per_unit: 1 } },
    after: { price: { credits_per_unit: 3 } },
  });
  await setCostByHand(deps, by, { model: 'kie-z-image', usd: 0.005, source: 'https://kie.ai/pricing' });
  expect(await lastAction()).toMatchObject({
    action: 'set_cost',
    before: { provider_price_usd: 0.004 },
    after: {
      provider_price_usd: 0.005,
      provider_price_source: 'https://kie.ai/pricing',
      provider_price_read_on: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string,
    },
  });
  await offerByHand(deps, by, 'kie-z-image', false);
  expect(await lastAction()).toMatchObject({ action: 'withdraw_model', after: { offered: false } });
  await expect(offerByHand(deps, by, 'nothing', true)).rejects.toMatchObject({ code: 'not_found' });
  expect(await lastAction()).toMatchObject({ action: 'withdraw_model' });
});

test('a file that is brought in is in the log with what it changed; a dry run and one that changes nothing are not', async () => {
  const file = catalogueFile.parse(await exportCatalogue(world.db));
  const model = file.models.find(({ id }) => id === 'kie-z-image');
  const other = file.models.find(({ id }) => id === 'kie-wan-2-7');
  if (model === undefined || other === undefined) throw new Error('no such model');
  model.offered = true;
  file.models.push({ ...other, id: 'kie-wan-again' });
  const before = await listActions(world.db, { limit: 100 });
  await importByHand(deps, by, file, { dryRun: true });
  expect(await listActions(world.db, { limit: 100 })).toEqual(before);
  await importByHand(deps, by, file, { dryRun: false });
  expect(await lastAction()).toMatchObject({
    action: 'import_models',
    subject: 'catalogue',
    outcome: 'done',
    before: { 'kie-z-image': { offered: false }, 'kie-wan-again': null },
    after: {
      'kie-z-image': { offered: true },
      'kie-wan-again': { provider_model: 'wan/2-7-text-to-video' },
    },
  });
  await importByHand(deps, by, file, { dryRun: false });
  expect(await listActions(world.db, { limit: 100 })).toHaveLength(before.length + 1);
});
