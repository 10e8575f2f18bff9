import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { forgetModels, listModels } from '../../src/generations/catalogue/catalogue.ts';
import { calculateCost, createQuote } from '../../src/generations/accept/quote.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { createWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import { createPipeline, scriptedModel } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';

let world: World;
let pipeline: Pipeline;
const model = scriptedModel.id;
const input = { prompt: 'a test', duration_seconds: 5 };

beforeAll(async () => {
  world = await createWorld();
  const provider = createScriptedProvider({ url: 'http://127.0.0.1:9' });
  pipeline = await createPipeline({ db: world.db, log: world.log, providers: [provider] });
});

afterAll(async () => {
  await pipeline.close();
  await world.close();
});

/** What an operator does. */
async function setPrice(version: string, credits: number, policy = 'reserve'): Promise<void> {
  await world.admin.query(
    `insert into holdfast.price (version, model_id, unit, credits_per_unit, policy) values ($1, $2, 'second', $3, $4)`,
    [version, model, credits, policy],
  );
  forgetModels(world.db);
}

test('a quote pins its price through a change of price, until it expires; its retry works for ever', async () => {
  const personId = await pipeline.person(1_000n);
  const quote = await createQuote(pipeline.deps, { personId, model, input });
  expect(quote).toMatchObject({ credits: 50n, units: 5, price_version: 'scripted-video/1' });
  await setPrice('scripted-video/2', 20);
  expect(await calculateCost(pipeline.deps, { personId, model, input })).toMatchObject({ credits: 100n });

  const command = { personId, key: 'one', request: { quote: quote.id } };
  const { generation } = await acceptGeneration(pipeline.deps, command);
  expect(generation.receipt).toMatchObject({ quoted: 50n, held: 50n, price_version: 'scripted-video/1' });

  await world.clock.advance('16 minutes');
  const late = { personId, key: 'two', request: { quote: quote.id } };
  await expect(acceptGeneration(pipeline.deps, late)).rejects.toMatchObject({ code: 'quote_expired' });
  await expect(acceptGeneration(pipeline.deps, command)).resolves.toMatchObject({ replayed: true });
});

test('a later start leaves the prices that an operator has set', async () => {
  await setPrice('scripted-video/3', 30);
  await seedCatalogue(world.db, [{ model: scriptedModel, creditsPerUnit: 10n }]);
  const [shown] = await listModels(pipeline.deps);
  expect(shown?.price).toMatchObject({ version: 'scripted-video/3', credits_per_unit: 30n });
});

test('a model that an operator has edited is left as it is; another gets what is new', async () => {
  const renamed = { ...scriptedModel, name: 'New name' };
  await seedCatalogue(world.db, [{ model: renamed, creditsPerUnit: 10n }]);
  expect(await listModels(pipeline.deps)).toMatchObject([{ name: 'New name' }]);
  await world.admin.query(
    `update holdfast.model set name = 'Edited', paused_reason = 'its account is empty', edited_at = now()`,
  );
  await seedCatalogue(world.db, [{ model: scriptedModel, creditsPerUnit: 10n }]);
  expect(await listModels(pipeline.deps)).toMatchObject([{ name: 'Edited', available: false }]);
  await world.admin.query(`update holdfast.model set paused_reason = null`);
  forgetModels(world.db);
});

test('a price names its charge policy; what was quoted before keeps the old one', async () => {
  const personId = await pipeline.person(1_000n);
  const before = await createQuote(pipeline.deps, { personId, model, input });
  await setPrice('scripted-video/4', 10, 'prepaid');
  const after = await createQuote(pipeline.deps, { personId, model, input });
  expect([before.policy, after.policy]).toEqual(['reserve', 'prepaid']);
  for (const [quote, held] of [
    [before, before.credits],
    [after, 0n],
  ] as const) {
    const command = { personId, key: quote.id, request: { quote: quote.id } };
    const { generation } = await acceptGeneration(pipeline.deps, command);
    expect(generation.receipt).toMatchObject({ policy: quote.policy, held });
  }
});

test('a quote of what is paid for at the end counts what is in flight', async () => {
  await setPrice('scripted-video/5', 10, 'postpaid');
  const personId = await pipeline.person(100n);
  const request = { model, input };
  await acceptGeneration(pipeline.deps, { personId, key: 'one', request });
  const quote = await createQuote(pipeline.deps, {
    personId,
    model,
    input: { ...input, duration_seconds: 6 },
  });
  expect(quote).toMatchObject({ balance: { available: 100n }, sufficient: false, shortfall: 10n });
});
