import { afterAll, beforeAll, expect, test } from 'vitest';
import { creditsForUsd } from '../../src/credits/rules.ts';
import { catalogueFile } from '../../src/generations/catalogue/catalogue-file.ts';
import { listModels, models } from '../../src/generations/catalogue/catalogue.ts';
import { firstCatalogue } from '../../src/generations/catalogue/first-prices.ts';
import { applyMapping } from '../../src/generations/catalogue/mapping.ts';
import {
  exportCatalogue,
  importCatalogue,
  setModelOffered,
  setModelPrice,
} from '../../src/generations/catalogue/operate-catalogue.ts';
import { createQuote } from '../../src/generations/accept/quote.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { idleProvider } from '../support/idle-provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

const everybody = ['studio', 'kie', 'fal', 'replicate'];
const rules = {
  creditsPerSecondStandard: 10n,
  creditsPerSecondPro: 14n,
  creditsPerUsd: 100,
  priceMargin: 1.5,
};
let world: World;
let pipeline: Pipeline;
const seed = () => seedCatalogue(world.db, firstCatalogue(everybody, rules));

beforeAll(async () => {
  world = await createWorld();
  pipeline = await createPipeline({
    db: world.db,
    log: world.log,
    providers: ['studio', 'kie', 'fal'].map((id) => idleProvider(id)),
  });
  await seed();
});
afterAll(async () => {
  await pipeline.close();
  await world.close();
});

test('each vendor has models of both kinds, from words and from photos, and the table takes all of them', async () => {
  const all = firstCatalogue(everybody, rules).map(({ model }) => model);
  for (const vendor of ['kie', 'fal', 'replicate']) {
    const own = all.filter(({ providerId }) => providerId === vendor);
    expect(own.length).toBeGreaterThanOrEqual(6);
    expect(new Set(own.map(({ kind }) => kind))).toEqual(new Set(['video', 'image']));
    const takesPhotos = own.filter(({ templates }) =>
      templates.some(({ inputs }) => inputs.some(({ type }) => type === 'image')),
    );
    expect(new Set(takesPhotos.map(({ kind }) => kind))).toEqual(new Set(['video', 'image']));
  }
  const ids = new Set(all.map(({ id }) => id));
  expect(ids.size).toBe(all.length);
  expect(all.flatMap(({ fallbackModelId }) => fallbackModelId ?? []).filter((id) => !ids.has(id))).toEqual(
    [],
  );
  expect(catalogueFile.parse(await exportCatalogue(world.db)).models.length).toBe(all.length + 1);
});

test('what stands in for a model costs people no more: else it never would', () => {
  const first = new Map(firstCatalogue(everybody, rules).map((entry) => [entry.model.id, entry]));
  const named = [...first.values()].filter(({ model }) => model.fallbackModelId !== undefined);
  expect(named.length).toBeGreaterThan(3);
  const dearer = named.filter(({ model, creditsPerUnit }) => {
    const fallback = first.get(model.fallbackModelId ?? '');
    return fallback === undefined || fallback.creditsPerUnit > creditsPerUnit;
  });
  expect(dearer.map(({ model }) => model.id)).toEqual([]);
});

test('every price of a paid provider says where it was read', () => {
  const paid = firstCatalogue(['kie', 'fal', 'replicate'], rules).map(({ model }) => model);
  const silent = paid.filter(
    ({ providerPriceUsd = 0, providerPriceFrom }) =>
      providerPriceUsd <= 0 || providerPriceFrom?.source.startsWith('https:') !== true,
  );
  expect(silent).toEqual([]);
});

test('every input that people fill in reaches its provider, and nothing that it does not know', () => {
  for (const { model } of firstCatalogue(['kie', 'fal', 'replicate'], rules)) {
    const asked = model.templates.flatMap(({ inputs }) => inputs.map(({ name }) => name));
    expect(Object.keys(model.mapping?.inputs ?? {})).toEqual(expect.arrayContaining(asked));
    const fixed = model.seconds === null || model.seconds.min === model.seconds.max;
    expect(fixed || model.mapping?.inputs['duration_seconds'] !== undefined).toBe(true);
  }
});

test('dollars become credits by rate and margin, rounded up once and never by a hair of floating point', () => {
  const at = (usd: number, creditsPerUsd = 100, margin = 1.5) =>
    creditsForUsd(usd, { creditsPerUsd, margin });
  expect([at(0.09), at(0.04), at(0.3), at(0.004), at(0)]).toEqual([14n, 6n, 45n, 1n, 1n]);
  expect(at(0.07, 100, 1)).toBe(7n);
  expect(at(0.1, 3, 1.1)).toBe(1n);
  expect(at(0.29, 100, 1)).toBe(29n);
});

test('models of a provider without a key are not offered', async () => {
  const offered = (await listModels(pipeline.deps)).map(({ provider }) => provider);
  expect(new Set(offered)).toEqual(new Set(['studio', 'kie', 'fal']));
});

test('a request is put into the words of its provider', () => {
  const image = new Set(['image']);
  const stored = {
    inputs: {
      prompt: 'prompt',
      image: 'image_urls[0]',
      duration_seconds: { to: 'duration', text: { suffix: 's' } },
      aspect_ratio: { to: 'image_size', values: { '1:1': 'square_hd' } },
      seed: 'seed',
    },
    constants: { sound: false, multi_prompt: [] },
  };
  const input = { template: 'prompt', prompt: 'a cat', image: 'upl_1', duration_seconds: 5 };
  expect(applyMapping(stored, { ...input, aspect_ratio: '1:1' }, image)).toEqual({
    input: { sound: false, multi_prompt: [], prompt: 'a cat', duration: '5s', image_size: 'square_hd' },
    files: { 'image_urls[0]': 'upl_1' },
  });
  expect(applyMapping(stored, { prompt: 'x', aspect_ratio: '9:16' }, image).input).toMatchObject({
    image_size: '9:16',
  });
  expect(applyMapping(null, input, image)).toEqual({ input, files: { image: 'upl_1' } });
  expect(() => applyMapping({ inputs: { prompt: '__proto__.x' } }, input, image)).toThrow(/image_urls\[0\]/);
});

test('a length that a model does not make is refused with those that it makes', async () => {
  const person = await pipeline.person(10_000n);
  const asking = (duration_seconds: number) =>
    createQuote(pipeline.deps, {
      personId: person,
      model: 'fal-kling-2-5-turbo',
      input: { prompt: 'waves', duration_seconds },
    });
  await expect(asking(7)).rejects.toMatchObject({
    code: 'input_not_offered',
    data: { field: 'duration_seconds', choices: [5, 10] },
  });
  expect(await asking(10)).toMatchObject({ units: 10, credits: 110n });
});

test('a new price is a new version: what was quoted keeps its own, and the same again changes nothing', async () => {
  const person = await pipeline.person(10_000n);
  const ask = () =>
    createQuote(pipeline.deps, { personId: person, model: 'kie-z-image', input: { prompt: 'a fox' } });
  expect(await ask()).toMatchObject({ credits: 1n, price_version: 'kie-z-image/1' });
  const change = { model: 'kie-z-image', creditsPerUnit: 3n };
  expect(await setModelPrice(world.db, change)).toEqual({ version: 'kie-z-image/2', changed: true });
  expect(await setModelPrice(world.db, change)).toEqual({ version: 'kie-z-image/2', changed: false });
  await seed();
  expect(await ask()).toMatchObject({ credits: 3n, price_version: 'kie-z-image/2' });
  await expect(setModelPrice(world.db, { model: 'nothing', creditsPerUnit: 1n })).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a file is brought in whole, after a dry run that changes nothing; a seed leaves it alone', async () => {
  const file = await exportCatalogue(world.db);
  const edited = structuredClone(file);
  const kling = edited.models.find(({ id }) => id === 'kie-kling-3-0');
  if (!kling?.mapping) throw new Error('no such model');
  kling.name = 'Kling 3';
  kling.mapping.constants = { ...kling.mapping.constants, mode: 'std' };
  kling.price.credits_per_unit = 20;
  kling.max_unknown_cost_usd = 0.5;
  edited.models.push({ ...structuredClone(kling), id: 'kie-kling-again', offered: false });
  const wanted = [
    { model: 'kie-kling-3-0', kind: 'changed', fields: ['name', 'max_unknown_cost_usd', 'mapping', 'price'] },
    { model: 'kie-kling-again', kind: 'added', fields: [] },
  ];
  const dry = await importCatalogue(world.db, edited, { dryRun: true });
  expect(dry.filter(({ kind }) => kind !== 'unchanged')).toEqual(wanted);
  expect(await exportCatalogue(world.db)).toEqual(file);
  await importCatalogue(world.db, edited, { dryRun: false });
  await seed();
  expect((await models(world.db)).get('kie-kling-3-0')).toMatchObject({
    name: 'Kling 3',
    maxUnknownCostUsd: 0.5,
    mapping: { constants: { mode: 'std' } },
    price: { version: 'kie-kling-3-0/2', creditsPerUnit: 20n },
  });
  const again = await importCatalogue(world.db, await exportCatalogue(world.db), { dryRun: false });
  expect(new Set(again.map(({ kind }) => kind))).toEqual(new Set(['unchanged']));
});

test('what is no catalogue is refused with every problem, and nothing is written', async () => {
  const file = await exportCatalogue(world.db);
  const broken = structuredClone(file);
  const [first, second] = broken.models;
  if (!first || !second) throw new Error('an empty catalogue');
  first.price.credits_per_unit = -1;
  second.seconds = null;
  await expect(importCatalogue(world.db, broken, { dryRun: false })).rejects.toMatchObject({
    code: 'catalogue_invalid',
    data: { problems: [expect.stringContaining('credits_per_unit'), expect.stringContaining('seconds')] },
  });
  const moved = structuredClone(file);
  if (moved.models[0]) moved.models[0].provider = 'elsewhere';
  await expect(importCatalogue(world.db, moved, { dryRun: true })).rejects.toMatchObject({
    code: 'catalogue_invalid',
  });
  expect(await exportCatalogue(world.db)).toEqual(file);
});

test('what is withdrawn is no longer offered, and a seed does not bring it back', async () => {
  await setModelOffered(world.db, 'kie-wan-2-7', false);
  await seed();
  expect((await listModels(pipeline.deps)).map(({ id }) => id)).not.toContain('kie-wan-2-7');
  await setModelOffered(world.db, 'kie-wan-2-7', true);
  expect((await listModels(pipeline.deps)).map(({ id }) => id)).toContain('kie-wan-2-7');
});
